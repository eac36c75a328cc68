"""A person's work list, in a fixed number of queries whatever its length."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, Row
from sqlalchemy.orm import Bundle
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.tables import (
    ClickRow,
    CycleRow,
    EnrollmentRow,
    LedgerEventRow,
    PatientRow,
    PutOffRow,
    StepRow,
)
from ccm_flow.adapters.db.views_names import People, Plans, listed_name
from ccm_flow.adapters.db.views_queue import why_listed
from ccm_flow.adapters.db.views_returned import questions_of
from ccm_flow.app.care import ClinicView
from ccm_flow.app.statuses import ClickState
from ccm_flow.app.views import Why
from ccm_flow.app.worklist import Wanted, WorkList, WorkRow
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.contact import within_window
from ccm_flow.core.ids import ClinicId, CycleId, StepKey
from ccm_flow.core.plan import Channel, Plan, planned_channel
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Phase
from ccm_flow.core.worklist import OpenStep, Place, stand

_BEHIND, _AHEAD = timedelta(days=62), timedelta(days=92)
"""How far around today the calendar reaches; older deadlines are measured in plain time."""


def _named(name: str, *columns: Any) -> Any:
    return Bundle(name, *columns)


# Columns alone: everybody's list at a large clinic is hundreds of steps long.
_STEP: Final = _named(
    "step",
    StepRow.cycle_id,
    StepRow.key,
    StepRow.step_id,
    StepRow.title,
    StepRow.phase,
    StepRow.owner_id,
    StepRow.owner_role,
    StepRow.opened_at,
    StepRow.due_at,
    StepRow.not_before,
    StepRow.attempts_allowed,
    StepRow.attempts_made,
    StepRow.urgency,
    StepRow.escalated,
    StepRow.because,
)
_CYCLE: Final = _named(
    "cycle",
    CycleRow.id,
    CycleRow.enrollment_id,
    CycleRow.playbook_sha256,
    CycleRow.kind,
    CycleRow.month,
    col(CycleRow.facts)["preferred_channel"].as_string().label("preferred_channel"),
)
_PATIENT: Final = _named(
    "patient",
    PatientRow.id,
    PatientRow.family_name,
    PatientRow.given_name,
    PatientRow.mrn,
    PatientRow.birth_date,
    PatientRow.phone,
)
_Found = tuple[Any, Any, Any]
"""A step, its cycle and the patient, each by the names of its columns."""


@dataclass(frozen=True)
class _Sight:
    """What all rows of one list share."""

    people: People
    plans: Plans
    put_off: Mapping[tuple[CycleId, StepKey], PutOffRow]
    sent: Set[tuple[CycleId, StepKey | None]]
    asked: Mapping[CycleId, Why]
    calendar: WorkCalendar
    now: datetime


def work_list(engine: Engine, clinic: ClinicView, wanted: Wanted, now: datetime) -> WorkList:
    """Give a clinic's open steps as somebody wants to see them."""
    zone = clinic_zone(clinic.hours.time_zone)
    today = now.astimezone(zone).date()
    with reading(engine) as session:
        version = list_version(session, clinic.clinic)
        found = _open_steps(session, clinic.clinic, wanted)
        sight = _Sight(
            people=People(session, {step.owner_id for step, *_ in found}),
            plans=Plans(session, {cycle.playbook_sha256 for _, cycle, *_ in found}),
            put_off=_put_off(session, clinic.clinic, now),
            sent=_sent(session, clinic.clinic),
            asked=questions_of(session, clinic.clinic),
            calendar=build_calendar(clinic.hours, today - _BEHIND, today + _AHEAD),
            now=now,
        )
        rows = [_row(item, sight) for item in found]
    return WorkList(clinic.clinic, clinic.name, zone, now, version, _grouped(rows))


def list_version(session: Session, clinic: ClinicId) -> str:
    """Give a mark that changes with everything that happens at a clinic."""
    events = select(func.max(LedgerEventRow.id)).where(LedgerEventRow.clinic_id == clinic)
    put_off = select(func.max(PutOffRow.at)).where(PutOffRow.clinic_id == clinic)
    latest, last = session.exec(events).one(), session.exec(put_off).one()
    return f"{latest or 0}-{last.timestamp() if last else 0}"


