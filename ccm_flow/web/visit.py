"""
Who is visiting, and whether they may.

Every page names the permission it needs with `needs(...)`, or says `public`. A route without
either is refused when the application starts, so nothing is open by mistake.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from ccm_flow.adapters.db.emergency_store import SqlEmergencies
from ccm_flow.app.accounts import AccessEvent, WebSession
from ccm_flow.app.emergency import EmergencyAccess
from ccm_flow.core.access import Permission, Visitor
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PatientId
from ccm_flow.web.parts import Parts, parts_of
from ccm_flow.web.security import form_token, is_form_token

COOKIE: Final = "ccm_session"
FORM_COOKIE: Final = "ccm_form"
"""Stands in for a session on the pages before one exists."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Need(StrEnum):
    """What a page asks of a visitor beside permissions."""

    NOTHING = "nothing"
    """Public."""
    PASSWORD = "password"  # noqa: S105 - a word
    """The password was right; the one-time code may be missing."""
    SESSION = "session"
    """Signed in, with any role."""


class SignInNeededError(Exception):
    """Nobody is signed in, or not completely."""

    def __init__(self, *, code: bool = False) -> None:
        super().__init__("code" if code else "password")
        self.code = code


class NotFoundError(Exception):
    """There is no such thing for this visitor; whether it exists elsewhere is not told."""


class StaleFormError(Exception):
    """A form whose token does not fit the session, e.g. from before a new sign-in."""


@dataclass(frozen=True)
class Visit:
    """One request of somebody who may make it."""

    parts: Parts
    visitor: Visitor
    session: WebSession
    token: str
    clinic: ClinicId | None
    """The clinic the person works on now; one of theirs."""

    @property
    def form_token(self) -> str:
        """What forms on the page carry."""
        return form_token(self.token)

    def at(self, clinic: ClinicId, permission: Permission) -> ClinicId:
        """
        Make sure that something may be done at a clinic.

        Raises:
            NotFoundError: it may not; the clinic does not exist for this person.
        """
        if not self.visitor.may(permission, clinic):
            self.parts.accounts.log(
                AccessEvent.REFUSED,
                self.parts.wall.now(),
                person=self.visitor.person,
                detail={"permission": permission.value},
            )
            raise NotFoundError
        return clinic

    def emergency(self, patient: PatientId) -> EmergencyAccess | None:
        """Give the emergency access to a patient that the person has open now."""
        held = SqlEmergencies(self.parts.base.engine).holds(
            self.visitor.person, self.parts.wall.now()
        )
        return next((one for one in held if one.patient == patient), None)

    def saw(self, patient: PatientId, clinic: ClinicId) -> None:
        """Write into the access log that the person looked at a patient."""
        out_of_turn = (
            None if self.visitor.may(Permission.SEE_PATIENTS, clinic) else self.emergency(patient)
        )
        self.parts.accounts.log(
            AccessEvent.PATIENT_SEEN,
            self.parts.wall.now(),
            person=self.visitor.person,
            clinic=clinic,
            patient=patient,
            detail={"emergency": out_of_turn.id} if out_of_turn is not None else None,
        )


class NoFilesError(CcmError):
    """A form brings a file, and none asks for one."""

    exit_code = 2
    hint = "Nothing was recorded."

    def __init__(self) -> None:
        super().__init__("No form here takes a file.")


class UnkeptCharacterError(CcmError):
    """A form holds the one character that no database keeps."""

    exit_code = 2
    hint = "Nothing was recorded. What you typed is below without it; copy it from there."

    def __init__(self) -> None:
        super().__init__("What was typed holds a character that cannot be kept (NUL).")


def _check_address(request: Request) -> None:
    """Let no address with a NUL come to the database; raises `NotFoundError`."""
    query = (text for pair in request.query_params.multi_items() for text in pair)
    if any("\x00" in text for text in (request.scope["path"], *query)):
        raise NotFoundError


async def _form_value(request: Request) -> str:
    form = await request.form()
    if any(not isinstance(value, str) for value in form.values()):
        await form.close()
        raise NoFilesError
    if any("\x00" in str(text) for pair in form.multi_items() for text in pair):
        raise UnkeptCharacterError
    return request.headers.get("x-form-token") or str(form.get("form_token", ""))


def public() -> Any:
    """Let anybody in; forms still have to come from our own page."""

    async def check(request: Request) -> None:
        _check_address(request)
        if request.method not in _SAFE:
            secret = request.cookies.get(FORM_COOKIE, "")
            if not secret or not is_form_token(secret, await _form_value(request)):
                raise StaleFormError

    check.need = (Need.NOTHING, None)  # type: ignore[attr-defined]
    return Depends(check)


def needs(permission: Permission, *, by_itself: bool = False) -> Any:
    """
    Let in who is signed in and has the permission at one of their clinics.

    What an open page asks `by_itself` does not keep a session going: nobody may be there.
    """
    return Depends(_checker(Need.SESSION, permission, by_itself=by_itself))


def signed_in() -> Any:
    """Let in whoever is signed in."""
    return Depends(_checker(Need.SESSION, None))


def half_signed_in() -> Any:
    """Let in whose password was right, though a one-time code may be missing."""
    return Depends(_checker(Need.PASSWORD, None))


def _checker(
    need: Need, permission: Permission | None, *, by_itself: bool = False
) -> Callable[..., Any]:
    async def check(request: Request) -> Visit:
        _check_address(request)
        visit = await run_in_threadpool(recognize, request, by_itself=by_itself)
        if visit is None:
            raise SignInNeededError
        if visit.session.awaits_code and need is not Need.PASSWORD:
            raise SignInNeededError(code=True)
        if request.method not in _SAFE and not is_form_token(
            visit.token, await _form_value(request)
        ):
            raise StaleFormError
        if (
            permission is not None
            and not visit.visitor.may(permission)
            and not await run_in_threadpool(_is_emergency, request, visit, permission)
        ):
            raise NotFoundError
        return visit

    check.need = (need, permission)  # type: ignore[attr-defined]
    return check


def _is_emergency(request: Request, visit: Visit, permission: Permission) -> bool:
    """Let somebody on who sees no patients at all: the page looks whether it is this one."""
    reads = permission is Permission.SEE_PATIENTS and request.method in _SAFE
    if not reads or "enrollment" not in request.path_params:
        return False
    held = SqlEmergencies(visit.parts.base.engine)
    return bool(held.holds(visit.visitor.person, visit.parts.wall.now()))


def recognize(request: Request, *, by_itself: bool = False) -> Visit | None:
    """Give the visit that a request's cookie stands for; None when nobody is signed in."""
    parts = parts_of(request)
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    session = parts.door.recognize(token, parts.wall.now(), by_itself=by_itself)
    if session is None:
        return None
    visitor = parts.accounts.visitor(session.person)
    chosen = session.clinic if session.clinic in visitor.roles else None
    return Visit(parts, visitor, session, token, chosen or min(visitor.roles, default=None))


Signed = Annotated[Visit, signed_in()]
HalfSigned = Annotated[Visit, half_signed_in()]
