"""A clinic as it is kept, in the words of its file, so that the two can be compared."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.pool import vendor_of
from ccm_flow.adapters.db.tables import (
    ClinicClosureRow,
    ClinicRow,
    ClinicStaffRow,
    OrganizationRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.statuses import ClinicStatus
from ccm_flow.core.ids import ClinicId, OrganizationId

PROFILE = ("alerts", "branding", "outreach", "documentation", "roster", "playbooks")
"""What of a file is kept as it stands."""


def stored_file(session: Session, clinic: ClinicId, today: date) -> ClinicFile | None:
    """Give a clinic as its file would say it; None for one that was never set up."""
    row = session.get(ClinicRow, clinic)
    if row is None or row.program_owner_id is None:
        return None
    vendor = vendor_of(session, clinic, today)
    said: dict[str, Any] = {
        "clinic": row.id,
        "name": row.name,
        "phone": row.phone,
        "time_zone": row.time_zone,
        "opens": row.opens,
        "closes": row.closes,
        "working_days": row.working_days.split(),
        "paused": row.status is ClinicStatus.PAUSED,
        "timer_limit_minutes": row.timer_limit_minutes,
        "program_owner": slug_of(row.program_owner_id),
        "staff": _staff(session, row),
        "closures": _closures(session, clinic),
        "billing": {
            key: value
            for key, value in (
                ("facility", row.billing_place),
                ("locality", row.billing_locality),
                ("place_of_service", row.place_of_service),
            )
            if value is not None
        },
        **(row.profile or {}),
    }
    if row.verbal_consent is not None:
        said["verbal_consent"] = row.verbal_consent
    if str(row.organization_id) != str(row.id):
        said["organization"] = _organization(session, row.organization_id)
    if vendor is not None:
        said["vendor"] = _organization(session, vendor)
    return ClinicFile.model_validate(said)


def slug_of(person: str) -> str:
    """Give the short name of a person: what stands behind the clinic's or the vendor's id."""
    return person.partition(".")[2] or person


def _organization(session: Session, id_: OrganizationId) -> dict[str, str]:
    row = session.get_one(OrganizationRow, id_)
    return {"id": row.id, "name": row.name}


def _closures(session: Session, clinic: ClinicId) -> list[dict[str, Any]]:
    rows = session.exec(select(ClinicClosureRow).where(ClinicClosureRow.clinic_id == clinic))
    return [{"day": row.day, "reason": row.reason} for row in rows]


def _staff(session: Session, clinic: ClinicRow) -> list[dict[str, Any]]:
    """Give everybody with a role, and the program owner."""
    held: dict[str, list[str]] = {}
    roles = select(StaffRoleRow).where(StaffRoleRow.clinic_id == clinic.id)
    for role in session.exec(roles.order_by(col(StaffRoleRow.role))):
        held.setdefault(role.person_id, []).append(role.role)
    people = session.exec(
        select(PersonRow).where(col(PersonRow.id).in_(held)).order_by(col(PersonRow.id))
    ).all()
    here = {
        row.person_id: row
        for row in session.exec(select(ClinicStaffRow).where(ClinicStaffRow.clinic_id == clinic.id))
    }
    return [_person(row, held[row.id], here.get(row.id), clinic) for row in people]


def _person(
    row: PersonRow, roles: list[str], here: ClinicStaffRow | None, clinic: ClinicRow
) -> dict[str, Any]:
    own = row.id.startswith(f"{clinic.id}.")
    said: dict[str, Any] = {
        "id": slug_of(row.id),
        "name": row.name,
        "email": row.email,
        "roles": roles,
        "credential": row.credential,
        "npi": row.npi,
        "organization": None if own else row.organization_id,
        "languages": (row.languages or "").split(),
        "licensed_in": (row.licensed_in or "").split(),
    }
    if here is not None:
        said["capacity"] = here.capacity
        if here.works_from is not None and here.works_until is not None:
            said["works"] = {"start": here.works_from, "end": here.works_until}
    return said
