"""Who may get a patient's steps, as the record knows it: roles, licences, absences, loads."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from ccm_flow.adapters.db.care_team import teams_of
from ccm_flow.adapters.db.tables import (
    AbsenceRow,
    ClinicRow,
    ClinicStaffRow,
    ClinicVendorRow,
    EnrollmentRow,
    MembershipRow,
    OrganizationRow,
    PatientRow,
    PersonRow,
    ResponsibilityRow,
    StaffRoleRow,
    StepRow,
)
from ccm_flow.core.assignment import Absence, Candidate, Membership, Pool
from ccm_flow.core.ids import ClinicId, EnrollmentId, OrganizationId, PersonId, RoleId
from ccm_flow.core.responsibility import Agreed, Parties
from ccm_flow.core.state import StepStatus

ALWAYS = date(1, 1, 1)
"""From when a person works for the organization that keeps their entry."""


def pool_of(session: Session, enrollment: EnrollmentId, now: datetime) -> Pool:
    """Give who may get one patient's steps."""
    row = session.get_one(EnrollmentRow, enrollment)
    clinic_pool = clinic_pool_of(session, row.clinic_id, now)
    return pools_for(session, clinic_pool, col(EnrollmentRow.id) == enrollment)[enrollment]


def pools_for(session: Session, pool: Pool, scope: ColumnElement[bool]) -> dict[EnrollmentId, Pool]:
    """Give a clinic's pool as it is for each patient whose enrollment `scope` chooses."""
    query = (
        select(EnrollmentRow.id, PatientRow.address)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(scope)
    )
    teams = teams_of(session, scope)
    return {
        EnrollmentId(id_): replace(
            pool, named=teams.get(EnrollmentId(id_), {}), patient_state=state_in(address or {})
        )
        for id_, address in session.exec(query)
    }


def state_in(address: Mapping[str, object]) -> str:
    """Give the two letters of the state a patient lives in; empty when it is not known so."""
    state = str(address.get("state") or "").strip().upper()
    return state if len(state) == 2 else ""


def clinic_pool_of(session: Session, clinic: ClinicId, now: datetime) -> Pool:
    """
    Give a clinic's staff without what holds for one patient only; nobody is named in it.

    A fixed number of queries, whatever the number of people.
    """
    row = session.get_one(ClinicRow, clinic)
    assert row.program_owner_id is not None  # noqa: S101 - a clinic without one opens nothing
    today = now.astimezone(ZoneInfo(row.time_zone)).date()
    people = _people(session, clinic, row.program_owner_id)
    ids = [person.id for person in people]
    parties = Parties(row.organization_id, vendor_of(session, clinic, today))
    return Pool(
        people=_candidates(session, clinic, people, ids, today),
        program_owner=row.program_owner_id,
        named={},
        parties=parties,
        agreed=agreed_at(session, clinic),
        organizations=_organization_names(session),
    )


def agreed_at(session: Session, clinic: ClinicId) -> tuple[Agreed, ...]:
    """Give a clinic's responsibility map, in the order in which it was written down."""
    rows = session.exec(
        select(ResponsibilityRow)
        .where(ResponsibilityRow.clinic_id == clinic)
        .order_by(col(ResponsibilityRow.set_at), col(ResponsibilityRow.position))
    )
    return tuple(Agreed(row.from_day, row.organization_id, row.role, row.step_id) for row in rows)


def vendor_of(session: Session, clinic: ClinicId, day: date) -> OrganizationId | None:
    """Name the vendor that works at a clinic on a day; the one that came last, when two do."""
    query = (
        select(ClinicVendorRow.organization_id)
        .where(
            ClinicVendorRow.clinic_id == clinic,
            col(ClinicVendorRow.from_day) <= day,
            or_(
                col(ClinicVendorRow.until_day).is_(None),
                col(ClinicVendorRow.until_day) >= day,
            ),
        )
        .order_by(col(ClinicVendorRow.from_day).desc())
    )
    found = session.exec(query).first()
    return None if found is None else OrganizationId(found)


def absences_of(session: Session, people: Sequence[PersonId]) -> list[AbsenceRow]:
    """List the absences that stand: neither replaced nor taken back."""
    rows = session.exec(
        select(AbsenceRow)
        .where(col(AbsenceRow.person_id).in_(people))
        .order_by(col(AbsenceRow.from_day), col(AbsenceRow.id))
    ).all()
    replaced = {row.replaces_id for row in rows}
    return [row for row in rows if row.id not in replaced and not row.never_was]


