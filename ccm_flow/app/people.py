"""Looking after accounts: inviting, disabling, one-time codes, access roles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ccm_flow.app.accounts import AccessEvent, Account, Accounts, UsernameTakenError
from ccm_flow.app.sign_in import Door
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.credentials import Credential
from ccm_flow.core.errors import CcmError
from ccm_flow.core.granting import Clinics, may_give, may_look_after, scope_problem
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId

LONGEST_USERNAME = 100


class AccountState(StrEnum):
    """How somebody's account stands."""

    NONE = "none"
    INVITED = "invited"
    INVITATION_OVER = "invitation_over"
    """The invitation was not used in time."""
    ACTIVE = "active"
    LOCKED = "locked"
    """Too many wrong tries; it opens by itself."""
    DISABLED = "disabled"


class NotYoursToChangeError(CcmError):
    """An account or a role reaches further than the person who wants to change it."""

    exit_code = 4
    hint = "Ask an administrator."


class LastAdministratorError(CcmError):
    """Nobody would be left to look after accounts."""

    exit_code = 4
    hint = "Make somebody else an administrator first, and let them sign in once."

    def __init__(self) -> None:
        super().__init__("This is the last administrator who can sign in.")


class BadGrantError(CcmError):
    """A role cannot hold where it is wanted."""

    exit_code = 2


class NoAccountError(CcmError):
    """Somebody has no account that could be changed."""

    exit_code = 4
    hint = "Invite them first."

    def __init__(self) -> None:
        super().__init__("This person has no account.")


class BadUsernameError(CcmError):
    """A sign-in name that cannot be one."""

    exit_code = 2
    hint = "Use an e-mail address, or 2 to 100 letters, digits, dots and dashes."

    def __init__(self) -> None:
        super().__init__("This cannot be a sign-in name.")


@dataclass(frozen=True, slots=True)
class GivenRole:
    """An access role that somebody gave, with the id under which it can be taken back."""

    id: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person of the staff and how their account stands."""

    person: PersonId
    name: str
    email: str | None
    credential: Credential | None
    active: bool
    """On the staff; who left a clinic's file is not."""
    username: str | None
    state: AccountState
    has_codes: bool
    sign_on: str | None
    """The single sign-on identity, when one is bound."""
    last_sign_in: datetime | None
    staff_roles: tuple[tuple[ClinicId, str], ...]
    given: tuple[GivenRole, ...]


class PeopleStore(Accounts, Protocol):
    """Where accounts are kept, with what looking after them needs."""

    def open_account(self, person: PersonId, username: str, now: datetime) -> None:
        """Give a person an account without a password; raises `UsernameTakenError`."""
        ...

    def new_person(self, name: str, email: str, clinic: ClinicId, now: datetime) -> PersonId:
        """Keep somebody who is not on any clinic's file."""
        ...

    def clinics(self) -> Clinics:
        """Give each clinic's organization."""
        ...

    def organizations_at(self, clinics: Collection[ClinicId]) -> frozenset[OrganizationId]:
        """Name the organizations that own some clinics, and the vendors that work there now."""
        ...

    def employer(self, person: PersonId) -> OrganizationId | None:
        """Name the vendor that somebody works for; None for a clinic's own people."""
        ...

    def grants(self, person: PersonId) -> list[Grant]:
        """Give everything a person holds: roles at clinics and what was given."""
        ...

    def given(self, grant_id: str) -> tuple[PersonId, Grant] | None:
        """Give whose a given role is; None when it is withdrawn or unknown."""
        ...

    def grant(self, person: PersonId, grant: Grant, now: datetime, by: PersonId | None) -> None:
        """Give a person an access role, once."""
        ...

    def withdraw(self, grant_id: str, by: PersonId | None, now: datetime) -> None:
        """Take a role back; raises `LastAdministratorError`."""
        ...

    def disable(self, person: PersonId, now: datetime) -> None:
        """End an account with its sessions and invitations; raises `LastAdministratorError`."""
        ...

    def bind_sign_on(self, person: PersonId, subject: str) -> None:
        """Bind a single sign-on identity to an account; raises `UsernameTakenError`."""
        ...


