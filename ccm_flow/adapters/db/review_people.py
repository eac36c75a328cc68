"""Who is enrolled, and who can sign in at a clinic, in the counts that the review asks for."""

from collections import Counter
from datetime import datetime

from sqlmodel import Session, col, or_, select

from ccm_flow.adapters.db.account_store import grant_of, held_grants, staff_access
from ccm_flow.adapters.db.care_plan_rows import plans_that_count
from ccm_flow.adapters.db.consents import consents_in_force
from ccm_flow.adapters.db.patient_edit_store import edits_where
from ccm_flow.adapters.db.tables import (
    AccountRow,
    ClinicRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.app.statuses import EnrollmentStatus, PatientField
from ccm_flow.core.access import ALLOWS, AccessRole, Grant, Permission, reach
from ccm_flow.core.ids import ClinicId, OrganizationId, PatientId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.review_seen import PatientsSeen

_UNSAID = "en"
"""The language of a patient of whom none is known."""


def patients_seen(session: Session, clinic: ClinicId, month: Month, now: datetime) -> PatientsSeen:
    """Count the enrolled patients, with what people put right about them."""
    active = (
        EnrollmentRow.clinic_id == clinic,
        col(EnrollmentRow.status) == EnrollmentStatus.ACTIVE,
    )
    scope = (col(EnrollmentRow.clinic_id) == clinic) & active[1]
    which = col(PatientRow.id).in_(select(EnrollmentRow.patient_id).where(*active))
    edits = edits_where(session, which)
    languages: Counter[str] = Counter()
    reachable = enrolled = 0
    rows = session.exec(select(PatientRow.id, PatientRow.phone, PatientRow.language).where(which))
    for patient, phone, language in rows:
        said = {edit.field: edit.value for edit in edits.get(PatientId(patient), []) if edit.value}
        enrolled += 1
        reachable += bool(said.get(PatientField.PHONE) or phone)
        tag = str(said.get(PatientField.LANGUAGE) or language or _UNSAID)
        languages[tag.partition("-")[0].lower()] += 1
    return PatientsSeen(
        enrolled=enrolled,
        consented=len(consents_in_force(session, scope, month)),
        planned=len(plans_that_count(session, scope, now)),
        reachable=reachable,
        languages=dict(languages),
    )


def roles_that_sign_in(
    session: Session, row: ClinicRow, vendors: frozenset[OrganizationId]
) -> dict[PersonId, frozenset[AccessRole]]:
    """Give everybody with an account that reaches a clinic, and what they are there."""
    grants: dict[PersonId, list[Grant]] = {}
    staff = select(StaffRoleRow).where(StaffRoleRow.clinic_id == row.id)
    for held in session.exec(staff):
        grants.setdefault(held.person_id, []).append(Grant(staff_access(held.role), row.id))
    for given in session.exec(held_grants()):
        grants.setdefault(given.person_id, []).append(grant_of(given))
    accounts = session.exec(
        select(AccountRow.person_id)
        .join(PersonRow, col(PersonRow.id) == col(AccountRow.person_id))
        .where(
            col(AccountRow.disabled_at).is_(None),
            col(PersonRow.active).is_(True),
            or_(
                col(AccountRow.password_hash).is_not(None),
                col(AccountRow.oidc_subject).is_not(None),
            ),
        )
    )
    found = {}
    for person in accounts:
        reached, _ = reach(
            grants.get(PersonId(person), []), {row.id: row.organization_id}, {row.id: vendors}
        )
        if row.id in reached:
            found[PersonId(person)] = reached[row.id]
    return found


def who_may(
    people: dict[PersonId, frozenset[AccessRole]], permission: Permission
) -> tuple[PersonId, ...]:
    """List those of them who may do something."""
    return tuple(
        person
        for person, roles in people.items()
        if any(permission in ALLOWS[role] for role in roles)
    )
