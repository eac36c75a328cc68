"""The way into the program, from enrollments, consents, care plans and enrollment cycles."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.cycle_plans import cycle_plans
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    CarePlanRow,
    CarePlanShareRow,
    ConsentRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    StepRow,
)
from ccm_flow.adapters.db.views_names import (
    People,
    clinic_row,
    handles_of,
    listed_name,
)
from ccm_flow.app.statuses import ConsentKind, EnrollmentStatus
from ccm_flow.app.views_funnel import FunnelRow, FunnelView
from ccm_flow.core.funnel import Journey, Stage, count_stages
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId
from ccm_flow.core.plan import PlaybookKind, Recorded
from ccm_flow.core.state import StepStatus

Row = TypeVar("Row")
_ON_THE_WAY = (
    EnrollmentStatus.IDENTIFIED,
    EnrollmentStatus.INTRODUCED,
    EnrollmentStatus.CONSENTED,
)


def funnel(engine: Engine, clinic: ClinicId, *, now: datetime) -> FunnelView:
    """
    Give how far everybody is on the way into the program.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        where = clinic_row(session, clinic)
        everybody = col(EnrollmentRow.clinic_id) == clinic
        found = _enrolled(session, everybody)
        journeys = _journeys(session, clinic, everybody, found)
        going = [one for one in found if one.status in _ON_THE_WAY]
        return FunnelView(
            clinic=clinic,
            clinic_name=where.name,
            time_zone=where.time_zone,
            as_of=now,
            stages=count_stages(journeys.values()),
            patients=tuple(_rows(session, clinic, going, journeys, now)),
        )


def enrolling(engine: Engine, clinic: ClinicId, *, now: datetime) -> tuple[FunnelRow, ...]:
    """Give those who are on the way into the program now, without the stages' figures."""
    scope = (col(EnrollmentRow.clinic_id) == clinic) & col(EnrollmentRow.status).in_(_ON_THE_WAY)
    with reading(engine) as session:
        found = _enrolled(session, scope)
        journeys = _journeys(session, clinic, scope, found)
        return tuple(_rows(session, clinic, found, journeys, now))


class _Enrolled(NamedTuple):
    """A patient who was offered the program; the fields are columns."""

    id: EnrollmentId
    patient_id: PatientId
    status: EnrollmentStatus
    created_at: datetime
    introduced_at: datetime | None
    initiating_visit_at: datetime | None
    activated_at: datetime | None
    ended_at: datetime | None
    family_name: str
    given_name: str


def _enrolled(session: Session, scope: ColumnElement[bool]) -> list[_Enrolled]:
    query = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            EnrollmentRow.id,
            EnrollmentRow.patient_id,
            EnrollmentRow.status,
            EnrollmentRow.created_at,
            EnrollmentRow.introduced_at,
            EnrollmentRow.initiating_visit_at,
            EnrollmentRow.activated_at,
            EnrollmentRow.ended_at,
            PatientRow.family_name,
            PatientRow.given_name,
        )
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(scope)
    )
    return [_Enrolled(*row) for row in session.exec(query)]


def _journeys(
    session: Session,
    clinic: ClinicId,
    scope: ColumnElement[bool],
    rows: Iterable[_Enrolled],
) -> dict[EnrollmentId, Journey]:
    consented = _earliest(
        session.exec(
            select(ConsentRow.enrollment_id, ConsentRow.taken_at)
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(ConsentRow.enrollment_id))
            .where(scope, ConsentRow.kind == ConsentKind.ACCEPTED)
        )
    )
    shared = _earliest(
        session.exec(
            select(CarePlanRow.enrollment_id, CarePlanShareRow.at)
            .join(CarePlanShareRow, col(CarePlanShareRow.care_plan_id) == col(CarePlanRow.id))
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(CarePlanRow.enrollment_id))
            .where(scope)
        )
    )
    no_visit = _visit_not_needed(session, clinic, scope)
    return {row.id: _journey(row, consented, shared, no_visit) for row in rows}


