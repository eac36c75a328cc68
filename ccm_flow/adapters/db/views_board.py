"""The open steps of a month and its figures over the months; each a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, and_, case, col, func, or_, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.month_patients import patients_of_month
from ccm_flow.adapters.db.tables import (
    CycleRow,
    EnrollmentRow,
    EscalationRow,
    PersonRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import stands
from ccm_flow.adapters.db.views_names import clinic_row
from ccm_flow.adapters.db.views_steps import blockers_of
from ccm_flow.app.views_board import ENDED, OpenStep, PatientMonth
from ccm_flow.core.drift import MonthFigures
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.core.words import Disposition

_Place = tuple[ClinicId, Month]
_PLACE: Final = (col(CycleRow.clinic_id), col(CycleRow.month))


def open_steps(engine: Engine, clinic: ClinicId, month: Month) -> dict[CycleId, list[OpenStep]]:
    """Give the open steps of a clinic's monthly cycles, in one query."""
    query = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            StepRow.cycle_id,
            StepRow.key,
            StepRow.title,
            StepRow.phase,
            PersonRow.name,
            StepRow.due_at,
        )
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(PersonRow, col(PersonRow.id) == col(StepRow.owner_id))
        .where(
            CycleRow.clinic_id == clinic,
            CycleRow.month == month,
            CycleRow.kind == PlaybookKind.MONTHLY,
            StepRow.status == StepStatus.OPEN,
        )
    )
    found: dict[CycleId, list[OpenStep]] = defaultdict(list)
    with reading(engine) as session:
        for row in session.exec(query):
            step = OpenStep(*row)
            found[step.cycle].append(step)
    return found


def patient_months(
    engine: Engine, clinic: ClinicId, month: Month, minutes: Mapping[EnrollmentId, int]
) -> list[PatientMonth]:
    """
    Give everybody of a month as the board asks for them; `minutes` are those that count.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        zone = ZoneInfo(clinic_row(session, clinic).time_zone)
        found = patients_of_month(session, clinic, month, PlaybookKind.MONTHLY, zone)
    return [
        PatientMonth(
            enrollment=one.enrollment,
            patient_name=one.name,
            cycle=one.cycle,
            state=one.state,
            because=one.because,
            minutes=minutes.get(one.enrollment, 0),
            contacts=one.contacts or 0,
            missing_at_end=tuple(item.detail for item in blockers_of(one.blockers or ()))
            if one.state in ENDED
            else (),
        )
        for one in found
    ]


def month_figures(
    engine: Engine, clinic: ClinicId, months: Iterable[Month], now: datetime
) -> list[MonthFigures]:
    """Count a clinic's months, in five queries however many there are."""
    return clinics_figures(engine, [clinic], months, now)[clinic]


def clinics_figures(
    engine: Engine, clinics: Collection[ClinicId], months: Iterable[Month], now: datetime
) -> dict[ClinicId, list[MonthFigures]]:
    """Count the months of clinics, in five queries however many clinics and months there are."""
    wanted = list(months)
    with reading(engine) as session:
        cycles = _cycles(session, clinics, wanted)
        contacts = _contacts(session, clinics, wanted)
        steps = _steps(session, clinics, wanted, now)
        seconds = _seconds(session, clinics, wanted)
        questions = _questions(session, clinics, wanted)
    found: dict[ClinicId, list[MonthFigures]] = {clinic: [] for clinic in clinics}
    for clinic, rows in found.items():
        for month in wanted:
            patients, ended, ready = cycles.get((clinic, month), (0, 0, 0))
            due, on_time = steps.get((clinic, month), (0, 0))
            rows.append(
                MonthFigures(
                    month=month,
                    patients=patients,
                    ended=ended,
                    ready=ready,
                    steps_due=due,
                    steps_on_time=on_time,
                    contacts=contacts.get((clinic, month), 0),
                    seconds=seconds.get((clinic, month), 0),
                    escalations=questions.get((clinic, month), 0),
                )
            )
    return found


def in_months(clinics: Collection[ClinicId], months: Collection[Month]) -> tuple[bool, ...]:
    """Choose the monthly cycles of clinics in some months."""
    return (
        col(CycleRow.clinic_id).in_(clinics),  # type: ignore[return-value]
        col(CycleRow.month).in_(months),
        CycleRow.kind == PlaybookKind.MONTHLY,
    )


