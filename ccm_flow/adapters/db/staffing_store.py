"""The record of who may have what: the responsibility map, absences, leaving, moves."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from ccm_flow.adapters.db.account_store import held_grants
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.enrollment_changes import change_practitioner, locked_enrollment
from ccm_flow.adapters.db.held_steps import held_steps
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.pool import absences_of, clinic_pool_of, state_in
from ccm_flow.adapters.db.tables import (
    AbsenceRow,
    AccessGrantRow,
    CareTeamMemberRow,
    ClinicPlaybookRow,
    ClinicRow,
    ClinicStaffRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
    ResponsibilityRow,
    SettingRow,
    StaffRoleRow,
    StepMoveRow,
    StepRow,
)
from ccm_flow.app.new_calendar import Due, RunningCycle
from ccm_flow.app.staffing import (
    AbsenceView,
    Line,
    NotAbsentError,
    Staffing,
    StillOwnerError,
)
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.assignment import Absence, ForWhom
from ccm_flow.core.ids import (
    ClickId,
    ClinicId,
    CycleId,
    EnrollmentId,
    PersonId,
    RoleId,
    record_stream,
)
from ccm_flow.core.moving import Move, Named, NewName
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.responsibility import PRACTITIONER, Agreed
from ccm_flow.core.state import CycleStatus, StepStatus

_IN_PROGRAM = (
    EnrollmentStatus.IDENTIFIED,
    EnrollmentStatus.INTRODUCED,
    EnrollmentStatus.CONSENTED,
    EnrollmentStatus.ACTIVE,
)

_SETTLED = "staff_settled"


class SqlStaffing:
    """Implements `ccm_flow.app.staffing.StaffRecord`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def staffing(self, clinic: ClinicId, now: datetime) -> Staffing:
        """Give everything that decides who has which step, in a fixed number of queries."""
        with reading(self._engine) as session:
            named = _named(session, clinic)
            patients = Counter(who for one in named.values() for who in one.team.values())
            plans = _plans(session, clinic)
            owner = plans[0].owner if plans else RoleId("program_lead")
            return Staffing(
                pool=clinic_pool_of(session, clinic, now),
                held=held_steps(session, clinic),
                named=named,
                roles=frozenset(role.id for plan in plans for role in plan.roles),
                owner_role=owner,
                patients=patients,
            )

    def lines(self, clinic: ClinicId) -> list[Line]:
        """Give a clinic's responsibility map, in the order in which it was written down."""
        query = select(ResponsibilityRow).where(ResponsibilityRow.clinic_id == clinic)
        ordered = query.order_by(col(ResponsibilityRow.set_at), col(ResponsibilityRow.position))
        with reading(self._engine) as session:
            return [
                Line(
                    Agreed(row.from_day, row.organization_id, row.role, row.step_id),
                    row.because,
                    row.set_by,
                    row.set_at,
                )
                for row in session.exec(ordered)
            ]

    def keep_lines(
        self,
        clinic: ClinicId,
        lines: Sequence[Agreed],
        *,
        because: str,
        by: PersonId | None,
        now: datetime,
    ) -> None:
        """Add lines to a clinic's responsibility map."""
        with writing(self._engine) as session:
            add_lines(session, clinic, lines, because=because, by=by, now=now)

    def keep_absence(
        self, person: PersonId, absence: Absence, because: str, by: PersonId, now: datetime
    ) -> str:
        """Keep an absence; gives its id."""
        id_ = uuid.uuid4().hex[:12]
        with writing(self._engine) as session:
            session.add(
                AbsenceRow(
                    id=id_,
                    person_id=person,
                    from_day=absence.from_day,
                    until_day=absence.until_day,
                    cover_id=absence.cover,
                    because=because,
                    told_by=by,
                    told_at=now,
                )
            )
            _unsettle_all(session, person)
        return id_

    def end_absence(self, id_: str, last_day: date, by: PersonId, now: datetime) -> AbsenceView:
        """Let an absence end on a day, or take it back when that is before its first day."""
        with writing(self._engine) as session:
            row = session.get(AbsenceRow, id_)
            if row is None or not any(
                one.id == id_ for one in absences_of(session, [row.person_id])
            ):
                raise NotAbsentError(id_)
            ended = AbsenceRow(
                id=uuid.uuid4().hex[:12],
                person_id=row.person_id,
                from_day=row.from_day,
                until_day=last_day,
                cover_id=row.cover_id,
                because=row.because,
                told_by=by,
                told_at=now,
                replaces_id=row.id,
                never_was=last_day < row.from_day,
            )
            session.add(ended)
            session.flush()
            _unsettle_all(session, row.person_id)
            return _absence_view(ended, _names(session, [row.person_id, row.cover_id]))

    def absences(self, clinic: ClinicId) -> list[AbsenceView]:
        """List the absences of a clinic's staff that stand, the earliest first."""
        staff = select(StaffRoleRow.person_id).where(StaffRoleRow.clinic_id == clinic).distinct()
        with reading(self._engine) as session:
            rows = absences_of(session, [PersonId(one) for one in session.exec(staff)])
            people = [row.person_id for row in rows] + [row.cover_id for row in rows]
            names = _names(session, people)
            return [_absence_view(row, names) for row in rows]

    def keep_leaving(self, clinic: ClinicId, person: PersonId, last_day: date) -> None:
        """
        Let somebody's work at a clinic end with a day.

        Raises:
            StillOwnerError: the clinic names them as its program owner.
        """
        with writing(self._engine) as session:
            if session.get_one(ClinicRow, clinic).program_owner_id == person:
                raise StillOwnerError(session.get_one(PersonRow, person).name)
            row = session.get(ClinicStaffRow, (clinic, person))
            row = row or ClinicStaffRow(clinic_id=clinic, person_id=person)
            row.until_day = last_day
            session.add(row)

    def end_those_who_left(self, clinic: ClinicId, today: date) -> None:
        """Take the roles from those whose last day has passed, as `end_roles` does."""
        gone = select(ClinicStaffRow.person_id).where(
            ClinicStaffRow.clinic_id == clinic, col(ClinicStaffRow.until_day) < today
        )
        with writing(self._engine) as session:
            for person in session.exec(gone).all():
                end_roles(session, clinic, PersonId(person))

    def keep_names(
        self, clinic: ClinicId, names: Sequence[NewName], by: PersonId, now: datetime
    ) -> None:
        """
        Name other people for patients; another billing practitioner needs new consent.

        What somebody else has changed since the names were chosen stays as they left it.
        """
        with writing(self._engine) as session:
            for new in sorted(names, key=lambda new: new.enrollment):  # locks in one order
                locked_enrollment(session, new.enrollment)
                row = session.get(CareTeamMemberRow, (new.enrollment, new.role))
                if (row.person_id if row is not None else None) != new.before:
                    continue
                if new.role == PRACTITIONER and new.to is not None:
                    change_practitioner(session, new.enrollment, new.to, new.because, by=by, at=now)
                _rename(session, new)
                detail = {
                    "role": new.role,
                    "before": new.before,
                    "to": new.to,
                    "because": new.because,
                }
                stream = record_stream(new.enrollment)
                append(session, clinic, stream, "team_changed", actor=by, at=now, detail=detail)

    def keep_move(
        self, clinic: ClinicId, id_: ClickId, move: Move, by: PersonId, at: datetime
    ) -> None:
        """Keep that a step is moved; it counts once its click is taken."""
        with writing(self._engine) as session:
            if session.get(StepMoveRow, id_) is not None:
                return
            session.add(
                StepMoveRow(
                    id=id_,
                    clinic_id=clinic,
                    cycle_id=move.held.cycle,
                    step_key=move.held.key,
                    kind=move.kind,
                    from_id=move.held.owner,
                    from_role=move.held.wanted.role,
                    to_id=move.to,
                    to_role=move.to_role,
                    because=move.because,
                    by=by,
                    at=at,
                )
            )

    def unsettled(self) -> list[ClinicId]:
        """List the clinics that have a program owner; months run at a paused one too."""
        query = select(ClinicRow.id).where(col(ClinicRow.program_owner_id).is_not(None))
        with reading(self._engine) as session:
            return [ClinicId(id_) for id_ in session.exec(query.order_by(col(ClinicRow.id)))]

    def settled_on(self, clinic: ClinicId) -> str | None:
        """Give the last day that was settled."""
        with reading(self._engine) as session:
            row = session.get(SettingRow, f"{_SETTLED}:{clinic}")
            return row.value if row else None

    def keep_settled(self, clinic: ClinicId, day: str) -> None:
        """Keep that a day is settled."""
        with writing(self._engine) as session:
            session.merge(SettingRow(key=f"{_SETTLED}:{clinic}", value=day))

    def unsettle(self, clinic: ClinicId) -> None:
        """Let the day be settled once more."""
        with writing(self._engine) as session:
            _unsettle(session, clinic)

    def running_cycles(self, clinic: ClinicId) -> list[RunningCycle]:
        """List the cycles that have begun and not ended, with their months."""
        query = select(CycleRow).where(
            CycleRow.clinic_id == clinic, CycleRow.status != CycleStatus.ENDED
        )
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(CycleRow.id)))
            return [RunningCycle(row.id, row.month, row.kind) for row in rows]

    def deadlines(self, clinic: ClinicId) -> list[Due]:
        """List the open steps with their deadlines, the earliest first."""
        query = (
            select(StepRow, PersonRow.name)
            .join(PersonRow, col(PersonRow.id) == col(StepRow.owner_id))
            .where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
            .order_by(col(StepRow.due_at), col(StepRow.cycle_id), col(StepRow.key))
        )
        with reading(self._engine) as session:
            return [
                Due(row.cycle_id, row.key, row.title, name, row.due_at)
                for row, name in session.exec(query)
            ]

    def running(self, clinic: ClinicId) -> list[CycleId]:
        """List the cycles that have begun and not ended."""
        query = select(CycleRow.id).where(
            CycleRow.clinic_id == clinic, CycleRow.status != CycleStatus.ENDED
        )
        with reading(self._engine) as session:
            return [CycleId(id_) for id_ in session.exec(query.order_by(col(CycleRow.id)))]


