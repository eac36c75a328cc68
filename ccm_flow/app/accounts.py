"""The ports of signing in: accounts, sessions, the access log, and secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ccm_flow.core.access import Visitor
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PatientId, PersonId


class AccessEvent(StrEnum):
    """What the access log tells."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PASSWORD_SET = "password_set"  # noqa: S105 - a word, not a password
    CODE_SET_UP = "code_set_up"
    CODE_REMOVED = "code_removed"
    INVITED = "invited"
    ACCOUNT_DISABLED = "account_disabled"
    ACCESS_GRANTED = "access_granted"
    ACCESS_WITHDRAWN = "access_withdrawn"
    SIGN_ON_BOUND = "sign_on_bound"
    TOO_MANY_TRIES = "too_many_tries"
    PATIENT_SEEN = "patient_seen"
    EMERGENCY_TAKEN = "emergency_taken"
    REFUSED = "refused"


class SignInRefusedError(CcmError):
    """Nobody is signed in; the sentence never tells which part was wrong."""

    exit_code = 4


class LinkExpiredError(CcmError):
    """An invitation was used before, is too old, or never was one."""

    exit_code = 4
    hint = "Ask the person who invited you for a new link."

    def __init__(self) -> None:
        super().__init__("This link is no longer valid.")


class BadPasswordError(CcmError):
    """A password that nobody should set."""

    exit_code = 2


class UsernameTakenError(CcmError):
    """Somebody else signs in under that name."""

    exit_code = 4
    hint = "Choose another one."

    def __init__(self, username: str) -> None:
        super().__init__(f"The sign-in name '{username}' is taken.")


@dataclass(frozen=True, slots=True)
class Account:
    """How a person signs in."""

    person: PersonId
    name: str
    username: str
    password_hash: str | None
    totp_secret: str | None
    totp_last_step: int | None
    failed_tries: int
    last_failed_at: datetime | None
    disabled: bool
    oidc_subject: str | None = None
    """The single sign-on identity that is bound to it."""


@dataclass(frozen=True, slots=True)
class WebSession:
    """A browser that somebody signed in with."""

    token_hash: str
    person: PersonId
    started_at: datetime
    last_seen_at: datetime
    awaits_code: bool
    clinic: ClinicId | None


class Accounts(Protocol):
    """Where accounts, sessions and the access log are kept."""

    def by_username(self, username: str) -> Account | None:
        """Give the account of a sign-in name, in whatever case."""
        ...

    def by_person(self, person: PersonId) -> Account | None:
        """Give a person's account."""
        ...

    def by_oidc_subject(self, subject: str) -> Account | None:
        """Give the account that a single sign-on identity belongs to."""
        ...

    def visitor(self, person: PersonId) -> Visitor:
        """Give a person with everything that their roles reach."""
        ...

    def count_try(self, person: PersonId, now: datetime, *, failed: bool) -> None:
        """Count a wrong try, or forget them all after a right one."""
        ...

    def set_password(self, person: PersonId, password_hash: str, now: datetime) -> None:
        """Replace a password and end every session of the person."""
        ...

    def set_totp(self, person: PersonId, secret: str | None) -> None:
        """Set or remove the secret of the one-time codes."""
        ...

    def use_totp_step(self, person: PersonId, step: int) -> bool:
        """Use a code's time step up; False when it, or a later one, was used before."""
        ...

    def start_session(self, session: WebSession) -> None:
        """Keep a new session."""
        ...

    def session(self, token_hash: str) -> WebSession | None:
        """Give a session that was not ended by its owner."""
        ...

    def seen(
        self, token_hash: str, now: datetime, *, clinic: ClinicId | None, awaits_code: bool
    ) -> None:
        """Note that a session is in use, where, and whether a code is still missing."""
        ...

    def end_session(self, token_hash: str, now: datetime) -> None:
        """End a session."""
        ...

    def invite(
        self, person: PersonId, token_hash: str, by: PersonId | None, now: datetime, until: datetime
    ) -> None:
        """Keep an invitation; older ones of the person no longer work."""
        ...

    def invited(self, token_hash: str, now: datetime) -> PersonId | None:
        """Give who an invitation is for; None when it is used, old or unknown."""
        ...

    def use_invitation(self, token_hash: str, now: datetime) -> bool:
        """Use an invitation up; False when somebody was faster."""
        ...

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
        ...


class Secrets(Protocol):
    """Hashing and one-time codes."""

    def hash_password(self, password: str) -> str:
        """Hash a password for keeping."""
        ...

    def verify_password(self, password_hash: str | None, password: str) -> bool:
        """Check a password; takes as long when there is none to compare with."""
        ...

    def code_step(self, secret: str, code: str, now: datetime) -> int | None:
        """Give the time step that a one-time code belongs to; None when it is wrong."""
        ...
