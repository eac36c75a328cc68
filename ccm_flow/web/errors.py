"""What a person sees when something does not work: a sentence and a way on, never a traceback."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.errors import CcmError
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.security import BodyTooLargeError
from ccm_flow.web.visit import NotFoundError, SignInNeededError, StaleFormError, recognize

_LOG = logging.getLogger("ccm_flow.web")
_STATUS = {1: 409, 2: 422, 3: 503, 4: 409}
"""An error's exit code, as the web says it."""


def add_error_pages(app: FastAPI) -> None:
    """Answer every kind of problem with a page."""
    app.add_exception_handler(SignInNeededError, _sign_in)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(StaleFormError, _stale)
    app.add_exception_handler(CcmError, _said)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    request: Request, status: int, title: str, hint: str = "", *, visit_known: bool = True
) -> Response:
    """Show the problem page."""
    visit = recognize(request) if visit_known else None
    if visit is not None and visit.session.awaits_code:
        visit = None
    return page(request, "problem", visit, status=status, title=title, hint=hint)


def _sign_in(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInNeededError) and error.code:
        return go_to(request, "/sign-in/code")
    is_page = request.method == "GET" and not request.headers.get("hx-request")
    return go_to(request, "/sign-in", **({"next": request.url.path} if is_page else {}))


def _not_found(request: Request, _error: Exception) -> Response:
    return problem(request, 404, "There is no such page.", "Go back to your work list.")


def _stale(request: Request, _error: Exception) -> Response:
    return problem(
        request,
        403,
        "This form is from an earlier session.",
        "Open the page again and send it once more; what you typed in a step's note is kept.",
    )


def _said(request: Request, error: Exception) -> Response:
    code = error.exit_code if isinstance(error, CcmError) else 1
    hint = error.hint if isinstance(error, CcmError) else ""
    if isinstance(error, FlowUnavailableError):
        hint = "What you entered is kept and passed on as soon as the server is back."
    return problem(request, _STATUS.get(code, 400), str(error), hint)


def _too_large(request: Request, _error: Exception) -> Response:
    return problem(request, 413, "This is more than can be sent at once.", visit_known=False)


def _not_understood(request: Request, _error: Exception) -> Response:
    return problem(request, 422, "Something in this form cannot be read.", "Check what you typed.")


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