def _journey(
    row: _Enrolled,
    consented: Mapping[str, datetime],
    shared: Mapping[str, datetime],
    no_visit: Mapping[str, datetime],
) -> Journey:
    visit = row.initiating_visit_at or no_visit.get(row.id)
    reached = {
        Stage.IDENTIFIED: row.created_at,
        Stage.INTRODUCED: row.introduced_at,
        Stage.CONSENTED: consented.get(row.id),
        Stage.VISIT_DONE: visit,
        Stage.PLAN_SHARED: shared.get(row.id),
        Stage.ACTIVE: row.activated_at,
    }
    going = row.status in _ON_THE_WAY or row.activated_at is not None
    return Journey(
        reached={stage: at for stage, at in reached.items() if at is not None},
        left_at=None if going else row.ended_at or row.created_at,
    )


def _earliest(rows: Iterable[tuple[str, datetime | None]]) -> dict[str, datetime]:
    first: dict[str, datetime] = {}
    for enrollment, at in rows:
        if at is not None:
            first[enrollment] = min(at, first.get(enrollment, at))
    return first


def _visit_not_needed(
    session: Session, clinic: ClinicId, scope: ColumnElement[bool]
) -> dict[str, datetime]:
    """Give when the playbook passed over the step that records an initiating visit."""
    query = (
        select(StepRow, CycleRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .where(
            scope,
            CycleRow.clinic_id == clinic,
            CycleRow.kind == PlaybookKind.ENROLLMENT,
            StepRow.status == StepStatus.SKIPPED,
        )
    )
    found = session.exec(query).all()
    plans = cycle_plans(session, {cycle.id: cycle for _, cycle in found}.values())
    skipped: dict[str, datetime] = {}
    for step, cycle in found:
        spec = plans[cycle.id].step(step.step_id, step.opened_at)
        if spec is not None and any(
            Recorded.INITIATING_VISIT in outcome.records for outcome in spec.outcomes
        ):
            skipped[cycle.enrollment_id] = step.ended_at or step.opened_at
    return skipped


def _rows(
    session: Session,
    clinic: ClinicId,
    going: Sequence[_Enrolled],
    journeys: Mapping[EnrollmentId, Journey],
    now: datetime,
) -> list[FunnelRow]:
    steps = _open_steps(session, clinic)
    people = People(session, {step.owner_id for step in steps.values()})
    handles = handles_of(session, [enrolled.id for enrolled in going])
    rows = []
    for enrolled in going:
        step, journey = steps.get(enrolled.id), journeys[enrolled.id]
        short = handles[enrolled.id]
        rows.append(
            FunnelRow(
                handle=f"{short}.{step.key}" if step else short,
                enrollment=enrolled.id,
                patient=enrolled.patient_id,
                patient_name=listed_name(enrolled.family_name, enrolled.given_name),
                stage=journey.stage,
                since=journey.reached[journey.stage],
                step_title=step.title if step else None,
                owner_name=people.name(step.owner_id) if step else None,
                due_at=step.due_at if step else None,
                late=bool(step and step.due_at and step.due_at < now),
            )
        )
    return sorted(rows, key=_pressing)


def _open_steps(session: Session, clinic: ClinicId) -> dict[EnrollmentId, StepRow]:
    """Give the open step of each enrollment that is due first."""
    query = (
        select(CycleRow.enrollment_id, StepRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(
            StepRow.clinic_id == clinic,
            StepRow.status == StepStatus.OPEN,
            CycleRow.kind == PlaybookKind.ENROLLMENT,
        )
        .order_by(col(StepRow.opened_at).desc())
    )
    first: dict[EnrollmentId, StepRow] = {}
    for enrollment, step in session.exec(query):
        held = first.get(EnrollmentId(enrollment))
        if held is None or _due(step) < _due(held):
            first[EnrollmentId(enrollment)] = step
    return first


def _due(step: Any) -> datetime:
    return step.due_at or datetime.max.replace(tzinfo=UTC)


def _pressing(row: FunnelRow) -> tuple[bool, bool, datetime, str]:
    return row.step_title is None, not row.late, _due(row), row.patient_name
