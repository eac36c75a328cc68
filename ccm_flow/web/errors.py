"""What a person sees when something does not work: a sentence and a way on, never a traceback."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.errors import CcmError
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.security import BodyTooLargeError
from ccm_flow.web.sign_in_limits import TooManyTriesError
from ccm_flow.web.spoken import plain_hint
from ccm_flow.web.typed_texts import typed_texts
from ccm_flow.web.visit import NotFoundError, SignInNeededError, StaleFormError, recognize

_LOG = logging.getLogger("ccm_flow.web")
_SECRETS: Final = ("/sign-in", "/account", "/invitation")
"""Forms with passwords and codes, which are shown to nobody."""
_STATUS = {1: 409, 2: 422, 3: 503, 4: 409}
"""An error's exit code, as the web says it."""


def add_error_pages(app: FastAPI) -> None:
    """Answer every kind of problem with a page."""
    app.add_exception_handler(SignInNeededError, _sign_in)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(StaleFormError, _stale)
    app.add_exception_handler(TooManyTriesError, _too_often)
    app.add_exception_handler(CcmError, _said)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    request: Request,
    status: int,
    title: str,
    hint: str = "",
    *,
    visit_known: bool = True,
    typed: Sequence[tuple[str, str]] = (),
) -> Response:
    """Show the problem page, with the texts that would be lost otherwise."""
    visit = recognize(request) if visit_known else None
    if visit is not None and visit.session.awaits_code:
        visit = None
    return page(
        request, "problem", visit, status=status, title=title, hint=hint, typed=typed, sign_in=False
    )


async def _sign_in(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInNeededError) and error.code:
        return go_to(request, "/sign-in/code")
    back, typed = _page_of(request), await _typed(request)
    if typed:
        return page(
            request,
            "problem",
            status=401,
            title="You are no longer signed in.",
            hint="Nothing was sent. What you typed is below: sign in and enter it again.",
            typed=typed,
            sign_in=True,
        )
    return go_to(request, "/sign-in", **({"next": back} if back else {}))


def _page_of(request: Request) -> str:
    """Give the page on which somebody was, to come back to it; empty when it is not known."""
    if request.method == "GET" and not request.headers.get("hx-request"):
        return request.url.path
    if request.url.path.startswith("/steps/"):  # /steps/CYCLE/KEY and what is done there
        return "/".join(request.url.path.split("/")[:4])
    return ""


def _not_found(request: Request, _error: Exception) -> Response:
    return problem(request, 404, "There is no such page.", "Go back to your work list.")


async def _stale(request: Request, _error: Exception) -> Response:
    typed = await _typed(request)
    below = "what you typed is below" if typed else "what you typed in a step's note is kept"
    return await run_in_threadpool(
        problem,
        request,
        403,
        "This form is from an earlier session.",
        f"Open the page again and send it once more; {below}.",
        typed=typed,
    )


async def _typed(request: Request) -> list[tuple[str, str]]:
    """Give what a person typed into a form that was not taken, with titles, to be copied."""
    if request.method != "POST" or "x-form-token" in request.headers:
        return []
    if "x-by-itself" in request.headers or request.url.path.startswith(_SECRETS):
        return []
    try:
        form = await request.form()
    except HTTPException:
        return []
    return typed_texts(request.url.path, form.multi_items())


def status_of(error: CcmError) -> int:
    """Give the status that a page with this problem has."""
    return _STATUS.get(error.exit_code, 400)


def _too_often(request: Request, error: Exception) -> Response:
    wait = error.wait if isinstance(error, TooManyTriesError) else timedelta(0)
    minutes = max(1, -(-wait // timedelta(minutes=1)))
    answer = problem(
        request,
        429,
        "There were too many tries.",
        f"Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
    )
    answer.headers["retry-after"] = str(max(1, int(wait.total_seconds())))
    return answer


async def _said(request: Request, error: Exception) -> Response:
    hint = plain_hint(error.hint) if isinstance(error, CcmError) else ""
    if isinstance(error, FlowUnavailableError):
        hint = "What you entered is kept and passed on as soon as the server is back."
    status = status_of(error) if isinstance(error, CcmError) else 400
    typed = await _typed(request)
    return await run_in_threadpool(problem, request, status, str(error), hint, typed=typed)


def _too_large(request: Request, _error: Exception) -> Response:
    return problem(request, 413, "This is more than can be sent at once.", visit_known=False)


async def _not_understood(request: Request, _error: Exception) -> Response:
    return await run_in_threadpool(
        problem,
        request,
        422,
        "Something in this form cannot be read.",
        "Check what you typed.",
        typed=await _typed(request),
    )


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return _not_found(request, error)
    if status == 400:
        hint = "A field takes 1 MB at most."
        return problem(request, status, "This form cannot be read.", hint)
    return problem(request, status, "This cannot be done here.")


def _unexpected(request: Request, error: Exception) -> Response:
    # The path may be logged: it holds ids only. What was typed is not.
    _LOG.error("%s on %s", type(error).__name__, request.url.path, exc_info=error)
    return problem(
        request,
        500,
        "Something went wrong inside the program.",
        "It is written down. Try again; what you typed in a step's note is kept.",
        visit_known=False,
    )