def _unsettle_all(session: Session, person: PersonId) -> None:
    """Let the day be settled once more wherever somebody works: an absence is theirs everywhere."""
    clinics = select(StaffRoleRow.clinic_id).where(StaffRoleRow.person_id == person).distinct()
    for clinic in session.exec(clinics):
        _unsettle(session, ClinicId(clinic))


def _unsettle(session: Session, clinic: ClinicId) -> None:
    row = session.get(SettingRow, f"{_SETTLED}:{clinic}")
    if row is not None:
        session.delete(row)


def add_lines(
    session: Session,
    clinic: ClinicId,
    lines: Sequence[Agreed],
    *,
    because: str,
    by: PersonId | None,
    now: datetime,
) -> None:
    """Add lines to a clinic's responsibility map within a transaction."""
    for position, line in enumerate(lines):
        session.add(
            ResponsibilityRow(
                id=uuid.uuid4().hex,
                clinic_id=clinic,
                role=line.role,
                step_id=line.step,
                organization_id=line.organization,
                from_day=line.from_day,
                because=because,
                set_by=by,
                set_at=now,
                position=position,
            )
        )


def end_roles(session: Session, clinic: ClinicId, person: PersonId) -> None:
    """
    Take somebody's roles at a clinic; who has none anywhere is not active any more.

    Who was given an access role, e.g. to look after accounts, stays active until it is taken back:
    a clinic's file says nothing about that.
    """
    session.exec(
        delete(StaffRoleRow).where(
            col(StaffRoleRow.clinic_id) == clinic, col(StaffRoleRow.person_id) == person
        )
    )
    left = session.exec(select(StaffRoleRow.role).where(StaffRoleRow.person_id == person)).first()
    given = session.exec(held_grants().where(AccessGrantRow.person_id == person)).first()
    if left is None and given is None:
        session.get_one(PersonRow, person).active = False


