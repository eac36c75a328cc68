"""Signing in and out, one-time codes, and accepting an invitation."""

import secrets
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.app.accounts import (
    AccessEvent,
    BadPasswordError,
    LinkExpiredError,
    SignInRefusedError,
)
from ccm_flow.app.sign_in import SignedIn, hashed
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.sign_in import ABSOLUTE_LIMIT, SHORTEST_PASSWORD
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.parts import parts_of
from ccm_flow.web.security import form_token
from ccm_flow.web.sign_in_limits import TooManyTriesError
from ccm_flow.web.visit import COOKIE, FORM_COOKIE, HalfSigned, Signed, public

router = APIRouter()
HOME = "/"
_FIRST_PAGES: Final = (
    ("/work", Permission.SEE_WORK),
    ("/month", Permission.SEE_MONTH),
    ("/people", Permission.MANAGE_PEOPLE),
)
"""What people begin with, the first that they may see."""


@router.get("/")
def home(request: Request, visit: Signed) -> Response:
    """Go to where somebody's work begins; signing in comes first where it is needed."""
    pages = (page for page, need in _FIRST_PAGES if visit.visitor.may(need, visit.clinic))
    return go_to(request, next(pages, "/account"))


@router.get("/sign-in", dependencies=[public()])
def show_sign_in(request: Request, next: str = HOME) -> Response:  # noqa: A002 - the query's word
    """Ask for name and password."""
    return public_page(request, "sign_in", next=next, username="", problem=None)


@router.post("/sign-in", dependencies=[public()])
def sign_in(
    request: Request,
    username: Annotated[str, Form()],
    password: Annotated[str, Form()],
    next: Annotated[str, Form()] = HOME,  # noqa: A002 - the form's word
) -> Response:
    """Check them; a wrong pair says nothing about which part was wrong."""
    parts = parts_of(request)
    take_try(request, username)
    try:
        done = parts.door.sign_in(username, password, parts.wall.now())
    except SignInRefusedError as refused:
        return public_page(
            request, "sign_in", status=401, next=next, username=username, problem=refused
        )
    give_try_back(request, username)
    return with_session(request, done, own_path(next))


@router.get("/sign-in/code")
def show_code(request: Request, visit: HalfSigned) -> Response:
    """Ask for the one-time code."""
    return page(request, "sign_in_code", form_token=visit.form_token, problem=None)


@router.post("/sign-in/code")
def give_code(request: Request, visit: HalfSigned, code: Annotated[str, Form()]) -> Response:
    """Check the one-time code."""
    take_try(request, visit.visitor.person)
    try:
        visit.parts.door.give_code(visit.session, code, visit.parts.wall.now())
    except SignInRefusedError as refused:
        return page(
            request, "sign_in_code", status=401, form_token=visit.form_token, problem=refused
        )
    give_try_back(request, visit.visitor.person)
    return go_to(request, HOME)


@router.post("/sign-out")
def sign_out(request: Request, visit: HalfSigned) -> Response:
    """End the session here; others of the same person go on."""
    visit.parts.door.sign_out(visit.session, visit.parts.wall.now())
    answer = go_to(request, "/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/invitation/{token}", dependencies=[public()])
def show_invitation(request: Request, token: str) -> Response:
    """Ask an invited person for a password."""
    parts = parts_of(request)
    take_try(request, token)
    if parts.accounts.invited(hashed(token), parts.wall.now()) is None:
        raise LinkExpiredError
    give_try_back(request, token)
    return public_page(request, "invitation", token=token, problem=None, shortest=SHORTEST_PASSWORD)


@router.post("/invitation/{token}", dependencies=[public()])
def accept_invitation(
    request: Request, token: str, password: Annotated[str, Form()], again: Annotated[str, Form()]
) -> Response:
    """Set the password and sign the person in."""
    parts = parts_of(request)
    take_try(request, token)
    problem: CcmError | None = None
    if password != again:
        problem = BadPasswordError("The two passwords differ.", "Type the same one twice.")
    else:
        try:
            done = parts.door.accept(token, password, parts.wall.now())
        except BadPasswordError as weak:
            problem = weak
        else:
            give_try_back(request, token)
            return with_session(request, done, HOME)
    return public_page(
        request,
        "invitation",
        status=422,
        token=token,
        problem=problem,
        shortest=SHORTEST_PASSWORD,
    )


def with_session(request: Request, done: SignedIn, path: str) -> Response:
    """Give the browser its secret and send it on."""
    answer = go_to(request, path)
    answer.set_cookie(
        COOKIE,
        done.token,
        max_age=int(ABSOLUTE_LIMIT.total_seconds()),
        httponly=True,
        secure=parts_of(request).settings.secure,
        samesite="lax",
    )
    return answer


def take_try(request: Request, name: str) -> None:
    """
    Count a try at signing in.

    Raises:
        TooManyTriesError: the address or the name made too many.
    """
    parts = parts_of(request)
    try:
        parts.limits.take(_address(request), name, parts.wall.now())
    except TooManyTriesError:
        parts.accounts.log(AccessEvent.TOO_MANY_TRIES, parts.wall.now())
        raise


def give_try_back(request: Request, name: str) -> None:
    """Forget a try that was right."""
    parts_of(request).limits.give_back(_address(request), name)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def browser_secret(request: Request) -> str:
    """Give what tells browsers apart before anybody is signed in; a new one where there is none."""
    return request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)


def public_page(request: Request, name: str, *, status: int = 200, **values: Any) -> Response:
    """Show a page to somebody who is not signed in, with forms that only work in this browser."""
    secret = browser_secret(request)
    values["form_token"] = form_token(secret)
    values["single_sign_on"] = parts_of(request).sign_on is not None
    answer = page(request, name, status=status, **values)
    secure = parts_of(request).settings.secure
    answer.set_cookie(FORM_COOKIE, secret, httponly=True, secure=secure, samesite="lax")
    return answer


def own_path(wanted: str) -> str:
    """Give a path of ours to go to; anything else becomes the work list."""
    parsed = urlsplit(wanted)
    own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if own and not parsed.scheme and not parsed.netloc else HOME