def _people(session: Session, clinic: ClinicId, owner: PersonId) -> Sequence[PersonRow]:
    """Give the staff, and those who have left and still have a step open."""
    staff = select(StaffRoleRow.person_id).where(StaffRoleRow.clinic_id == clinic)
    busy = select(StepRow.owner_id).where(
        StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN
    )
    query = select(PersonRow).where(
        or_(col(PersonRow.id).in_(staff), PersonRow.id == owner, col(PersonRow.id).in_(busy))
    )
    return session.exec(query.order_by(col(PersonRow.id))).all()


def _candidates(
    session: Session,
    clinic: ClinicId,
    people: Sequence[PersonRow],
    ids: Sequence[PersonId],
    today: date,
) -> tuple[Candidate, ...]:
    roles = _roles(session, clinic)
    here = {row.person_id: row for row in _staff(session, clinic)}
    members = _memberships(session, ids)
    away = _absences(session, ids, today)
    loads = _loads(session, clinic, ids)
    found = []
    for person in people:
        staff = here.get(person.id)
        home = Membership(person.organization_id, ALWAYS)
        found.append(
            Candidate(
                person=person.id,
                name=person.name,
                roles=tuple(roles.get(person.id, ())),
                credential=person.credential,
                languages=tuple((person.languages or "").split()),
                licensed_in=tuple((person.licensed_in or "").split()),
                memberships=(home, *members.get(person.id, ())),
                absences=tuple(away.get(person.id, ())),
                load=loads.get(person.id, 0),
                limit=staff.capacity if staff else None,
                works=_works(staff),
                until_day=_last_day(person, roles.get(person.id), staff),
            )
        )
    return tuple(found)


def _last_day(
    person: PersonRow, roles: Sequence[RoleId] | None, staff: ClinicStaffRow | None
) -> date | None:
    """Give the last day on the staff; a day long past for somebody without a role who has left."""
    if staff is not None and staff.until_day is not None:
        return staff.until_day
    return ALWAYS if not roles and not person.active else None


def _works(staff: ClinicStaffRow | None) -> tuple[int, int] | None:
    if staff is None or staff.works_from is None or staff.works_until is None:
        return None
    return _minute(staff.works_from), _minute(staff.works_until)


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _staff(session: Session, clinic: ClinicId) -> Sequence[ClinicStaffRow]:
    return session.exec(select(ClinicStaffRow).where(ClinicStaffRow.clinic_id == clinic)).all()


def _roles(session: Session, clinic: ClinicId) -> Mapping[PersonId, list[RoleId]]:
    found: dict[PersonId, list[RoleId]] = defaultdict(list)
    query = select(StaffRoleRow).where(StaffRoleRow.clinic_id == clinic)
    for row in session.exec(query.order_by(col(StaffRoleRow.role))):
        found[row.person_id].append(row.role)
    return found


def _memberships(session: Session, ids: Sequence[PersonId]) -> Mapping[PersonId, list[Membership]]:
    found: dict[PersonId, list[Membership]] = defaultdict(list)
    query = select(MembershipRow).where(col(MembershipRow.person_id).in_(ids))
    for row in session.exec(query.order_by(col(MembershipRow.from_day))):
        member = Membership(row.organization_id, row.from_day, row.until_day)
        found[row.person_id].append(member)
    return found


def _absences(
    session: Session, ids: Sequence[PersonId], today: date
) -> Mapping[PersonId, list[Absence]]:
    found: dict[PersonId, list[Absence]] = defaultdict(list)
    for row in absences_of(session, ids):
        if row.until_day is None or row.until_day >= today:
            found[row.person_id].append(Absence(row.from_day, row.until_day, row.cover_id))
    return found


def _loads(session: Session, clinic: ClinicId, ids: Sequence[PersonId]) -> Mapping[PersonId, int]:
    """Count the steps that each person has open at the clinic."""
    query = (
        select(StepRow.owner_id, func.count())
        .where(
            StepRow.clinic_id == clinic,
            StepRow.status == StepStatus.OPEN,
            col(StepRow.owner_id).in_(ids),
        )
        .group_by(col(StepRow.owner_id))
    )
    return {PersonId(person): count for person, count in session.exec(query)}


def _organization_names(session: Session) -> Mapping[OrganizationId, str]:
    rows = session.exec(select(OrganizationRow.id, OrganizationRow.name))
    return {OrganizationId(id_): name for id_, name in rows}
