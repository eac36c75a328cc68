"""Which of the clinic's practitioners a claim names: by NPI, by name, or by id."""

from collections import defaultdict
from collections.abc import Mapping

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import PersonRow, StaffRoleRow
from ccm_flow.core.ids import ClinicId, PersonId, RoleId

PRACTITIONER = RoleId("practitioner")


def own_practitioners(session: Session, clinic: ClinicId) -> Mapping[str, PersonId]:
    """Give the words that name one practitioner of a clinic; what fits two names nobody."""
    query = (
        select(PersonRow)
        .join(StaffRoleRow, col(StaffRoleRow.person_id) == col(PersonRow.id))
        .where(StaffRoleRow.clinic_id == clinic, StaffRoleRow.role == PRACTITIONER)
    )
    found: dict[str, set[PersonId]] = defaultdict(set)
    for row in session.exec(query):
        for text in (row.id, row.name, row.npi):
            if text:
                found[_plain(text)].add(row.id)
    return {word: people.pop() for word, people in found.items() if len(people) == 1}


def who_billed(own: Mapping[str, PersonId], text: str) -> PersonId | None:
    """Say who billed a service: one of ours, else whom the source names; None without a name."""
    word = _plain(text)
    return own.get(word) or (PersonId(text.strip()) if word else None)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
