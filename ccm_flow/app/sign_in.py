"""Signing in and out, invitations and passwords."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccm_flow.app.accounts import (
    AccessEvent,
    Account,
    Accounts,
    BadPasswordError,
    LinkExpiredError,
    Secrets,
    SignInRefusedError,
    WebSession,
)
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.sign_in import Session, locked_until, password_problem

INVITATION_LASTS = timedelta(days=3)
_TOKEN_BYTES = 32
_REFUSED = "The sign-in name or the password is not right."
_WRONG_CODE = "The code is not right. Wait for the next one and try again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session and the secret that the browser keeps."""

    token: str
    session: WebSession


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in works with."""

    accounts: Accounts
    secrets: Secrets

    def sign_in(self, username: str, password: str, now: datetime) -> SignedIn:
        """
        Check name and password and start a session; it may still await a one-time code.

        Raises:
            SignInRefusedError: they are not right, or there were too many wrong tries.
        """
        account = self.accounts.by_username(username)
        self._refuse_while_locked(account, now)
        right = self.secrets.verify_password(account.password_hash if account else None, password)
        if account is None or account.disabled or not right:
            self._count_wrong(account, now, "password")
            raise SignInRefusedError(_REFUSED, "Try again, or ask for a new invitation.")
        awaits_code = account.totp_secret is not None
        if not awaits_code:
            self.accounts.count_try(account.person, now, failed=False)
        return self.start(account.person, now, awaits_code=awaits_code)

    def give_code(self, session: WebSession, code: str, now: datetime) -> None:
        """
        Check the one-time code of a session that awaits one; each code works once.

        Raises:
            SignInRefusedError: it is not right.
        """
        account = self.accounts.by_person(session.person)
        self._refuse_while_locked(account, now)
        secret = account.totp_secret if account else None
        step = self.secrets.code_step(secret, code, now) if secret else None
        if account is None or step is None or not self.accounts.use_totp_step(account.person, step):
            self._count_wrong(account, now, "code")
            raise SignInRefusedError(_WRONG_CODE)
        self.accounts.count_try(account.person, now, failed=False)
        self.accounts.seen(session.token_hash, now, clinic=session.clinic, awaits_code=False)

    def start(self, person: PersonId, now: datetime, *, awaits_code: bool = False) -> SignedIn:
        """Start a session for somebody whose identity is certain."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        session = WebSession(hashed(token), person, now, now, awaits_code, None)
        self.accounts.start_session(session)
        self.accounts.log(AccessEvent.SIGNED_IN, now, person=person)
        return SignedIn(token, session)

    def recognize(self, token: str, now: datetime, *, by_itself: bool = False) -> WebSession | None:
        """
        Give the session of a browser's secret; None when it is over or unknown.

        It is prolonged, unless the page asked `by_itself`.
        """
        session = self.accounts.session(hashed(token))
        if session is None or Session(session.started_at, session.last_seen_at).is_over(now):
            return None
        # Written once a minute at most: reading a page must not cost a write each time.
        if not by_itself and now - session.last_seen_at > timedelta(minutes=1):
            self._seen(session, now, clinic=session.clinic)
        return session

    def work_at(self, session: WebSession, clinic: ClinicId, now: datetime) -> None:
        """Remember the clinic that a person works on."""
        self._seen(session, now, clinic=clinic)

    def _seen(self, session: WebSession, now: datetime, clinic: ClinicId | None) -> None:
        self.accounts.seen(session.token_hash, now, clinic=clinic, awaits_code=session.awaits_code)

    def sign_out(self, session: WebSession, now: datetime) -> None:
        """End a session."""
        self.accounts.end_session(session.token_hash, now)
        self.accounts.log(AccessEvent.SIGNED_OUT, now, person=session.person)

    def invite(self, person: PersonId, by: PersonId | None, now: datetime) -> str:
        """Make a link's secret with which a person sets a password, once."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.accounts.invite(person, hashed(token), by, now, now + INVITATION_LASTS)
        self.accounts.log(AccessEvent.INVITED, now, person=person, detail={"by": by or "setup"})
        return token

    def accept(self, token: str, password: str, now: datetime) -> SignedIn:
        """
        Set the password that an invitation asks for, and sign the person in.

        Raises:
            LinkExpiredError: the link does not work, or no longer.
            BadPasswordError: the password is too weak; the link still works.
        """
        person = self.accounts.invited(hashed(token), now)
        account = self.accounts.by_person(person) if person else None
        if account is None or account.disabled:
            raise LinkExpiredError
        self._set_password(account, password, now, invitation=hashed(token))
        return self.start(account.person, now, awaits_code=account.totp_secret is not None)

    def change_password(self, person: PersonId, old: str, new: str, now: datetime) -> SignedIn:
        """
        Replace a password; every other session of the person ends.

        Raises:
            SignInRefusedError: the old one is not right.
            BadPasswordError: the new one is too weak.
        """
        account = self.accounts.by_person(person)
        self._refuse_while_locked(account, now)
        if account is None or not self.secrets.verify_password(account.password_hash, old):
            self._count_wrong(account, now, "password")
            raise SignInRefusedError("The present password is not right.")
        self._set_password(account, new, now)
        return self.start(person, now)

    def use_codes(
        self, person: PersonId, secret: str, code: str, password: str, now: datetime
    ) -> None:
        """
        Ask for one-time codes from `secret` from now on, in place of any from before.

        The password is asked for once more, from whoever has one: a screen that was left open
        must not be enough to lock somebody out of their account.

        Raises:
            SignInRefusedError: password or code is not right.
        """
        account = self.accounts.by_person(person)
        self._refuse_while_locked(account, now)
        known = account.password_hash if account else None
        if known is not None and not self.secrets.verify_password(known, password):
            self._count_wrong(account, now, "password")
            raise SignInRefusedError("The present password is not right.")
        step = self.secrets.code_step(secret, code, now)
        if step is None:
            raise SignInRefusedError("The code is not right.", "Scan the picture and try again.")
        self.accounts.set_totp(person, secret)
        self.accounts.use_totp_step(person, step)
        self.accounts.log(AccessEvent.CODE_SET_UP, now, person=person)

    def _set_password(
        self, account: Account, password: str, now: datetime, invitation: str | None = None
    ) -> None:
        problem = password_problem(password, name=account.name, username=account.username)
        if problem:
            raise BadPasswordError("This password is easy to guess.", problem)
        if invitation is not None and not self.accounts.use_invitation(invitation, now):
            raise LinkExpiredError
        self.accounts.set_password(account.person, self.secrets.hash_password(password), now)
        self.accounts.log(AccessEvent.PASSWORD_SET, now, person=account.person)

    def _refuse_while_locked(self, account: Account | None, now: datetime) -> None:
        if account is None or account.last_failed_at is None:
            return
        until = locked_until(account.failed_tries, account.last_failed_at)
        if until is not None and now < until:
            minutes = -(-(until - now) // timedelta(minutes=1))
            raise SignInRefusedError(
                "There were too many wrong tries.",
                f"Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
            )

    def _count_wrong(self, account: Account | None, now: datetime, what: str) -> None:
        if account is not None:
            self.accounts.count_try(account.person, now, failed=True)
        person = account.person if account else None
        self.accounts.log(AccessEvent.SIGN_IN_FAILED, now, person=person, detail={"wrong": what})


def hashed(token: str) -> str:
    """Give the form in which a browser's or a link's secret is kept."""
    return hashlib.sha256(token.encode()).hexdigest()
