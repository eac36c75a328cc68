"""Who has which role for a patient."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import CareTeamMemberRow, EnrollmentRow
from ccm_flow.core.ids import EnrollmentId, PersonId, RoleId


def team_of(session: Session, enrollment: EnrollmentId) -> dict[RoleId, PersonId]:
    """Give the named person for each role of an enrollment."""
    return teams_of(session, col(EnrollmentRow.id) == enrollment)[enrollment]


def teams_of(
    session: Session, scope: ColumnElement[bool]
) -> Mapping[EnrollmentId, dict[RoleId, PersonId]]:
    """Give the same for the enrollments that `scope` chooses; nobody named gives nobody."""
    query = (
        select(CareTeamMemberRow.enrollment_id, CareTeamMemberRow.role, CareTeamMemberRow.person_id)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CareTeamMemberRow.enrollment_id))
        .where(scope)
    )
    found: dict[EnrollmentId, dict[RoleId, PersonId]] = defaultdict(dict)
    for enrollment, role, person in session.exec(query):
        found[EnrollmentId(enrollment)][RoleId(role)] = PersonId(person)
    return found
