"""Emergency access in the database: kept once, with its line in the access log and its messages."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.account_store import grant_of, held_grants, staff_access, vendors_now
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.sealed_columns import same
from ccm_flow.adapters.db.tables import (
    AccessLogRow,
    AccountRow,
    ClinicRow,
    EmergencyAccessRow,
    EnrollmentRow,
    MessageRow,
    PatientRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.emergency import EmergencyAccess, EmergencyLine, Watcher
from ccm_flow.core.access import Grant, Permission, Visitor, reach
from ccm_flow.core.emergency import within_reach
from ccm_flow.core.ids import ClinicId, EnrollmentId, OrganizationId, PatientId, PersonId, RoleId

_TO: RoleId = RoleId("program_lead")
"""The role in which the message is read; those who watch have no role of a playbook."""


class SqlEmergencies:
    """Implements `ccm_flow.app.emergency.Emergencies`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reach_of(self, visitor: Visitor) -> Mapping[ClinicId, str]:
        """Name the clinics at whose patients somebody may look in an emergency."""
        people = SqlPeople(self._engine)
        with reading(self._engine) as session:
            rows = session.exec(
                select(ClinicRow.id, ClinicRow.organization_id, ClinicRow.name)
            ).all()
            vendors = vendors_now(session)
        clinics = {ClinicId(id_): OrganizationId(owner) for id_, owner, _ in rows}
        here = within_reach(visitor, people.employer(visitor.person), clinics, vendors)
        return {ClinicId(id_): name for id_, _, name in rows if id_ in here}

    def find(self, clinic: ClinicId, mrn: str) -> tuple[PatientId, EnrollmentId] | None:
        """Find who is in a clinic's program by the whole record number."""
        query = (
            select(PatientRow.id, EnrollmentRow.id)
            .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(PatientRow.id))
            .where(PatientRow.clinic_id == clinic)
            .order_by(col(EnrollmentRow.created_at).desc())
        )
        with reading(self._engine) as session:
            found = session.exec(query.where(same(session, PatientRow.mrn, mrn))).first()
            return None if found is None else (PatientId(found[0]), EnrollmentId(found[1]))

    def watchers(self, clinic: ClinicId) -> Sequence[Watcher]:
        """Name those with an account who may read the clinic's access log."""
        with reading(self._engine) as session:
            owner = session.get_one(ClinicRow, clinic).organization_id
            vendors = vendors_now(session)
            held = _all_grants(session, clinic)
            query = (
                select(PersonRow.id, PersonRow.email)
                .join(AccountRow, col(AccountRow.person_id) == col(PersonRow.id))
                .where(
                    col(PersonRow.id).in_(held),
                    col(PersonRow.active).is_(True),
                    col(AccountRow.disabled_at).is_(None),
                )
                .order_by(col(PersonRow.id))
            )
            known = session.exec(query).all()
        found = []
        for person, email in known:
            roles, everywhere = reach(held[PersonId(person)], {clinic: owner}, vendors)
            visitor = Visitor(PersonId(person), "", roles, everywhere)
            if visitor.may(Permission.SEE_ACCESS_LOG, clinic):
                found.append(Watcher(PersonId(person), email))
        return found

    def keep(self, access: EmergencyAccess, tell: Collection[PersonId]) -> bool:
        """Keep it with its lines and messages, once."""
        with writing(self._engine) as session:
            if session.get(EmergencyAccessRow, access.id) is not None:
                return False
            session.add(_row(access))
            session.add(
                AccessLogRow(
                    id=uuid.uuid4().hex,
                    at=access.begun_at,
                    person_id=access.person,
                    clinic_id=access.clinic,
                    patient_id=access.patient,
                    what=AccessEvent.EMERGENCY_TAKEN.value,
                    detail={"emergency": access.id},
                )
            )
            session.add_all(_message(access, person) for person in tell)
        return True

    def holds(self, person: PersonId, now: datetime) -> Sequence[EmergencyAccess]:
        """Give what somebody has open now."""
        query = select(EmergencyAccessRow).where(
            EmergencyAccessRow.person_id == person,
            col(EmergencyAccessRow.until) > now,
            col(EmergencyAccessRow.begun_at) <= now,
        )
        with reading(self._engine) as session:
            return [_read(row) for row in session.exec(query.order_by(col(EmergencyAccessRow.id)))]

    def lines(
        self, clinics: Collection[ClinicId], patients_at: Collection[ClinicId], limit: int
    ) -> Sequence[EmergencyLine]:
        """List what was taken at clinics, newest first; patients are named at `patients_at`."""
        query = (
            select(EmergencyAccessRow, PersonRow.name, ClinicRow.name, PatientRow)
            .join(PersonRow, col(PersonRow.id) == col(EmergencyAccessRow.person_id))
            .join(ClinicRow, col(ClinicRow.id) == col(EmergencyAccessRow.clinic_id))
            .outerjoin(PatientRow, col(PatientRow.id) == col(EmergencyAccessRow.patient_id))
            .where(col(EmergencyAccessRow.clinic_id).in_(clinics))
            .order_by(col(EmergencyAccessRow.begun_at).desc(), col(EmergencyAccessRow.id))
        )
        with reading(self._engine) as session:
            rows = session.exec(query.limit(limit)).all()
            looks = _looks(session, [row for row, *_ in rows])
            return [
                EmergencyLine(
                    access=_read(row),
                    person_name=person,
                    clinic_name=clinic,
                    patient_name=patient_name(patient)
                    if patient is not None and row.clinic_id in patients_at
                    else "",
                    looks=looks.get(row.id, 0),
                )
                for row, person, clinic, patient in rows
            ]


