"""A vendor's people are the same at all its clinics: what one file means for the others."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import (
    ClinicRow,
    ClinicVendorRow,
    OrganizationRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.app.clinic_diff import Elsewhere, Rename
from ccm_flow.app.clinic_setup import ClinicFile, StaffFile
from ccm_flow.core.credentials import StaffKind, staff_kind
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId

_SHARED = {
    "name": "name",
    "email": "e-mail",
    "credential": "credential",
    "npi": "NPI",
    "languages": "languages",
    "licensed_in": "licences",
}
"""What is kept of a person once, for all clinics, each with the words for it."""


def completed(session: Session, file: ClinicFile) -> ClinicFile:
    """
    Give a file in which the vendor's people who are known have what it leaves out about them.

    To take something away, a file names the field and leaves its value empty.
    """
    staff = tuple(_completed(session, file, person) for person in file.staff)
    return file.model_copy(update={"staff": staff})


def elsewhere(session: Session, file: ClinicFile) -> tuple[Elsewhere, ...]:
    """List what a file, already completed, changes about people for other clinics too."""
    return tuple(one for person in file.staff for one in _elsewhere(session, file, person))


def _completed(session: Session, file: ClinicFile, person: StaffFile) -> StaffFile:
    row = _known(session, file, person)
    if row is None:
        return person
    kept = {
        field: value for field, value in _kept(row).items() if field not in person.model_fields_set
    }
    whole = person.model_copy(update=kept)
    practises = (
        whole.credential is not None and staff_kind(whole.credential) is StaffKind.PRACTITIONER
    )
    # Only a practitioner has an NPI: it goes with the credential that the file replaces.
    return whole if practises else whole.model_copy(update={"npi": None})


def _known(session: Session, file: ClinicFile, person: StaffFile) -> PersonRow | None:
    """Give the vendor's person as kept; None for the clinic's own people and for new ones."""
    if person.organization in (None, file.owner):
        return None
    return session.get(PersonRow, file.person_of(person))


def _kept(row: PersonRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "email": row.email,
        "credential": row.credential,
        "npi": row.npi,
        "languages": tuple((row.languages or "").split()),
        "licensed_in": tuple((row.licensed_in or "").split()),
    }


def _elsewhere(session: Session, file: ClinicFile, person: StaffFile) -> Iterator[Elsewhere]:
    row = _known(session, file, person)
    clinics = _other_clinics(session, file, row.id) if row is not None else ()
    if row is None or not clinics:
        return
    for field, before in _kept(row).items():
        after = getattr(person, field)
        if before != after:
            yield Elsewhere(row.id, _SHARED[field], _text(before), _text(after), clinics)


def _other_clinics(session: Session, file: ClinicFile, person: PersonId) -> tuple[ClinicId, ...]:
    query = select(StaffRoleRow.clinic_id).where(
        StaffRoleRow.person_id == person, StaffRoleRow.clinic_id != file.clinic
    )
    ordered = query.distinct().order_by(col(StaffRoleRow.clinic_id))
    return tuple(ClinicId(clinic) for clinic in session.exec(ordered))


def _text(value: str | tuple[str, ...] | None) -> str | None:
    return (", ".join(value) if isinstance(value, tuple) else value) or None


def renames(session: Session, file: ClinicFile) -> tuple[Rename, ...]:
    """List the organizations that a file calls otherwise than other clinics of theirs do."""
    found = []
    for field, named in (("vendor", file.vendor), ("organization", file.organization)):
        row = session.get(OrganizationRow, OrganizationId(named.id)) if named else None
        if row is None or named is None or row.name == named.name:
            continue
        clinics = _clinics_of(session, row.id, ClinicId(file.clinic))
        if clinics:
            found.append(Rename(field, row.id, row.name, clinics))
    return tuple(found)


def _clinics_of(
    session: Session, organization: OrganizationId, but: ClinicId
) -> tuple[ClinicId, ...]:
    """List the other clinics that belong to an organization, or where it works as a vendor."""
    owned = select(ClinicRow.id).where(ClinicRow.organization_id == organization)
    served = select(ClinicVendorRow.clinic_id).where(
        ClinicVendorRow.organization_id == organization, col(ClinicVendorRow.until_day).is_(None)
    )
    ids = {*session.exec(owned), *session.exec(served)} - {but}
    return tuple(sorted(ClinicId(one) for one in ids))
