"""What the steps of playbooks say that billing depends on: decisions, and dates of transitions."""

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.projection import plan_of
from ccm_flow.adapters.db.tables import CycleRow, NoteRow, StepRow
from ccm_flow.core.billing.model import DecisionMaking, Discharge, ProgramId
from ccm_flow.core.ids import EnrollmentId, StepId
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


def decisions_of(session: Session, enrollment: EnrollmentId, month: Month) -> DecisionMaking | None:
    """Give the level that the month's completed step says; None when it says none."""
    step = session.exec(
        select(StepRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(
            CycleRow.enrollment_id == enrollment,
            CycleRow.month == month,
            CycleRow.kind == PlaybookKind.MONTHLY,
            StepRow.step_id == DECISIONS,
            StepRow.status == StepStatus.DONE,
        )
        .order_by(col(StepRow.round).desc())
    ).first()
    return None if step is None else _LEVELS.get(step.outcome or "")


def discharges_of(
    session: Session, enrollment: EnrollmentId, month: Month, zone: ZoneInfo
) -> dict[Discharge, ProgramId]:
    """
    Give the discharges whose visit lies in a month and whose dates were checked as in time.

    An episode that ended otherwise than ready is not billed: the patient died or went back into
    hospital within the thirty days, or somebody else has billed it.
    """
    rows = session.exec(
        select(CycleRow, StepRow)
        .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
        .where(
            CycleRow.enrollment_id == enrollment,
            CycleRow.kind == PlaybookKind.EPISODE,
            (CycleRow.status != CycleStatus.ENDED) | (CycleRow.disposition == Disposition.READY),
            StepRow.step_id == DATES,
            StepRow.status == StepStatus.DONE,
            col(StepRow.outcome).in_((_BY_DAY_7, _BY_DAY_14)),
        )
        .order_by(col(CycleRow.opened_at), col(StepRow.round))
    ).all()
    latest = {cycle.id: (cycle, step) for cycle, step in rows}
    found = {}
    for cycle, step in latest.values():
        discharge = _discharge(session, cycle, step, zone)
        if discharge.visit_on is not None and Month.of(discharge.visit_on) == month:
            found[discharge] = ProgramId(plan_of(session, cycle.playbook_sha256).program)
    return found


def _discharge(session: Session, cycle: CycleRow, step: StepRow, zone: ZoneInfo) -> Discharge:
    """Read the checked dates; the episode itself began with the discharge."""
    fields = _fields(session, step)
    level = _level(fields.get("complexity"))
    if step.outcome == _BY_DAY_14:
        level = DecisionMaking.MODERATE  # the biller chose the lower service: 99495
    return Discharge(
        on=_day(fields.get("discharged_on")) or _on(cycle.opened_at, zone),
        contacted_in_time=True,
        visit_on=_day(fields.get("seen_on")),
        decision_making=level,
    )


def _fields(session: Session, step: StepRow) -> dict[str, Any]:
    """Give the newest note of a step; an amendment says it anew."""
    note = session.exec(
        select(NoteRow)
        .where(NoteRow.cycle_id == step.cycle_id, NoteRow.step_key == step.key)
        .order_by(col(NoteRow.written_at).desc(), col(NoteRow.id).desc())
    ).first()
    return {} if note is None else note.fields


def _level(value: object) -> DecisionMaking | None:
    return next((level for level in DecisionMaking if level == value), None)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _on(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()
