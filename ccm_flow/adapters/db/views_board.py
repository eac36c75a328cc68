"""The open steps of a month and its figures over the months; each a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
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
    wanted = list(months)
    with reading(engine) as session:
        cycles = _cycles(session, clinic, wanted)
        contacts = _contacts(session, clinic, wanted)
        steps = _steps(session, clinic, wanted, now)
        seconds = _seconds(session, clinic, wanted)
        questions = _questions(session, clinic, wanted)
    figures = []
    for month in wanted:
        patients, ended, ready = cycles.get(month, (0, 0, 0))
        due, on_time = steps.get(month, (0, 0))
        figures.append(
            MonthFigures(
                month=month,
                patients=patients,
                ended=ended,
                ready=ready,
                steps_due=due,
                steps_on_time=on_time,
                contacts=contacts.get(month, 0),
                seconds=seconds.get(month, 0),
                escalations=questions.get(month, 0),
            )
        )
    return figures


def _here(clinic: ClinicId, months: list[Month]) -> tuple[bool, ...]:
    return (
        CycleRow.clinic_id == clinic,
        col(CycleRow.month).in_(months),  # type: ignore[return-value]
        CycleRow.kind == PlaybookKind.MONTHLY,
    )


def _cycles(
    session: Session, clinic: ClinicId, months: list[Month]
) -> dict[Month, tuple[int, int, int]]:
    """Count cycles, those that ended, and those that ended ready."""
    query = (
        select(
            col(CycleRow.month),
            func.count(),
            func.sum(case((col(CycleRow.status) == CycleStatus.ENDED, 1), else_=0)),
            func.sum(case((col(CycleRow.disposition) == Disposition.READY.value, 1), else_=0)),
        )
        .where(*_here(clinic, months))
        .group_by(col(CycleRow.month))
    )
    return {
        month: (int(count), int(ended), int(ready))
        for month, count, ended, ready in session.exec(query)
    }


def _contacts(session: Session, clinic: ClinicId, months: list[Month]) -> dict[Month, int]:
    query = (
        select(col(CycleRow.month), func.sum(col(CycleRow.facts)["contacts"].as_integer()))
        .where(*_here(clinic, months))
        .group_by(col(CycleRow.month))
    )
    return {month: int(contacts or 0) for month, contacts in session.exec(query)}


def _steps(
    session: Session, clinic: ClinicId, months: list[Month], now: datetime
) -> dict[Month, tuple[int, int]]:
    """Count the steps that are judged by their deadline, and those of them done by it."""
    status, due, ended = col(StepRow.status), col(StepRow.due_at), col(StepRow.ended_at)
    done = and_(status == StepStatus.DONE, due.is_not(None))
    judged = or_(
        done,
        status == StepStatus.EXPIRED,
        and_(status == StepStatus.OPEN, due < now),
        and_(status == StepStatus.WITHDRAWN, due < ended),
    )
    query = (
        select(
            col(CycleRow.month),
            func.sum(case((judged, 1), else_=0)),
            func.sum(case((and_(done, ended <= due), 1), else_=0)),
        )
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(*_here(clinic, months))
        .group_by(col(CycleRow.month))
    )
    return {month: (int(judged), int(good)) for month, judged, good in session.exec(query)}


def _seconds(session: Session, clinic: ClinicId, months: list[Month]) -> dict[Month, int]:
    """Sum the time of the month's patients that stands after all corrections."""
    query = (
        select(col(CycleRow.month), func.sum(TimeEntryRow.seconds))
        .join(
            TimeEntryRow,
            and_(
                col(TimeEntryRow.enrollment_id) == col(CycleRow.enrollment_id),
                col(TimeEntryRow.month) == col(CycleRow.month),
            ),
        )
        .where(*_here(clinic, months), stands())
        .group_by(col(CycleRow.month))
    )
    return {month: int(seconds) for month, seconds in session.exec(query)}


def _questions(session: Session, clinic: ClinicId, months: list[Month]) -> dict[Month, int]:
    query = (
        select(col(CycleRow.month), func.count())
        .join(EscalationRow, col(EscalationRow.cycle_id) == col(CycleRow.id))
        .where(*_here(clinic, months))
        .group_by(col(CycleRow.month))
    )
    return {month: int(count) for month, count in session.exec(query)}


def patients_of(
    engine: Engine, clinic: ClinicId, enrollments: Collection[EnrollmentId]
) -> dict[EnrollmentId, PatientId]:
    """Give whose enrollments these are, at one clinic."""
    query = select(EnrollmentRow.id, EnrollmentRow.patient_id).where(
        EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.id).in_(enrollments)
    )
    with reading(engine) as session:
        return {EnrollmentId(id_): PatientId(patient) for id_, patient in session.exec(query)}
