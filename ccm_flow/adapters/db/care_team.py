"""Who has which role for a patient."""

from sqlmodel import Session, select

from ccm_flow.adapters.db.tables import CareTeamMemberRow
from ccm_flow.core.ids import EnrollmentId, PersonId, RoleId


def team_of(session: Session, enrollment: EnrollmentId) -> dict[RoleId, PersonId]:
    """Give the named person for each role of an enrollment."""
    rows = session.exec(
        select(CareTeamMemberRow).where(CareTeamMemberRow.enrollment_id == enrollment)
    )
    return {row.role: row.person_id for row in rows}
