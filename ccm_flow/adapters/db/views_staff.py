"""The people of a clinic and their roles."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import PersonRow, StaffRoleRow
from ccm_flow.core.ids import ClinicId, PersonId, RoleId


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One person and the roles they have at a clinic."""

    person: PersonId
    name: str
    roles: frozenset[RoleId]


def staff_of(engine: Engine, clinic: ClinicId) -> list[StaffMember]:
    """List a clinic's staff, ordered by name."""
    query = (
        select(PersonRow.id, PersonRow.name, StaffRoleRow.role)
        .join(StaffRoleRow, col(StaffRoleRow.person_id) == col(PersonRow.id))
        .where(StaffRoleRow.clinic_id == clinic, col(PersonRow.active).is_(True))
        .order_by(col(PersonRow.name), col(PersonRow.id))
    )
    found: dict[tuple[str, str], set[RoleId]] = {}
    with reading(engine) as session:
        for person, name, role in session.exec(query):
            found.setdefault((person, name), set()).add(RoleId(role))
    return [
        StaffMember(PersonId(person), name, frozenset(roles))
        for (person, name), roles in found.items()
    ]
