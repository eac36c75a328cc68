"""
Who calls the API: a token, the person it acts for, and what both together may do.

Every operation names the scope it needs with `scoped(...)`. The permission behind the scope is
looked up anew with each request, so whoever loses a role loses it here too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.api_tokens import ApiToken, recognize
from ccm_flow.core.access import Visitor
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PatientId, PersonId
from ccm_flow.core.scopes import PERMISSION_OF, Scope, acts_in_person
from ccm_flow.core.throttle import Rate
from ccm_flow.core.webhooks import is_signed
from ccm_flow.web.limits import Limit, TooOftenError
from ccm_flow.web.parts import Parts, parts_of

RATE: Final = Rate(burst=60, per_second=10)
_BEARER: Final = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token of one clinic, `ccm_...`."
)


class NoTokenError(CcmError):
    """The request carries no token that works."""

    hint = "Send the header `Authorization: Bearer ccm_...` with a token that works."

    def __init__(self) -> None:
        super().__init__("There is no such token, or it no longer works.")


class ScopeMissingError(CcmError):
    """The token, or the person behind it, may not do this."""

    hint = "Make a token with this scope, for a person who may do it."

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"This token may not do what {scope.value} stands for.")


class TooManyError(CcmError):
    """More requests than one token may make."""

    hint = "Wait as long as the Retry-After header says."

    def __init__(self, wait: timedelta) -> None:
        super().__init__("These are too many requests at once.")
        self.wait = wait


class NotHereError(CcmError):
    """There is no such thing at the token's clinic."""

    hint = "Ids are those that the API itself gives; another clinic's do not exist here."

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no such {what}.")


@dataclass(frozen=True)
class Caller:
    """One request of somebody who may make it."""

    parts: Parts
    token: ApiToken
    visitor: Visitor

    @property
    def clinic(self) -> ClinicId:
        """The only clinic that exists for the caller."""
        return self.token.clinic

    @property
    def person(self) -> PersonId:
        """Who acts."""
        return self.token.person

    @property
    def now(self) -> datetime:
        """The application's time."""
        return self.parts.base.clock.now()

    def saw(self, patient: PatientId) -> None:
        """Write into the access log that a patient was looked at through the token."""
        self.parts.accounts.log(
            AccessEvent.PATIENT_SEEN,
            self.parts.wall.now(),
            person=self.person,
            clinic=self.clinic,
            patient=patient,
            detail={"token": self.token.id},
        )


def scoped(scope: Scope) -> Any:
    """Let in a token that was given a scope, while its person has the permission for it."""

    async def check(
        request: Request,
        given: HTTPAuthorizationCredentials | None = Security(_BEARER),  # noqa: B008
    ) -> Caller:
        if given is None:
            raise NoTokenError
        return await run_in_threadpool(_by_secret, request, given.credentials, scope)

    check.scope = scope  # type: ignore[attr-defined]
    return Depends(check)


def signed(scope: Scope) -> Any:
    """Let in a message that is signed with a token's signing secret."""

    async def check(request: Request, token: str) -> Caller:
        body = await request.body()
        return await run_in_threadpool(_by_signature, request, token, body, scope)

    check.scope = scope  # type: ignore[attr-defined]
    return Depends(check)


def _by_secret(request: Request, secret: str, scope: Scope) -> Caller:
    parts = parts_of(request)
    token = recognize(tokens_of(request), secret, parts.wall.now())
    if token is None:
        raise NoTokenError
    return _let_in(request, token, scope)


def _by_signature(request: Request, token_id: str, body: bytes, scope: Scope) -> Caller:
    parts, store = parts_of(request), tokens_of(request)
    now = parts.wall.now()
    found = store.signing(token_id) if "\x00" not in token_id else None
    if found is None or not found[0].works(now):
        raise NoTokenError
    token, secret = found
    if not is_signed(secret, request.headers, body, now):
        raise NoTokenError
    store.seen(token.id, now)
    return _let_in(request, token, scope)


def _let_in(request: Request, token: ApiToken, scope: Scope) -> Caller:
    parts = parts_of(request)
    limit: Limit = request.app.state.limit
    try:
        limit.take(token.id, parts.wall.now())
    except TooOftenError as error:
        raise TooManyError(error.wait) from None
    visitor = parts.accounts.visitor(token.person)
    held = visitor.roles.get(token.clinic, frozenset())
    if not parts.accounts.is_active(token.person) or acts_in_person(held):
        raise NoTokenError
    if scope not in token.scopes or not visitor.may(PERMISSION_OF[scope], token.clinic):
        parts.accounts.log(
            AccessEvent.REFUSED,
            parts.wall.now(),
            person=token.person,
            clinic=token.clinic,
            detail={"scope": scope.value, "token": token.id},
        )
        raise ScopeMissingError(scope)
    return Caller(parts, token, visitor)


def tokens_of(request: Request) -> SqlTokens:
    """Give the tokens of the application that a request reached."""
    tokens: SqlTokens = request.app.state.tokens
    return tokens
