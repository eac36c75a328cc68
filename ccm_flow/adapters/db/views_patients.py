"""A clinic's patients in the program, a page at a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.tables import (
    CycleRow,
    EnrollmentRow,
    LedgerEventRow,
    PatientRow,
    StepRow,
)
from ccm_flow.adapters.db.time_counting import count_minutes
from ccm_flow.adapters.db.views_names import People, clinic_row, patient_name
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.views_patients import PAGE, NextStep, PatientList, WantedPatients
from ccm_flow.app.views_patients import PatientRow as Listed
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStatus, StepStatus

CHECKED: Final = "record_readiness"
"""The ledger's line of a readiness check whose result was another than before."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def patient_list(
    engine: Engine, clinic: ClinicId, wanted: WantedPatients, *, now: datetime
) -> PatientList:
    """
    List a clinic's patients in the program, in a fixed number of queries.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        place = clinic_row(session, clinic)
        month = Month.of(now.astimezone(ZoneInfo(place.time_zone)).date())
        names = Names(session, clinic)
        which = _which(clinic, wanted, names)
        found = session.exec(_counted(which)).one()
        page = min(max(1, wanted.page), max(1, -(-found // PAGE)))
        return PatientList(
            clinic=clinic,
            clinic_name=place.name,
            time_zone=place.time_zone,
            as_of=now,
            month=month,
            rows=_rows(session, _page(session, which, names, page), month, now),
            found=found,
            page=page,
            by_status=_by_status(session, clinic),
        )


def _which(clinic: ClinicId, wanted: WantedPatients, names: Names) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [col(EnrollmentRow.clinic_id) == clinic]
    if wanted.statuses is not None:
        which.append(col(EnrollmentRow.status).in_(wanted.statuses))
    if wanted.only is not None:
        which.append(col(EnrollmentRow.id).in_(wanted.only))
    which += [names.fits(word) for word in wanted.text.split()]
    return which


def _counted(which: Iterable[ColumnElement[bool]]):  # type: ignore[no-untyped-def]  # SQLModel's own
    joined = col(PatientRow.id) == col(EnrollmentRow.patient_id)
    return select(func.count()).select_from(EnrollmentRow).join(PatientRow, joined).where(*which)


def _page(
    session: Session, which: Iterable[ColumnElement[bool]], names: Names, page: int
) -> Sequence[tuple[EnrollmentRow, PatientRow]]:
    query = (
        select(EnrollmentRow, PatientRow)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(*which)
        .order_by(*names.order(), col(EnrollmentRow.id))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return list(session.exec(query))


def _by_status(session: Session, clinic: ClinicId) -> dict[EnrollmentStatus, int]:
    status = col(EnrollmentRow.status)
    query = select(status, func.count()).where(EnrollmentRow.clinic_id == clinic)
    return {EnrollmentStatus(one): count for one, count in session.exec(query.group_by(status))}


@dataclass(frozen=True)
class _Going:
    """What is going on for some patients."""

    cycles: dict[EnrollmentId, list[CycleRow]]
    checked: frozenset[CycleId]
    """Cycles whose readiness was checked."""
    steps: dict[EnrollmentId, StepRow]
    people: People


def _rows(
    session: Session,
    shown: Sequence[tuple[EnrollmentRow, PatientRow]],
    month: Month,
    now: datetime,
) -> tuple[Listed, ...]:
    ids = [enrolled.id for enrolled, _ in shown]
    going = _going(session, ids, month)
    judged = count_minutes(session, month, col(EnrollmentRow.id).in_(ids))
    return tuple(
        Listed(
            enrollment=enrolled.id,
            patient_name=patient_name(patient),
            mrn=patient.mrn,
            birth_year=patient.birth_date.year if patient.birth_date else None,
            status=enrolled.status,
            paused=any(one.status is CycleStatus.PAUSED for one in going.cycles[enrolled.id]),
            minutes=judged[enrolled.id].counted.minutes if enrolled.id in judged else 0,
            blockers=_found_missing(going, enrolled.id, month),
            next=_next(going, enrolled.id, now),
        )
        for enrolled, patient in shown
    )


def _going(session: Session, ids: Collection[EnrollmentId], month: Month) -> _Going:
    cycles: dict[EnrollmentId, list[CycleRow]] = {id_: [] for id_ in ids}
    running = select(CycleRow).where(
        col(CycleRow.enrollment_id).in_(ids),
        (col(CycleRow.status) != CycleStatus.ENDED) | (col(CycleRow.month) == month),
    )
    for cycle in session.exec(running.order_by(col(CycleRow.month), col(CycleRow.id))).all():
        cycles[cycle.enrollment_id].append(cycle)
    steps: dict[EnrollmentId, StepRow] = {}
    opened = (
        select(CycleRow.enrollment_id, StepRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(col(CycleRow.enrollment_id).in_(ids), StepRow.status == StepStatus.OPEN)
        .order_by(col(StepRow.opened_at), col(StepRow.key))
    )
    for enrollment, step in session.exec(opened).all():
        held = steps.get(EnrollmentId(enrollment))
        if held is None or (step.due_at or _NEVER) < (held.due_at or _NEVER):
            steps[EnrollmentId(enrollment)] = step
    people = People(session, {step.owner_id for step in steps.values()})
    return _Going(cycles, _checked(session, cycles.values()), steps, people)


def _checked(session: Session, cycles: Iterable[list[CycleRow]]) -> frozenset[CycleId]:
    query = select(LedgerEventRow.cycle_id).where(
        col(LedgerEventRow.cycle_id).in_([one.id for some in cycles for one in some]),
        LedgerEventRow.kind == CHECKED,
    )
    return frozenset(CycleId(one) for one in session.exec(query.distinct()) if one)


def _found_missing(going: _Going, enrollment: EnrollmentId, month: Month) -> int | None:
    found = [
        len(one.blockers)
        for one in going.cycles[enrollment]
        if one.month == month and one.id in going.checked
    ]
    return sum(found) if found else None


def _next(going: _Going, enrollment: EnrollmentId, now: datetime) -> NextStep | None:
    step = going.steps.get(enrollment)
    if step is None:
        return None
    return NextStep(
        cycle=step.cycle_id,
        key=step.key,
        title=step.title,
        owner_name=going.people.name(step.owner_id),
        due_at=step.due_at,
        late=step.due_at is not None and step.due_at < now,
    )