def _grouped(rows: Sequence[WorkRow]) -> dict[Place, tuple[WorkRow, ...]]:
    groups: dict[Place, list[WorkRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.standing.rank, row.patient_name, row.key)):
        groups[row.standing.place].append(row)
    return {place: tuple(groups[place]) for place in Place if place in groups}


def _open_steps(session: Session, clinic: ClinicId, wanted: Wanted) -> Sequence[_Found]:
    query = (
        select(_STEP, _CYCLE, _PATIENT)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
    )
    if wanted.owner is not None:
        query = query.where(StepRow.owner_id == wanted.owner)
    if wanted.role is not None:
        query = query.where(StepRow.owner_role == wanted.role)
    if wanted.phase is not None:
        query = query.where(StepRow.phase == wanted.phase)
    names = Names(session, clinic)
    for word in wanted.text.split():
        in_title = col(StepRow.title).icontains(word, autoescape=True)
        query = query.where(names.fits(word) | in_title)
    return [(step, cycle, patient) for step, cycle, patient in session.exec(query)]


def _put_off(
    session: Session, clinic: ClinicId, now: datetime
) -> dict[tuple[CycleId, StepKey], PutOffRow]:
    query = select(PutOffRow).where(PutOffRow.clinic_id == clinic, col(PutOffRow.until) > now)
    rows = session.exec(query.order_by(col(PutOffRow.at)))
    return {(row.cycle_id, row.step_key): row for row in rows}


def _sent(session: Session, clinic: ClinicId) -> frozenset[tuple[CycleId, StepKey | None]]:
    """Give the steps for which something waits to be passed on."""
    query = (
        select(ClickRow)
        .join(CycleRow, col(CycleRow.id) == col(ClickRow.cycle_id))
        .where(CycleRow.clinic_id == clinic, ClickRow.state == ClickState.PENDING)
    )
    return frozenset((row.cycle_id, row.step_key) for row in session.exec(query))


def _row(item: _Found, sight: _Sight) -> WorkRow:
    step, cycle, patient = item
    words = sight.plans.words(cycle.playbook_sha256)
    put_off = sight.put_off.get((cycle.id, step.key))
    channel = _channel(words.plan, step, cycle)
    place = OpenStep(
        due_at=step.due_at,
        not_before=step.not_before,
        put_off_until=put_off.until if put_off else None,
        welcome_from=_welcome(words.plan, channel, sight),
        urgent=step.urgency == "urgent",
        at_risk=step.phase == Phase.READINESS,
    )
    return WorkRow(
        cycle=cycle.id,
        key=step.key,
        title=step.title,
        phase=step.phase,
        kind=cycle.kind,
        month=cycle.month,
        enrollment=cycle.enrollment_id,
        patient=patient.id,
        patient_name=listed_name(patient.family_name, patient.given_name),
        mrn=patient.mrn,
        birth_year=patient.birth_date.year if patient.birth_date else None,
        phone=patient.phone,
        owner=step.owner_id,
        owner_name=sight.people.name(step.owner_id),
        role=step.owner_role,
        role_title=words.role(step.owner_role),
        due_at=step.due_at,
        attempt=None if step.attempts_allowed is None else step.attempts_made + 1,
        attempts_allowed=step.attempts_allowed,
        channel=channel,
        put_off_because=put_off.because if put_off else None,
        urgency=step.urgency,
        standing=stand(place, sight.now, sight.calendar),
        sent=(cycle.id, step.key) in sight.sent,
        why=tuple(why_listed(step, sight.now, sight.asked)),
    )


def _channel(plan: Plan, step: Row[Any], cycle: Row[Any]) -> Channel | None:
    planned = plan.by_id.get(step.step_id)
    if planned is None or planned.attempts is None:
        return None
    facts = {"preferred_channel": cycle.preferred_channel or "any"}
    return planned_channel(plan, planned.attempts, step.attempts_made + 1, facts)


def _welcome(plan: Plan, channel: Channel | None, sight: _Sight) -> datetime | None:
    if channel is None:
        return None
    return within_window(plan.contact, channel, sight.now, sight.calendar)