def is_judged(now: datetime) -> ColumnElement[bool]:
    """Choose the steps that are judged by their deadline: done, or past it undone."""
    status, due, ended = col(StepRow.status), col(StepRow.due_at), col(StepRow.ended_at)
    return or_(
        is_done_with_deadline(),
        status == StepStatus.EXPIRED,
        and_(status == StepStatus.OPEN, due < now),
        and_(status == StepStatus.WITHDRAWN, due < ended),
    )


def is_done_with_deadline() -> ColumnElement[bool]:
    """Choose the steps that were done and had a deadline."""
    return and_(col(StepRow.status) == StepStatus.DONE, col(StepRow.due_at).is_not(None))


def _cycles(
    session: Session, clinics: Collection[ClinicId], months: list[Month]
) -> dict[_Place, tuple[int, int, int]]:
    """Count cycles, those that ended, and those that ended ready."""
    query = (
        select(
            *_PLACE,
            func.count(),
            func.sum(case((col(CycleRow.status) == CycleStatus.ENDED, 1), else_=0)),
            func.sum(case((col(CycleRow.disposition) == Disposition.READY.value, 1), else_=0)),
        )  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        .where(*in_months(clinics, months))
        .group_by(*_PLACE)
    )
    return {
        (clinic, month): (int(count), int(ended), int(ready))
        for clinic, month, count, ended, ready in session.exec(query)
    }


def _contacts(
    session: Session, clinics: Collection[ClinicId], months: list[Month]
) -> dict[_Place, int]:
    query = (
        select(*_PLACE, func.sum(col(CycleRow.facts)["contacts"].as_integer()))
        .where(*in_months(clinics, months))
        .group_by(*_PLACE)
    )
    return {(clinic, month): int(sum_ or 0) for clinic, month, sum_ in session.exec(query)}


def _steps(
    session: Session, clinics: Collection[ClinicId], months: list[Month], now: datetime
) -> dict[_Place, tuple[int, int]]:
    """Count the steps that are judged by their deadline, and those of them done by it."""
    on_time = and_(is_done_with_deadline(), col(StepRow.ended_at) <= col(StepRow.due_at))
    query = (
        select(
            *_PLACE,
            func.sum(case((is_judged(now), 1), else_=0)),
            func.sum(case((on_time, 1), else_=0)),
        )
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(*in_months(clinics, months))
        .group_by(*_PLACE)
    )
    return {
        (clinic, month): (int(judged), int(good))
        for clinic, month, judged, good in session.exec(query)
    }


def _seconds(
    session: Session, clinics: Collection[ClinicId], months: list[Month]
) -> dict[_Place, int]:
    """Sum the time of the month's patients that stands after all corrections."""
    query = (
        select(*_PLACE, func.sum(TimeEntryRow.seconds))
        .join(TimeEntryRow, is_time_of_cycle())
        .where(*in_months(clinics, months), stands())
        .group_by(*_PLACE)
    )
    return {(clinic, month): int(seconds) for clinic, month, seconds in session.exec(query)}


def is_time_of_cycle() -> ColumnElement[bool]:
    """Put a patient's time beside their month."""
    return and_(
        col(TimeEntryRow.enrollment_id) == col(CycleRow.enrollment_id),
        col(TimeEntryRow.month) == col(CycleRow.month),
    )


def _questions(
    session: Session, clinics: Collection[ClinicId], months: list[Month]
) -> dict[_Place, int]:
    query = (
        select(*_PLACE, func.count())
        .join(EscalationRow, col(EscalationRow.cycle_id) == col(CycleRow.id))
        .where(*in_months(clinics, months))
        .group_by(*_PLACE)
    )
    return {(clinic, month): int(count) for clinic, month, count in session.exec(query)}


def patients_of(
    engine: Engine, clinic: ClinicId, enrollments: Collection[EnrollmentId]
) -> dict[EnrollmentId, PatientId]:
    """Give whose enrollments these are, at one clinic."""
    query = select(EnrollmentRow.id, EnrollmentRow.patient_id).where(
        EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.id).in_(enrollments)
    )
    with reading(engine) as session:
        return {EnrollmentId(id_): PatientId(patient) for id_, patient in session.exec(query)}
