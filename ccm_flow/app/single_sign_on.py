"""Signing in through an organization's own identity provider."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ccm_flow.app.accounts import AccessEvent, Account, Accounts, SignInRefusedError
from ccm_flow.app.sign_in import Door, SignedIn, hashed
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import PersonId

WAY_LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_BYTES = 32


class ProviderError(CcmError):
    """The identity provider does not answer, or answers what cannot be trusted."""

    exit_code = 3
    hint = "Try again, or sign in with your password."


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the provider and back, with what proves that the answer belongs to it."""

    state_hash: str
    browser_hash: str
    nonce: str
    code_verifier: str
    next_path: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is."""

    issuer: str
    subject: str
    email: str
    email_verified: bool

    @property
    def whole(self) -> str:
        """Name the identity; a subject alone means something at its issuer only."""
        return f"{self.issuer} {self.subject}"


class Ways(Protocol):
    """Where ways are kept until somebody comes back."""

    def begin(self, way: Way) -> None:
        """Keep a way."""
        ...

    def end(self, state_hash: str, now: datetime) -> Way | None:
        """Use a way up; None when it is unknown or was used before."""
        ...


class Provider(Protocol):
    """The identity provider."""

    def address(self, state: str, nonce: str, code_verifier: str) -> str:
        """Give the address at which a person proves who they are; raises `ProviderError`."""
        ...

    def identity(self, code: str, nonce: str, code_verifier: str, now: datetime) -> Identity:
        """
        Redeem the code that the provider sent, checking signature, issuer, audience and nonce.

        Raises:
            ProviderError: it cannot be trusted.
        """
        ...


class Bindings(Accounts, Protocol):
    """Accounts that identities can be bound to."""

    def bind_sign_on(self, person: PersonId, subject: str) -> None:
        """Bind an identity to an account."""
        ...


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """What signing in through the provider works with."""

    provider: Provider
    ways: Ways
    accounts: Bindings
    door: Door

    def begin(self, browser: str, next_path: str, now: datetime) -> str:
        """Begin a way in a browser, told by its secret; gives the provider's address."""
        state, nonce = secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES)
        verifier = secrets.token_urlsafe(_BYTES)
        address = self.provider.address(state, nonce, verifier)
        self.ways.begin(Way(hashed(state), hashed(browser), nonce, verifier, next_path, now))
        return address

    def finish(self, browser: str, state: str, code: str, now: datetime) -> tuple[SignedIn, str]:
        """
        Sign somebody in who comes back from the provider; gives the path they wanted too.

        An identity that is not bound yet is bound to the account whose sign-in name is its
        e-mail address, when the provider says that the address is verified.

        Raises:
            SignInRefusedError: nobody here belongs to the answer.
            ProviderError: the answer cannot be trusted.
        """
        way = self.ways.end(hashed(state), now) if state else None
        if (
            way is None
            or now - way.started_at > WAY_LASTS
            or not hmac.compare_digest(way.browser_hash, hashed(browser))
        ):
            self.accounts.log(AccessEvent.SIGN_IN_FAILED, now, detail={"wrong": "state"})
            raise SignInRefusedError("This way to sign in is over.", "Begin again.")
        try:
            identity = self.provider.identity(code, way.nonce, way.code_verifier, now)
        except ProviderError:
            self.accounts.log(AccessEvent.SIGN_IN_FAILED, now, detail={"wrong": "answer"})
            raise
        account = self._account(identity, now)
        # The provider has asked for its own second proof; ours stands for passwords only.
        return self.door.start(account.person, now), way.next_path

    def _account(self, identity: Identity, now: datetime) -> Account:
        account = self.accounts.by_oidc_subject(identity.whole)
        if account is None and identity.email_verified and identity.email:
            account = self._bound_by_email(identity, now)
        if account is None or account.disabled:
            person = account.person if account else None
            self.accounts.log(
                AccessEvent.SIGN_IN_FAILED, now, person=person, detail={"wrong": "identity"}
            )
            raise SignInRefusedError(
                "Nobody here signs in with this identity.", "Ask an administrator for an account."
            )
        return account

    def _bound_by_email(self, identity: Identity, now: datetime) -> Account | None:
        account = self.accounts.by_username(identity.email)
        if account is None or account.disabled or account.oidc_subject is not None:
            return None
        self.accounts.bind_sign_on(account.person, identity.whole)
        self.accounts.log(
            AccessEvent.SIGN_ON_BOUND, now, person=account.person, detail={"by": "e-mail"}
        )
        return account