@dataclass(frozen=True, slots=True)
class PeopleOffice:
    """What looking after accounts works with. `by` is None for the set-up's own command line."""

    store: PeopleStore
    door: Door

    def may_change(self, by: PersonId | None, person: PersonId) -> bool:
        """Tell whether somebody may look after a person's account; never after their own."""
        if by is None:
            return True
        if by == person:
            return False
        held, theirs = self.store.grants(by), self.store.grants(person)
        employer = self.store.employer(person)
        return may_look_after(held, theirs, self.store.clinics(), employer)

    def invite(self, person: PersonId, username: str, by: PersonId | None, now: datetime) -> str:
        """
        Open an account, or a disabled one again, and make its invitation; gives its secret.

        Raises:
            NotYoursToChangeError: the account reaches further than who invites.
            BadUsernameError, UsernameTakenError: the sign-in name cannot be used.
        """
        self._check(by, person)
        self.check_username(username, person)
        self.store.open_account(person, username.strip().lower(), now)
        return self.door.invite(person, by, now)

    def check_username(self, username: str, person: PersonId | None = None) -> None:
        """
        Make sure that a sign-in name can be given, to a person who may have it already.

        Raises:
            BadUsernameError, UsernameTakenError: it cannot.
        """
        name = username.strip()
        odd = any(char.isspace() or not char.isprintable() for char in name)
        if odd or not 2 <= len(name) <= LONGEST_USERNAME:
            raise BadUsernameError
        account = self.store.by_username(name)
        if account is not None and account.person != person:
            raise UsernameTakenError(name)

    def disable(self, person: PersonId, by: PersonId | None, now: datetime) -> None:
        """
        End somebody's access at once, wherever they are signed in.

        Raises:
            NotYoursToChangeError, NoAccountError, LastAdministratorError: nothing is changed.
        """
        self._check(by, person)
        self._account(person)
        self.store.disable(person, now)
        self._log(AccessEvent.ACCOUNT_DISABLED, person, by, now)

    def reset_codes(self, person: PersonId, by: PersonId | None, now: datetime) -> None:
        """
        Forget the authenticator of somebody who lost it; the next sign-in asks for no code.

        Raises:
            NotYoursToChangeError, NoAccountError: nothing is changed.
        """
        self._check(by, person)
        self._account(person)
        self.store.set_totp(person, None)
        self._log(AccessEvent.CODE_REMOVED, person, by, now)

    def bind(self, person: PersonId, subject: str, by: PersonId | None, now: datetime) -> None:
        """
        Let a single sign-on identity (`issuer subject`) sign in as a person.

        Raises:
            NotYoursToChangeError, NoAccountError, UsernameTakenError: nothing is changed.
        """
        self._check(by, person)
        self._account(person)
        self.store.bind_sign_on(person, subject)
        self._log(AccessEvent.SIGN_ON_BOUND, person, by, now)

    def grant(self, person: PersonId, grant: Grant, by: PersonId | None, now: datetime) -> None:
        """
        Give an access role.

        Raises:
            BadGrantError: the role cannot hold there.
            NotYoursToChangeError: who gives it does not hold as much, or gives it to themselves.
        """
        problem = scope_problem(grant)
        if problem:
            raise BadGrantError("The role was not given.", problem)
        self._check_gift(person, grant, by)
        self.store.grant(person, grant, now, by)
        self._log(AccessEvent.ACCESS_GRANTED, person, by, now, grant)

    def withdraw(self, grant_id: str, by: PersonId | None, now: datetime) -> None:
        """
        Take an access role back.

        Raises:
            NotYoursToChangeError, LastAdministratorError: nothing is changed.
        """
        found = self.store.given(grant_id)
        if found is None:
            return  # it is gone, which is what was wanted
        person, grant = found
        self._check_gift(person, grant, by)
        self.store.withdraw(grant_id, by, now)
        self._log(AccessEvent.ACCESS_WITHDRAWN, person, by, now, grant)

    def choices(self, by: PersonId, wanted: Sequence[Grant]) -> list[Grant]:
        """Give those roles, of some, that somebody may give."""
        held, clinics = self.store.grants(by), self.store.clinics()
        return [grant for grant in wanted if may_give(held, grant, clinics)]

    def _check(self, by: PersonId | None, person: PersonId) -> None:
        if by == person:
            raise NotYoursToChangeError("Nobody changes their own access.")
        if not self.may_change(by, person):
            raise NotYoursToChangeError("This account reaches further than yours.")

    def _check_gift(self, person: PersonId, grant: Grant, by: PersonId | None) -> None:
        if by is None:
            return
        if by == person:
            raise NotYoursToChangeError("Nobody changes their own access.")
        if not may_give(self.store.grants(by), grant, self.store.clinics()):
            raise NotYoursToChangeError("You cannot give or take back more than you hold.")

    def _account(self, person: PersonId) -> Account:
        account = self.store.by_person(person)
        if account is None:
            raise NoAccountError
        return account

    def _log(
        self,
        what: AccessEvent,
        person: PersonId,
        by: PersonId | None,
        now: datetime,
        grant: Grant | None = None,
    ) -> None:
        detail = {"by": by or "setup"}
        if grant is not None:
            detail |= {"role": grant.role.value, "where": where_text(grant)}
        self.store.log(what, now, person=person, detail=detail)


def where_text(grant: Grant) -> str:
    """Write where a role holds, with the ids of clinic and organization."""
    if grant.clinic is not None:
        return f"at {grant.clinic}"
    if grant.organization is not None:
        return f"for {grant.organization}"
    return "everywhere"


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """What clinics and organizations are called, for whoever may see them named."""

    clinics: Mapping[ClinicId, str]
    organizations: Mapping[OrganizationId, str]

    def where(self, grant: Grant) -> str:
        """Write where a role holds; what has no name is written by its id."""
        if grant.clinic is not None:
            return f"at {self.clinics.get(grant.clinic, grant.clinic)}"
        if grant.organization is not None:
            return f"for {self.organizations.get(grant.organization, grant.organization)}"
        return "everywhere"

    def said(self, where: str) -> str:
        """Write with names what `where_text` wrote with ids."""
        word, _, known = where.partition(" ")
        if word == "at":
            return f"at {self.clinics.get(ClinicId(known), known)}"
        if word == "for":
            return f"for {self.organizations.get(OrganizationId(known), known)}"
        return where


def places(clinics: Iterable[ClinicId], organizations: Iterable[OrganizationId]) -> frozenset[str]:
    """Write everywhere, some clinics and some organizations as `where_text` does."""
    role = AccessRole.CLINIC_OWNER
    grants = [
        Grant(role),
        *(Grant(role, clinic=one) for one in clinics),
        *(Grant(role, organization=one) for one in organizations),
    ]
    return frozenset(where_text(grant) for grant in grants)


GIVEN_ROLES = (AccessRole.CLINIC_OWNER, AccessRole.VENDOR_MANAGER, AccessRole.ADMINISTRATOR)
"""In the order in which they are offered."""