def _rename(session: Session, new: NewName) -> None:
    row = session.get(CareTeamMemberRow, (new.enrollment, new.role))
    if new.to is None:
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(
            CareTeamMemberRow(enrollment_id=new.enrollment, role=new.role, person_id=new.to)
        )
    else:
        row.person_id = new.to
    session.flush()


def _named(session: Session, clinic: ClinicId) -> dict[EnrollmentId, Named]:
    teams: dict[EnrollmentId, dict[RoleId, PersonId]] = defaultdict(dict)
    for row in session.exec(
        select(CareTeamMemberRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CareTeamMemberRow.enrollment_id))
        .where(EnrollmentRow.clinic_id == clinic)
    ):
        teams[row.enrollment_id][row.role] = row.person_id
    rows = session.exec(
        select(EnrollmentRow.id, PatientRow.address, PatientRow.language)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.status).in_(_IN_PROGRAM))
    )
    return {
        EnrollmentId(id_): Named(
            EnrollmentId(id_),
            teams[EnrollmentId(id_)],
            ForWhom(language.partition("-")[0].lower() or "en", id_),
            state_in(address or {}),
        )
        for id_, address, language in rows
    }


def _plans(session: Session, clinic: ClinicId) -> list[Plan]:
    """Give the playbooks that are published for a clinic, the months' first."""
    rows = session.exec(
        select(ClinicPlaybookRow.sha256, ClinicPlaybookRow.kind)
        .where(ClinicPlaybookRow.clinic_id == clinic)
        .order_by(col(ClinicPlaybookRow.from_month).desc())
    ).all()
    ordered = sorted(rows, key=lambda row: row[1] != PlaybookKind.MONTHLY)
    return [plan_of(session, sha256) for sha256, _ in ordered]


def _names(session: Session, people: Sequence[str | None]) -> Mapping[str, str]:
    ids = {person for person in people if person is not None}
    rows = session.exec(select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(ids)))
    return dict(rows.all())


def _absence_view(row: AbsenceRow, names: Mapping[str, str]) -> AbsenceView:
    return AbsenceView(
        id=row.id,
        person=row.person_id,
        name=names.get(row.person_id, row.person_id),
        from_day=row.from_day,
        until_day=row.until_day,
        cover=row.cover_id,
        cover_name=names.get(row.cover_id, row.cover_id) if row.cover_id else None,
        because=row.because,
    )
