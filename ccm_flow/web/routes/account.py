"""A person's own account: password, one-time codes, the clinic they work on."""

from datetime import timedelta
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.secrets import new_totp_secret, totp_address
from ccm_flow.app.accounts import BadPasswordError, SignInRefusedError
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.sign_in import SHORTEST_PASSWORD
from ccm_flow.web.pages import KEYS_COOKIE, go_to, page
from ccm_flow.web.routes.sign_in import with_session
from ccm_flow.web.visit import NotFoundError, Signed, Visit

router = APIRouter()


@router.get("/account")
def show_account(request: Request, visit: Signed, said: str = "") -> Response:
    """Show the account."""
    return _account(request, visit, said=said)


@router.post("/account/password")
def change_password(
    request: Request,
    visit: Signed,
    old: Annotated[str, Form()],
    new: Annotated[str, Form()],
    again: Annotated[str, Form()],
) -> Response:
    """Replace the password; every other session of the person ends."""
    try:
        if new != again:
            raise BadPasswordError("The two passwords differ.", "Type the same one twice.")
        done = visit.parts.door.change_password(
            visit.visitor.person, old, new, visit.parts.wall.now()
        )
    except (BadPasswordError, SignInRefusedError) as problem:
        return _account(request, visit, status=422, problem=problem)
    return with_session(request, done, "/account?said=password")


@router.post("/account/code/new")
def offer_code(request: Request, visit: Signed) -> Response:
    """Show a new secret for one-time codes; it counts once a code from it was given."""
    return _account(request, visit, offered=new_totp_secret())


@router.post("/account/code")
def set_code(
    request: Request,
    visit: Signed,
    secret: Annotated[str, Form(pattern="^[A-Z2-7]{32}$")],
    code: Annotated[str, Form()],
    password: Annotated[str, Form()] = "",
) -> Response:
    """Ask for one-time codes from now on, once the password and a first code are right."""
    now = visit.parts.wall.now()
    try:
        visit.parts.door.use_codes(visit.visitor.person, secret, code, password, now)
    except SignInRefusedError as problem:
        return _account(request, visit, status=422, offered=secret, problem=problem)
    return go_to(request, "/account", said="code")


@router.post("/account/keys")
def choose_keys(
    request: Request, visit: Signed, keys: Annotated[str, Form(pattern="^(on|off)$")]
) -> Response:
    """
    Let single keys walk the lists in this browser, or not.

    Who speaks to the computer has every word turned into keys (WCAG 2.1.4).
    """
    answer = go_to(request, "/account")
    secure = visit.parts.settings.secure
    year = int(timedelta(days=365).total_seconds())
    answer.set_cookie(KEYS_COOKIE, keys, max_age=year, httponly=True, secure=secure, samesite="lax")
    return answer


@router.post("/account/clinic")
def choose_clinic(request: Request, visit: Signed, clinic: Annotated[str, Form()]) -> Response:
    """Work on another clinic."""
    if clinic not in visit.visitor.roles:
        raise NotFoundError
    visit.parts.door.work_at(visit.session, ClinicId(clinic), visit.parts.wall.now())
    return go_to(request, "/")


def _account(
    request: Request,
    visit: Visit,
    *,
    status: int = 200,
    said: str = "",
    offered: str | None = None,
    problem: CcmError | None = None,
) -> Response:
    account = visit.parts.accounts.by_person(visit.visitor.person)
    if account is None:
        raise NotFoundError
    return page(
        request,
        "account",
        visit,
        status=status,
        account=account,
        said=said,
        problem=problem,
        offered=offered,
        picture=_picture(totp_address(offered, account.username)) if offered else None,
        shortest=SHORTEST_PASSWORD,
    )


def _picture(address: str) -> str:
    """Draw the QR code as an image that needs no other request."""
    return segno.make(address, error="m").png_data_uri(scale=5, border=2)
