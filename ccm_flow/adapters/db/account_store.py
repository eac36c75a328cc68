"""Accounts, sessions, invitations and the access log in the database."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    AccessGrantRow,
    AccessLogRow,
    AccountRow,
    ClinicRow,
    ClinicVendorRow,
    InvitationRow,
    PersonRow,
    StaffRoleRow,
    WebSessionRow,
)
from ccm_flow.app.accounts import AccessEvent, Account, UsernameTakenError, WebSession
from ccm_flow.core.access import AccessRole, Grant, Visitor, reach, told_apart
from ccm_flow.core.ids import ClinicId, OrganizationId, PatientId, PersonId

STAFF_ACCESS: Final[Mapping[str, AccessRole]] = {
    "coordinator": AccessRole.COORDINATOR,
    "nurse": AccessRole.NURSE,
    "practitioner": AccessRole.PRACTITIONER,
    "biller": AccessRole.BILLER,
    "program_lead": AccessRole.OPERATIONS_LEAD,
}
"""What a playbook's role is to the application; any other role works like a coordinator."""


class SqlAccounts:
    """Implements `ccm_flow.app.accounts.Accounts`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_account(self, person: PersonId, username: str, now: datetime) -> None:
        """
        Give a person an account without a password.

        Raises:
            UsernameTakenError: somebody else has the name.
        """
        try:
            with writing(self._engine) as session:
                row = session.get(AccountRow, person)
                if row is None:
                    row = AccountRow(person_id=person, username="", created_at=now)
                row.username = username.strip().lower()
                row.disabled_at = None
                session.add(row)
        except IntegrityError:
            raise UsernameTakenError(username) from None

    def grant(
        self, person: PersonId, grant: Grant, now: datetime, by: PersonId | None = None
    ) -> None:
        """Give a person an access role, once."""
        with writing(self._engine) as session:
            held = session.exec(held_grants().where(AccessGrantRow.person_id == person))
            if any(grant_of(row) == grant for row in held):
                return
            session.add(
                AccessGrantRow(
                    id=uuid.uuid4().hex,
                    person_id=person,
                    role=grant.role,
                    clinic_id=grant.clinic,
                    organization_id=grant.organization,
                    granted_at=now,
                    granted_by=by,
                )
            )

    def by_username(self, username: str) -> Account | None:
        """Find an account by its sign-in name."""
        return self._account(AccountRow.username == username.strip().lower())

    def by_person(self, person: PersonId) -> Account | None:
        """Find a person's account."""
        return self._account(AccountRow.person_id == person)

    def by_oidc_subject(self, subject: str) -> Account | None:
        """Find an account by its single sign-on identity."""
        return self._account(AccountRow.oidc_subject == subject)

    def _account(self, which: bool) -> Account | None:
        query = select(AccountRow, PersonRow.name, PersonRow.active).join(
            PersonRow, col(PersonRow.id) == col(AccountRow.person_id)
        )
        with reading(self._engine) as session:
            found = session.exec(query.where(which)).first()
            if found is None:
                return None
            row, name, active = found
            return Account(
                person=row.person_id,
                name=name,
                username=row.username,
                password_hash=row.password_hash,
                totp_secret=row.totp_secret,
                totp_last_step=row.totp_last_step,
                failed_tries=row.failed_tries,
                last_failed_at=row.last_failed_at,
                disabled=row.disabled_at is not None or not active,
                oidc_subject=row.oidc_subject,
            )

    def is_active(self, person: PersonId) -> bool:
        """Tell whether somebody works here still, and may: with or without an account."""
        with reading(self._engine) as session:
            row = session.get(PersonRow, person)
            account = session.get(AccountRow, person)
            allowed = account is None or account.disabled_at is None
            return row is not None and row.active and allowed

    def visitor(self, person: PersonId) -> Visitor:
        """Put together what a person's staff roles and grants reach."""
        with reading(self._engine) as session:
            row = session.get_one(PersonRow, person)
            known = session.exec(select(ClinicRow.id, ClinicRow.organization_id, ClinicRow.name))
            rows = known.all()
            clinics = {ClinicId(id_): OrganizationId(owner) for id_, owner, _ in rows}
            roles, everywhere = reach(grants_of(session, person), clinics, vendors_now(session))
            names = {ClinicId(id_): name for id_, _, name in rows if ClinicId(id_) in roles}
            return Visitor(person, row.name, roles, everywhere, told_apart(names))

    def count_try(self, person: PersonId, now: datetime, *, failed: bool) -> None:
        """Count a wrong try, or begin anew."""
        with writing(self._engine) as session:
            row = session.get_one(AccountRow, person)
            row.failed_tries = row.failed_tries + 1 if failed else 0
            row.last_failed_at = now if failed else None

    def set_password(self, person: PersonId, password_hash: str, now: datetime) -> None:
        """Replace the password; whoever is signed in under it has to sign in again."""
        with writing(self._engine) as session:
            row = session.get_one(AccountRow, person)
            row.password_hash, row.password_set_at = password_hash, now
            row.failed_tries, row.last_failed_at = 0, None
            session.exec(
                update(WebSessionRow)
                .where(
                    col(WebSessionRow.person_id) == person, col(WebSessionRow.ended_at).is_(None)
                )
                .values(ended_at=now)
            )

    def set_totp(self, person: PersonId, secret: str | None) -> None:
        """Set or remove the secret of the one-time codes."""
        with writing(self._engine) as session:
            row = session.get_one(AccountRow, person)
            row.totp_secret, row.totp_last_step = secret, None

    def use_totp_step(self, person: PersonId, step: int) -> bool:
        """Use a time step up."""
        with writing(self._engine) as session:
            row = session.get_one(AccountRow, person)
            if row.totp_last_step is not None and step <= row.totp_last_step:
                return False
            row.totp_last_step = step
            return True

    def start_session(self, session: WebSession) -> None:
        """Keep a new session."""
        with writing(self._engine) as database:
            database.add(
                WebSessionRow(
                    token_hash=session.token_hash,
                    person_id=session.person,
                    started_at=session.started_at,
                    last_seen_at=session.last_seen_at,
                    awaits_code=session.awaits_code,
                    clinic_id=session.clinic,
                )
            )

    def session(self, token_hash: str) -> WebSession | None:
        """Give a session that is not ended."""
        query = (
            select(WebSessionRow)
            .join(PersonRow, col(PersonRow.id) == col(WebSessionRow.person_id))
            .join(AccountRow, col(AccountRow.person_id) == col(PersonRow.id))
            .where(
                WebSessionRow.token_hash == token_hash,
                col(WebSessionRow.ended_at).is_(None),
                # Who left, or was shut out, is out at once.
                col(PersonRow.active).is_(True),
                col(AccountRow.disabled_at).is_(None),
            )
        )
        with reading(self._engine) as session:
            row = session.exec(query).first()
            if row is None:
                return None
            return WebSession(
                token_hash=row.token_hash,
                person=row.person_id,
                started_at=row.started_at,
                last_seen_at=row.last_seen_at,
                awaits_code=row.awaits_code,
                clinic=row.clinic_id,
            )

    def seen(
        self, token_hash: str, now: datetime, *, clinic: ClinicId | None, awaits_code: bool
    ) -> None:
        """Note when and where a session was last in use."""
        with writing(self._engine) as session:
            row = session.get_one(WebSessionRow, token_hash)
            row.last_seen_at, row.clinic_id, row.awaits_code = now, clinic, awaits_code

    def end_session(self, token_hash: str, now: datetime) -> None:
        """End a session for good."""
        with writing(self._engine) as session:
            session.get_one(WebSessionRow, token_hash).ended_at = now

    def invite(
        self, person: PersonId, token_hash: str, by: PersonId | None, now: datetime, until: datetime
    ) -> None:
        """Keep an invitation in place of earlier ones."""
        with writing(self._engine) as session:
            earlier = session.exec(
                select(InvitationRow).where(
                    InvitationRow.person_id == person, col(InvitationRow.used_at).is_(None)
                )
            )
            for row in earlier:
                row.expires_at = min(row.expires_at, now)
            session.add(
                InvitationRow(
                    token_hash=token_hash,
                    person_id=person,
                    invited_by=by,
                    created_at=now,
                    expires_at=until,
                )
            )

    def invited(self, token_hash: str, now: datetime) -> PersonId | None:
        """Give who an invitation is for."""
        with reading(self._engine) as session:
            row = session.get(InvitationRow, token_hash)
            return row.person_id if row is not None and _works(row, now) else None

    def use_invitation(self, token_hash: str, now: datetime) -> bool:
        """Use an invitation up."""
        with writing(self._engine) as session:
            row = session.get(InvitationRow, token_hash)
            if row is None or not _works(row, now):
                return False
            row.used_at = now
            return True

    def log(
        self,
        what: AccessEvent,
        now: datetime,
        *,
        person: PersonId | None = None,
        clinic: ClinicId | None = None,
        patient: PatientId | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Write one line of the access log."""
        with writing(self._engine) as session:
            session.add(
                AccessLogRow(
                    id=uuid.uuid4().hex,
                    at=now,
                    person_id=person,
                    clinic_id=clinic,
                    patient_id=patient,
                    what=what.value,
                    detail=dict(detail or {}),
                )
            )


def held_grants() -> SelectOfScalar[AccessGrantRow]:
    """Ask for the roles that were given and not taken back."""
    return select(AccessGrantRow).where(col(AccessGrantRow.withdrawn_at).is_(None))


def grants_of(session: Session, person: PersonId) -> list[Grant]:
    """Give everything that a person holds: roles at clinics and what was given."""
    staff = session.exec(select(StaffRoleRow).where(StaffRoleRow.person_id == person))
    grants = [Grant(staff_access(item.role), item.clinic_id) for item in staff]
    given = session.exec(held_grants().where(AccessGrantRow.person_id == person))
    return [*grants, *(grant_of(item) for item in given)]


def staff_access(role: str) -> AccessRole:
    """Say what a playbook's role is to the application."""
    return STAFF_ACCESS.get(role, AccessRole.COORDINATOR)


def grant_of(row: AccessGrantRow) -> Grant:
    """Read a given role."""
    return Grant(row.role, row.clinic_id, row.organization_id)


def _works(row: InvitationRow, now: datetime) -> bool:
    return row.used_at is None and now < row.expires_at


def vendors_now(session: Session) -> dict[ClinicId, frozenset[OrganizationId]]:
    """Give the vendors that work at each clinic; who has ended there is not among them."""
    found: dict[ClinicId, frozenset[OrganizationId]] = {}
    for row in session.exec(
        select(ClinicVendorRow).where(col(ClinicVendorRow.until_day).is_(None))
    ):
        found[row.clinic_id] = found.get(row.clinic_id, frozenset()) | {row.organization_id}
    return found
