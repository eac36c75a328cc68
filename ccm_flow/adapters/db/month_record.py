"""A clinic's running months for readiness: live facts, the newest opening of every step, teams."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.care_team import teams_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.facts import MonthKnown, gather_all_facts
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.views_names import Plans, enrollment_handles, listed_name
from ccm_flow.app.readiness import Standing, Way
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    PersonId,
    RoleId,
    StepId,
)
from ccm_flow.core.month import Month
from ccm_flow.core.outlook import Opened
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStatus, Owner

Team = Mapping[RoleId, PersonId]


class SqlMonthRecord:
    """
    Implements `ccm_flow.app.readiness.MonthRecord`, for one look.

    A month's time is judged once and used for all that is asked then; the next look at a month
    takes a new record.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[tuple[ClinicId, Month], MonthKnown] = {}

    def minutes(self, clinic: ClinicId, month: Month) -> Mapping[EnrollmentId, int]:
        """Give each patient's counted minutes of a month, also of those whose month ended."""
        with reading(self._engine) as session:
            counted = self._read(session, clinic, month).counted
            return {enrollment: one.counted.minutes for enrollment, one in counted.items()}

    def _read(self, session: Session, clinic: ClinicId, month: Month) -> MonthKnown:
        key = clinic, month
        if key not in self._known:
            here = col(EnrollmentRow.clinic_id) == clinic
            self._known[key] = MonthKnown.read(session, here, month)
        return self._known[key]

    def standings(self, clinic: ClinicId, month: Month, now: datetime) -> list[Standing]:
        """Give every running or paused monthly cycle."""
        with reading(self._engine) as session:
            found = _running(session, clinic, month)
            known = self._read(session, clinic, month)
            facts = gather_all_facts(session, _scope(clinic, month), month, now, known)
            plans = Plans(session, {cycle.playbook_sha256 for cycle in found})
            return [
                _standing(cycle, plans.plan(cycle.playbook_sha256), facts[cycle.enrollment_id])
                for cycle in found
            ]

    def ways(
        self, clinic: ClinicId, month: Month, standings: Sequence[Standing]
    ) -> Mapping[CycleId, Way]:
        """Give how far these cycles have come, and who works on them."""
        with reading(self._engine) as session:
            scope = _scope(clinic, month)
            opened, teams = _opened(session, clinic, month), teams_of(session, scope)
            handles = enrollment_handles(session, scope)
            program_owner = session.get_one(ClinicRow, clinic).program_owner_id
        return {
            one.cycle: Way(
                handle=handles[one.enrollment],
                team=_whole_team(teams.get(one.enrollment, {}), program_owner, one.plan),
                opened=opened.get(one.cycle, {}),
            )
            for one in standings
        }

    def documented(self, clinic: ClinicId, month: Month) -> Mapping[date, int]:
        """Sum the month's counted time by the clinic's days."""
        found: dict[date, int] = defaultdict(int)
        with reading(self._engine) as session:
            zone = ZoneInfo(session.get_one(ClinicRow, clinic).time_zone)
            for one in self._read(session, clinic, month).counted.values():
                for entry in one.counting:
                    found[entry.started_at.astimezone(zone).date()] += entry.seconds
        return found

    def names(self, people: set[PersonId]) -> Mapping[PersonId, str]:
        """Give people's names."""
        query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(people))
        with reading(self._engine) as session:
            return {PersonId(id_): name for id_, name in session.exec(query)}


def _here(clinic: ClinicId, month: Month) -> tuple[bool, ...]:
    """Choose the monthly cycles that run."""
    return (
        CycleRow.clinic_id == clinic,
        CycleRow.month == month,
        CycleRow.kind == PlaybookKind.MONTHLY,
        CycleRow.status != CycleStatus.ENDED,
    )


def _scope(clinic: ClinicId, month: Month) -> ColumnElement[bool]:
    """Choose the enrollments whose month runs."""
    running = select(CycleRow.enrollment_id).where(*_here(clinic, month))
    return col(EnrollmentRow.id).in_(running.correlate(None))


class _Running(NamedTuple):
    """A cycle that runs, and whose it is; the fields are columns."""

    id: CycleId
    enrollment_id: EnrollmentId
    playbook_sha256: str
    status: CycleStatus
    opened_at: datetime
    facts: Facts
    family_name: str
    given_name: str
    mrn: str


def _running(session: Session, clinic: ClinicId, month: Month) -> list[_Running]:
    query = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            CycleRow.id,
            CycleRow.enrollment_id,
            CycleRow.playbook_sha256,
            CycleRow.status,
            CycleRow.opened_at,
            CycleRow.facts,
            PatientRow.family_name,
            PatientRow.given_name,
            PatientRow.mrn,
        )
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(*_here(clinic, month))
    )
    return [_Running(*row) for row in session.exec(query)]


def _standing(cycle: _Running, plan: Plan, live: Facts) -> Standing:
    return Standing(
        enrollment=cycle.enrollment_id,
        patient_name=listed_name(cycle.family_name, cycle.given_name),
        mrn=cycle.mrn,
        cycle=cycle.id,
        status=cycle.status,
        opened_at=cycle.opened_at,
        plan=plan,
        facts={**cycle.facts, **live},
    )


def _whole_team(members: Team, program_owner: PersonId | None, plan: Plan) -> Team:
    """See to it that somebody answers for what has no owner."""
    if plan.owner in members or program_owner is None:
        return members
    return {**members, plan.owner: program_owner}


def _opened(
    session: Session, clinic: ClinicId, month: Month
) -> Mapping[CycleId, dict[StepId, Opened]]:
    """Give the newest opening of each step of each cycle, with the time documented on it."""
    worked = _worked(session, clinic, month)
    rows = session.exec(
        select(
            col(StepRow.cycle_id),
            col(StepRow.step_id),
            col(StepRow.key),
            col(StepRow.status),
            col(StepRow.owner_role),
            col(StepRow.owner_id),
            col(StepRow.due_at),
            col(StepRow.outcome),
        )  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(*_here(clinic, month))
        .order_by(col(StepRow.round))
    )
    found: dict[CycleId, dict[StepId, Opened]] = defaultdict(dict)
    for cycle, step, key, status, role, person, due_at, outcome in rows:
        found[cycle][step] = Opened(
            step=step,
            key=key,
            status=status,
            owner=Owner(role, person),
            due_at=due_at,
            outcome=outcome or None,
            worked=worked.get((cycle, key), timedelta()),
        )
    return found


def _worked(
    session: Session, clinic: ClinicId, month: Month
) -> dict[tuple[str | None, str | None], timedelta]:
    """Sum the time of a month by the step it was entered for."""
    cycle, key = col(TimeEntryRow.cycle_id), col(TimeEntryRow.step_key)
    query = (
        select(cycle, key, func.sum(TimeEntryRow.seconds))
        .where(TimeEntryRow.clinic_id == clinic, TimeEntryRow.month == month)
        .group_by(cycle, key)
    )
    return {(cycle, key): timedelta(seconds=int(sum_)) for cycle, key, sum_ in session.exec(query)}
