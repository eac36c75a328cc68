"""Tokens of other programs: making, recognizing and revoking them, and counting requests once."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from ccm_flow.core.access import Visitor
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.scopes import PERMISSION_OF, Scope, acts_in_person

PREFIX: Final = "ccm_"
"""What every token begins with, so that one that leaked is recognized."""
LONGEST: Final = timedelta(days=366)
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly it is kept when a token was last used."""
ABANDONED: Final = timedelta(seconds=90)
"""A request that began so long ago and has no answer broke off; it is taken up again."""
_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept: the secret itself is nowhere."""

    id: str
    clinic: ClinicId
    person: PersonId
    """Who acts when it is used."""
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: PersonId | None
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    signs: bool
    """Its owner may sign messages instead of carrying the token."""

    def works(self, now: datetime) -> bool:
        """Tell whether it may still be used."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class NewToken:
    """What somebody wants a token for."""

    clinic: ClinicId
    person: PersonId
    name: str
    scopes: frozenset[Scope]
    lasts: timedelta
    by: PersonId | None
    """Who makes it; None on the command line."""
    signs: bool = False
    click: str = ""
    """The click that asks for it, so that a form sent twice makes one token."""


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A new token, with its secrets for the only time."""

    token: ApiToken
    secret: str
    signing_secret: str | None


class TokenRefusedError(CcmError):
    """No such token can be made."""

    exit_code = 2


class MadeAlreadyError(CcmError):
    """A form came a second time; what it makes was made, and its secret was shown then."""

    exit_code = 4
    hint = "If you did not see the secret, end this one and make another."

    def __init__(self) -> None:
        super().__init__("This was made already; its secret is shown only once.")


class NoSuchTokenError(CcmError):
    """The clinic has no such token."""

    exit_code = 4
    hint = "`ccm token list` names them."

    def __init__(self, token: str) -> None:
        super().__init__(f"There is no token '{token}'.")


class OtherRequestError(CcmError):
    """An idempotency key stands for another request already."""

    exit_code = 4
    hint = "Use a new Idempotency-Key for each new request, and the same one only to repeat it."

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


class StillWorkingError(CcmError):
    """The same request is being worked on at this moment."""

    exit_code = 4
    hint = "Send it again in a moment, with the same Idempotency-Key."

    def __init__(self) -> None:
        super().__init__("The same request is being worked on.")


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered with."""

    status: int
    body: Mapping[str, Any]


class TokenStore(Protocol):
    """Where tokens and their requests are kept."""

    def add(self, new: NewToken, token_hash: str, now: datetime) -> MadeToken:
        """Keep a token; the answer's `secret` is empty, its signing secret is new."""
        ...

    def by_hash(self, token_hash: str) -> ApiToken | None:
        """Find a token by its secret's hash."""
        ...

    def seen(self, token: str, now: datetime) -> None:
        """Note that a token was used."""
        ...

    def begin(
        self, token: str, key: str, request: str, now: datetime, lasts: timedelta
    ) -> Answered | None:
        """
        Begin a request, or give what it was answered before.

        Raises:
            OtherRequestError: the key stands for another one.
            StillWorkingError: it was begun less than `lasts` ago.
        """
        ...

    def finish(self, token: str, key: str, answer: Answered | None) -> None:
        """Keep a request's answer; None when it broke off and may be sent again."""
        ...


def make_token(
    store: TokenStore, new: NewToken, acting: Visitor | None, maker: Visitor | None, now: datetime
) -> MadeToken:
    """
    Make a token and give its secret, for the only time.

    `acting` is who it acts for, None when there is nobody of that name; `maker` is None on the
    command line, where whoever works has the whole set-up in their hands.

    Raises:
        TokenRefusedError: all reasons at once.
    """
    problems = _problems(new, acting, maker)
    if problems:
        raise TokenRefusedError(" ".join(problems), "Nothing was made.")
    secret = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    made = store.add(new, token_hash(secret), now)
    return MadeToken(made.token, secret, made.signing_secret)


def _problems(new: NewToken, acting: Visitor | None, maker: Visitor | None) -> Sequence[str]:
    found = []
    if not new.name.strip():
        found.append("Say what the token is for.")
    if not new.scopes:
        found.append("Choose at least one scope.")
    if not timedelta(0) < new.lasts <= LONGEST:
        found.append(f"A token lasts between 1 and {LONGEST.days} days.")
    if acting is None or new.clinic not in acting.roles:
        return [*found, f"'{new.person}' is not on the clinic's staff."]
    if acts_in_person(acting.roles[new.clinic] | acting.everywhere):
        found.append("No token acts for a practitioner: what they decide is theirs to do.")
    for scope in sorted(new.scopes):
        permission = PERMISSION_OF[scope]
        if not acting.may(permission, new.clinic):
            found.append(f"{acting.name} may not do what {scope.value} stands for.")
        elif maker is not None and not maker.may(permission, new.clinic):
            found.append(f"You may not give {scope.value}: you may not do it yourself.")
    return found


def recognize(store: TokenStore, secret: str, now: datetime) -> ApiToken | None:
    """Give the token that a secret stands for, if it works still."""
    token = store.by_hash(token_hash(secret)) if secret.startswith(PREFIX) else None
    if token is None or not token.works(now):
        return None
    if token.last_used_at is None or now - token.last_used_at >= SEEN_EVERY:
        store.seen(token.id, now)
    return token


def token_hash(secret: str) -> str:
    """Give the form in which a token is kept; it is random and long, so one round is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def key_hash(key: str) -> str:
    """Give the form in which an idempotency key is kept and becomes part of a click's id."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]
