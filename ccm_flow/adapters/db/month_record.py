"""A clinic's running months for readiness: live facts, the newest opening of every step, teams."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.projection import plan_of
from ccm_flow.adapters.db.tables import (
    CareTeamMemberRow,
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import judge_minutes
from ccm_flow.adapters.db.views_names import enrollment_handles, patient_name
from ccm_flow.app.readiness import Standing
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    OutcomeId,
    PersonId,
    RoleId,
    StepId,
)
from ccm_flow.core.month import Month
from ccm_flow.core.outlook import Opened
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStatus, Owner
from ccm_flow.core.time_entries import Entry

Team = Mapping[RoleId, PersonId]


class SqlMonthRecord:
    """Implements `ccm_flow.app.readiness.MonthRecord`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standings(self, clinic: ClinicId, month: Month, now: datetime) -> list[Standing]:
        """Give every running or paused monthly cycle."""
        with reading(self._engine) as session:
            found = _running(session, clinic, month)
            opened = _opened(session, clinic, month)
            teams = _teams(session, clinic)
            handles = enrollment_handles(session)
            owner = session.get_one(ClinicRow, clinic).program_owner_id
            return [
                _standing(
                    session,
                    (cycle, patient, handles[cycle.enrollment_id]),
                    opened.get(cycle.id, {}),
                    (teams.get(cycle.enrollment_id, {}), owner),
                    now,
                )
                for cycle, patient in found
            ]

    def documented(self, clinic: ClinicId, month: Month) -> Mapping[date, int]:
        """Sum the month's counted time by the clinic's days."""
        found: dict[date, int] = defaultdict(int)
        with reading(self._engine) as session:
            zone = ZoneInfo(session.get_one(ClinicRow, clinic).time_zone)
            for entry in _counted(session, clinic, month):
                found[entry.started_at.astimezone(zone).date()] += entry.seconds
        return found

    def names(self, people: set[PersonId]) -> Mapping[PersonId, str]:
        """Give people's names."""
        query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(people))
        with reading(self._engine) as session:
            return {PersonId(id_): name for id_, name in session.exec(query)}


def _running(session: Session, clinic: ClinicId, month: Month) -> list[tuple[CycleRow, PatientRow]]:
    query = (
        select(CycleRow, PatientRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(
            CycleRow.clinic_id == clinic,
            CycleRow.month == month,
            CycleRow.kind == PlaybookKind.MONTHLY,
            CycleRow.status != CycleStatus.ENDED,
        )
    )
    return [(cycle, patient) for cycle, patient in session.exec(query)]


def _standing(
    session: Session,
    who: tuple[CycleRow, PatientRow, str],
    opened: Mapping[StepId, Opened],
    team: tuple[Team, PersonId | None],
    now: datetime,
) -> Standing:
    cycle, patient, handle = who
    plan = plan_of(session, cycle.playbook_sha256)
    live = gather_facts(session, cycle.enrollment_id, cycle.month, now)
    return Standing(
        handle=handle,
        enrollment=cycle.enrollment_id,
        patient_name=patient_name(patient),
        mrn=patient.mrn,
        cycle=cycle.id,
        status=cycle.status,
        opened_at=cycle.opened_at,
        plan=plan,
        team=_whole_team(team, plan),
        facts={**cycle.facts, **live},
        opened=opened,
    )


def _whole_team(team: tuple[Team, PersonId | None], plan: Plan) -> Team:
    """See to it that somebody answers for what has no owner."""
    members, program_owner = team
    if plan.owner in members or program_owner is None:
        return members
    return {**members, plan.owner: program_owner}


def _counted(session: Session, clinic: ClinicId, month: Month) -> Iterator[Entry]:
    """Give the entries of a clinic's month that count."""
    for judged in judge_minutes(session, month, col(EnrollmentRow.clinic_id) == clinic).values():
        left_out = {entry.id for entry, _ in judged.counted.not_counted}
        yield from (entry for entry in judged.entries if entry.id not in left_out)


def _opened(
    session: Session, clinic: ClinicId, month: Month
) -> Mapping[CycleId, dict[StepId, Opened]]:
    """Give the newest opening of each step of each cycle, with the time documented on it."""
    here = (
        CycleRow.clinic_id == clinic,
        CycleRow.month == month,
        CycleRow.kind == PlaybookKind.MONTHLY,
        CycleRow.status != CycleStatus.ENDED,
    )
    worked: dict[tuple[str | None, str | None], timedelta] = defaultdict(timedelta)
    for entry in session.exec(
        select(TimeEntryRow).where(TimeEntryRow.clinic_id == clinic, TimeEntryRow.month == month)
    ):
        worked[(entry.cycle_id, entry.step_key)] += timedelta(seconds=entry.seconds)
    rows = session.exec(
        select(StepRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(*here)
        .order_by(col(StepRow.round))
    )
    found: dict[CycleId, dict[StepId, Opened]] = defaultdict(dict)
    for row in rows:
        found[row.cycle_id][row.step_id] = _opening(row, worked[(row.cycle_id, row.key)])
    return found


def _opening(row: StepRow, worked: timedelta) -> Opened:
    return Opened(
        step=row.step_id,
        key=row.key,
        status=row.status,
        owner=Owner(row.owner_role, row.owner_id),
        due_at=row.due_at,
        outcome=OutcomeId(row.outcome) if row.outcome else None,
        worked=worked,
    )


def _teams(session: Session, clinic: ClinicId) -> Mapping[EnrollmentId, dict[RoleId, PersonId]]:
    query = (
        select(CareTeamMemberRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CareTeamMemberRow.enrollment_id))
        .where(EnrollmentRow.clinic_id == clinic)
    )
    found: dict[EnrollmentId, dict[RoleId, PersonId]] = defaultdict(dict)
    for row in session.exec(query):
        found[row.enrollment_id][row.role] = row.person_id
    return found
