"""The people of the staff that a packet names."""

from sqlmodel import Session, select

from ccm_flow.adapters.db.tables import PersonRow
from ccm_flow.app.packet import Signer
from ccm_flow.core.credentials import CREDENTIAL_TITLES
from ccm_flow.core.ids import SYSTEM, PersonId


class PeopleOfRecord:
    """Everybody whom the record may name, read once."""

    def __init__(self, session: Session) -> None:
        self._rows = {row.id: row for row in session.exec(select(PersonRow))}

    def name(self, person: str | None) -> str:
        """Give a person's name; the id of somebody unknown."""
        if person is None or person == SYSTEM:
            return "the playbook"
        row = self._rows.get(PersonId(person))
        return row.name if row else person

    def maybe(self, person: str | None) -> str | None:
        """Give a person's name, or None for nobody."""
        return None if person is None else self.name(person)

    def signer(self, person: str) -> Signer:
        """Give a person with what they are licensed as."""
        row = self._rows.get(PersonId(person))
        if row is None:
            return Signer(person)
        title = CREDENTIAL_TITLES[row.credential] if row.credential else ""
        return Signer(row.name, title, row.npi)
