"""Looking after accounts in the database."""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from ccm_flow.adapters.db.account_store import SqlAccounts, grant_of, grants_of, held_grants
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    AccessGrantRow,
    AccountRow,
    ClinicRow,
    ClinicVendorRow,
    InvitationRow,
    OrganizationRow,
    PersonRow,
    WebSessionRow,
)
from ccm_flow.app.accounts import UsernameTakenError
from ccm_flow.app.people import LastAdministratorError
from ccm_flow.app.statuses import OrganizationKind
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.granting import Clinics
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId


class SqlPeople(SqlAccounts):
    """Implements `ccm_flow.app.people.PeopleStore`."""

    def new_person(self, name: str, email: str, clinic: ClinicId, now: datetime) -> PersonId:
        """Keep somebody who is on no clinic's file, e.g. an owner or an administrator."""
        person = PersonId(f"person-{uuid.uuid4().hex[:12]}")
        with writing(self._engine) as session:
            organization = session.get_one(ClinicRow, clinic).organization_id
            session.add(
                PersonRow(
                    id=person,
                    organization_id=organization,
                    name=name,
                    email=email or None,
                    created_at=now,
                )
            )
        return person

    def clinics(self) -> Clinics:
        """Give each clinic's organization."""
        with reading(self._engine) as session:
            rows = session.exec(select(ClinicRow.id, ClinicRow.organization_id))
            return {ClinicId(clinic): OrganizationId(owner) for clinic, owner in rows}

    def organizations_at(self, clinics: Collection[ClinicId]) -> frozenset[OrganizationId]:
        """Name the organizations that own some clinics, and the vendors that work there now."""
        owners = select(ClinicRow.organization_id).where(col(ClinicRow.id).in_(clinics))
        vendors = select(ClinicVendorRow.organization_id).where(
            col(ClinicVendorRow.clinic_id).in_(clinics), col(ClinicVendorRow.until_day).is_(None)
        )
        with reading(self._engine) as session:
            found = [*session.exec(owners), *session.exec(vendors)]
            return frozenset(OrganizationId(one) for one in found)

    def employer(self, person: PersonId) -> OrganizationId | None:
        """Name the vendor that somebody works for; None for a clinic's own people."""
        query = (
            select(OrganizationRow.id)
            .join(PersonRow, col(PersonRow.organization_id) == col(OrganizationRow.id))
            .where(PersonRow.id == person, OrganizationRow.kind == OrganizationKind.VENDOR)
        )
        with reading(self._engine) as session:
            found = session.exec(query).first()
            return None if found is None else OrganizationId(found)

    def grants(self, person: PersonId) -> list[Grant]:
        """Give everything that a person holds."""
        with reading(self._engine) as session:
            return grants_of(session, person)

    def given(self, grant_id: str) -> tuple[PersonId, Grant] | None:
        """Give whose a given role is."""
        with reading(self._engine) as session:
            row = session.exec(held_grants().where(AccessGrantRow.id == grant_id)).first()
            return None if row is None else (row.person_id, grant_of(row))

    def withdraw(self, grant_id: str, by: PersonId | None, now: datetime) -> None:
        """Take a role back; the last administrator stays."""
        with writing(self._engine) as session:
            administrators = _administrators(session)
            row = session.get_one(AccessGrantRow, grant_id)
            if row.role is AccessRole.ADMINISTRATOR:
                _keep_one(administrators, row.person_id)
            row.withdrawn_at, row.withdrawn_by = now, by

    def disable(self, person: PersonId, now: datetime) -> None:
        """
        End an account: nobody is signed in under it any more, and no old link or password works.

        The sign-in name stays taken, so that the access log keeps meaning one person.
        """
        with writing(self._engine) as session:
            _keep_one(_administrators(session), person)
            row = session.get_one(AccountRow, person)
            row.disabled_at, row.password_hash, row.oidc_subject = now, None, None
            session.exec(
                update(WebSessionRow)
                .where(
                    col(WebSessionRow.person_id) == person, col(WebSessionRow.ended_at).is_(None)
                )
                .values(ended_at=now)
            )
            session.exec(
                update(InvitationRow)
                .where(
                    col(InvitationRow.person_id) == person,
                    col(InvitationRow.used_at).is_(None),
                    col(InvitationRow.expires_at) > now,
                )
                .values(expires_at=now)
            )

    def bind_sign_on(self, person: PersonId, subject: str) -> None:
        """Bind a single sign-on identity; an empty one unbinds."""
        try:
            with writing(self._engine) as session:
                session.get_one(AccountRow, person).oidc_subject = subject or None
        except IntegrityError:
            raise UsernameTakenError(subject) from None


def _administrators(session: Session) -> set[PersonId]:
    """
    Give the administrators who can sign in, and keep others from changing who they are.

    On PostgreSQL the rows are locked: of two administrators who take each other's role at the
    same time, the second one waits and then finds that one is left.
    """
    held = held_grants().where(AccessGrantRow.role == AccessRole.ADMINISTRATOR)
    people = {row.person_id for row in session.exec(held.with_for_update())}
    able = select(AccountRow.person_id).where(
        col(AccountRow.person_id).in_(people),
        col(AccountRow.disabled_at).is_(None),
        col(AccountRow.password_hash).is_not(None) | col(AccountRow.oidc_subject).is_not(None),
    )
    return {PersonId(person) for person in session.exec(able)}


def _keep_one(administrators: set[PersonId], leaving: PersonId) -> None:
    if administrators == {leaving}:
        raise LastAdministratorError
