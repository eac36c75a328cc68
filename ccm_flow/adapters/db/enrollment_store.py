"""Enrolls candidates and names each one's care team."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.tables import (
    CareTeamMemberRow,
    EnrollmentRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.app.enroll_patients import Enrolled
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, PersonId, RoleId

PRACTITIONER = RoleId("practitioner")


def enroll(
    engine: Engine, clinic: ClinicId, patients: Iterable[PatientId], program: str, now: datetime
) -> list[Enrolled]:
    """
    Enroll patients as identified; those who are or were in the program stay as they are.

    Every role of the clinic gets a named person for each patient: the one with the fewest.
    """
    with writing(engine) as session:
        known = set(
            session.exec(
                select(EnrollmentRow.patient_id).where(
                    EnrollmentRow.clinic_id == clinic, EnrollmentRow.program == program
                )
            )
        )
        load = _load(session, clinic)
        done = []
        for patient in patients:
            if patient not in known:
                row = _enrollment(clinic, patient, program, now)
                done.append(_enroll_one(session, row, load))
        return done


Load = dict[RoleId, Counter[PersonId]]


def _load(session: Session, clinic: ClinicId) -> Load:
    """Count each person's patients in each role they hold; zero counts too."""
    load: Load = defaultdict(Counter)
    staff = session.exec(
        select(StaffRoleRow.role, StaffRoleRow.person_id)
        .join(PersonRow, col(PersonRow.id) == col(StaffRoleRow.person_id))
        .where(StaffRoleRow.clinic_id == clinic, col(PersonRow.active).is_(True))
    )
    for role, person in staff:
        load[RoleId(role)][PersonId(person)] = 0
    counts = session.exec(
        select(CareTeamMemberRow.role, CareTeamMemberRow.person_id, func.count())
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CareTeamMemberRow.enrollment_id))
        .where(EnrollmentRow.clinic_id == clinic)
        .group_by(col(CareTeamMemberRow.role), col(CareTeamMemberRow.person_id))
    )
    for role, person, count in counts:
        if PersonId(person) in load[RoleId(role)]:
            load[RoleId(role)][PersonId(person)] = count
    return load


def _enrollment(clinic: ClinicId, patient: PatientId, program: str, now: datetime) -> EnrollmentRow:
    return EnrollmentRow(
        id=EnrollmentId(uuid.uuid5(uuid.NAMESPACE_OID, f"{program}/{patient}").hex),
        clinic_id=clinic,
        patient_id=patient,
        program=program,
        status=EnrollmentStatus.IDENTIFIED,
        created_at=now,
    )


def _enroll_one(session: Session, row: EnrollmentRow, load: Load) -> Enrolled:
    team = {role: _least_loaded(people) for role, people in load.items()}
    row.practitioner_id = team.get(PRACTITIONER)
    session.add(row)
    session.flush()
    for role, person in team.items():
        session.add(CareTeamMemberRow(enrollment_id=row.id, role=role, person_id=person))
        load[role][person] += 1
    return Enrolled(row.id, row.patient_id)


def _least_loaded(people: Counter[PersonId]) -> PersonId:
    return min(people.items(), key=lambda item: (item[1], item[0]))[0]
