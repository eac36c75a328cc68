"""What the steps of playbooks say that billing depends on: decisions, and dates of transitions."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import ClinicRow, CycleRow, EnrollmentRow, NoteRow, StepRow
from ccm_flow.adapters.db.views_names import Plans
from ccm_flow.core.billing.model import DecisionMaking, Discharge, ProgramId
from ccm_flow.core.ids import CycleId, EnrollmentId, StepId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.core.words import Disposition

DECISIONS: Final = StepId("decision_making")
"""The step in which the practitioner records the month's decisions (playbooks/complex_ccm)."""
_LEVELS: Final = {
    # What the outcome surely says; 99487 asks for no more. A higher level is stated by itself.
    "moderate_or_high": DecisionMaking.MODERATE,
    "low": DecisionMaking.LOW,
}
DATES: Final = StepId("check_dates")
"""The step in which the biller checks a transition's dates (playbooks/transitional_care)."""
_BY_DAY_7: Final = "by_day_7"
_BY_DAY_14: Final = "by_day_14"


def decisions_of(
    session: Session, scope: ColumnElement[bool], month: Month
) -> dict[EnrollmentId, DecisionMaking | None]:
    """Give the level that the month's completed step says, of the enrollments that have one."""
    rows = session.exec(
        select(CycleRow.enrollment_id, StepRow.outcome)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .where(
            scope,
            CycleRow.month == month,
            CycleRow.kind == PlaybookKind.MONTHLY,
            StepRow.step_id == DECISIONS,
            StepRow.status == StepStatus.DONE,
        )
        .order_by(col(StepRow.round))
    )
    return {EnrollmentId(enrollment): _LEVELS.get(outcome or "") for enrollment, outcome in rows}


def discharges_of(
    session: Session, scope: ColumnElement[bool], month: Month
) -> dict[EnrollmentId, dict[Discharge, ProgramId]]:
    """
    Give the discharges whose visit lies in a month and whose dates were checked as in time.

    An episode that ended otherwise than ready is not billed: the patient died or went back into
    hospital within the thirty days, or somebody else has billed it.
    """
    rows = session.exec(
        select(CycleRow, StepRow, ClinicRow.time_zone)
        .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(ClinicRow, col(ClinicRow.id) == col(EnrollmentRow.clinic_id))
        .where(
            scope,
            CycleRow.kind == PlaybookKind.EPISODE,
            (CycleRow.status != CycleStatus.ENDED) | (CycleRow.disposition == Disposition.READY),
            StepRow.step_id == DATES,
            StepRow.status == StepStatus.DONE,
            col(StepRow.outcome).in_((_BY_DAY_7, _BY_DAY_14)),
        )
        .order_by(col(CycleRow.opened_at), col(StepRow.round))
    ).all()
    latest = {cycle.id: (cycle, step, ZoneInfo(zone)) for cycle, step, zone in rows}
    if not latest:
        return {}
    fields = _fields(session, list(latest))
    plans = Plans(session, {cycle.playbook_sha256 for cycle, *_ in latest.values()})
    found: dict[EnrollmentId, dict[Discharge, ProgramId]] = defaultdict(dict)
    for cycle, step, zone in latest.values():
        discharge = _discharge(cycle, step, fields.get((cycle.id, step.key), {}), zone)
        if discharge.visit_on is not None and Month.of(discharge.visit_on) == month:
            program = ProgramId(plans.plan(cycle.playbook_sha256).program)
            found[cycle.enrollment_id][discharge] = program
    return found


def _discharge(
    cycle: CycleRow, step: StepRow, fields: Mapping[str, Any], zone: ZoneInfo
) -> Discharge:
    """Read the checked dates; the episode itself began with the discharge."""
    level = _level(fields.get("complexity"))
    if step.outcome == _BY_DAY_14:
        level = DecisionMaking.MODERATE  # the biller chose the lower service: 99495
    return Discharge(
        on=_day(fields.get("discharged_on")) or _on(cycle.opened_at, zone),
        contacted_in_time=True,
        visit_on=_day(fields.get("seen_on")),
        decision_making=level,
    )


def _fields(
    session: Session, cycles: Collection[CycleId]
) -> dict[tuple[CycleId | None, StepKey | None], Mapping[str, Any]]:
    """Give the newest note of each step of some cycles; an amendment says it anew."""
    notes = session.exec(
        select(NoteRow)
        .where(col(NoteRow.cycle_id).in_(cycles))
        .order_by(col(NoteRow.written_at), col(NoteRow.id))
    )
    return {(note.cycle_id, note.step_key): note.fields for note in notes}


def _level(value: object) -> DecisionMaking | None:
    return next((level for level in DecisionMaking if level == value), None)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _on(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