def _all_grants(session: Session, clinic: ClinicId) -> Mapping[PersonId, list[Grant]]:
    """Give what everybody holds that may hold at a clinic, by person."""
    held: dict[PersonId, list[Grant]] = defaultdict(list)
    for row in session.exec(select(StaffRoleRow).where(StaffRoleRow.clinic_id == clinic)):
        held[row.person_id].append(Grant(staff_access(row.role), row.clinic_id))
    for given in session.exec(held_grants()):
        held[given.person_id].append(grant_of(given))
    return held


def _looks(session: Session, rows: Sequence[EmergencyAccessRow]) -> dict[str, int]:
    emergency = col(AccessLogRow.detail)["emergency"].as_string()
    query = (
        select(emergency, func.count())
        .where(
            col(AccessLogRow.patient_id).in_({row.patient_id for row in rows}),
            AccessLogRow.what == AccessEvent.PATIENT_SEEN.value,
            emergency.in_([row.id for row in rows]),
        )
        .group_by(emergency)
    )
    return {str(id_): int(count) for id_, count in session.exec(query)}


def _row(access: EmergencyAccess) -> EmergencyAccessRow:
    return EmergencyAccessRow(
        id=access.id,
        clinic_id=access.clinic,
        patient_id=access.patient,
        enrollment_id=access.enrollment,
        person_id=access.person,
        because=access.because,
        begun_at=access.begun_at,
        until=access.until,
    )


def _read(row: EmergencyAccessRow) -> EmergencyAccess:
    return EmergencyAccess(
        id=row.id,
        clinic=row.clinic_id,
        patient=row.patient_id,
        enrollment=row.enrollment_id,
        person=row.person_id,
        because=row.because,
        begun_at=row.begun_at,
        until=row.until,
    )


def _message(access: EmergencyAccess, person: PersonId) -> MessageRow:
    return MessageRow(
        id=f"emergency:{access.id}:{person}",
        clinic_id=access.clinic,
        kind="emergency_access",
        to_person=person,
        to_role=_TO,
        sent_at=access.begun_at,
        text_code="emergency_access",
        detail={"title": "Emergency access"},
    )
