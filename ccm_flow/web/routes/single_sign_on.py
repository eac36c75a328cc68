"""The way to the organization's identity provider and back."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from ccm_flow.adapters.db.sign_on_store import SqlWays
from ccm_flow.app.accounts import SignInRefusedError
from ccm_flow.app.single_sign_on import ProviderError, SingleSignOn
from ccm_flow.web.parts import Parts, parts_of
from ccm_flow.web.routes.sign_in import HOME, browser_secret, own_path, public_page, with_session
from ccm_flow.web.visit import FORM_COOKIE, NotFoundError, public

router = APIRouter()


@router.get("/sign-in/single", dependencies=[public()])
def begin(request: Request, next: str = HOME) -> Response:  # noqa: A002 - the query's word
    """Send somebody to the identity provider."""
    parts = parts_of(request)
    secret = browser_secret(request)
    try:
        address = _sign_on(parts).begin(secret, own_path(next), parts.wall.now())
    except ProviderError as problem:
        return _refused(request, problem, 503)
    answer = RedirectResponse(address, 303)
    secure = parts.settings.secure
    answer.set_cookie(FORM_COOKIE, secret, httponly=True, secure=secure, samesite="lax")
    return answer


@router.get("/sign-in/single/back", dependencies=[public()])
def come_back(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """Sign in whoever comes back with an answer that can be trusted."""
    parts = parts_of(request)
    browser = request.cookies.get(FORM_COOKIE, "")
    try:
        if error:
            raise SignInRefusedError("The identity provider did not sign you in.", "Try again.")
        done, path = _sign_on(parts).finish(browser, state, code, parts.wall.now())
    except SignInRefusedError as refused:
        return _refused(request, refused, 401)
    except ProviderError as problem:
        return _refused(request, problem, 401)
    return with_session(request, done, path)


def _sign_on(parts: Parts) -> SingleSignOn:
    if parts.sign_on is None:
        raise NotFoundError
    return SingleSignOn(parts.sign_on, SqlWays(parts.base.engine), parts.people, parts.door)


def _refused(
    request: Request, problem: SignInRefusedError | ProviderError, status: int
) -> Response:
    return public_page(request, "sign_in", status=status, next=HOME, username="", problem=problem)
