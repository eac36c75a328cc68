"""What the API says when something does not work: always a sentence, a hint and a code."""

import logging
import math
import re
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError, NoSuchCycleError
from ccm_flow.core.errors import CcmError
from ccm_flow.web.api.caller import (
    NotHereError,
    NoTokenError,
    ScopeMissingError,
    TooManyError,
)
from ccm_flow.web.api.models import Problem
from ccm_flow.web.security import BodyTooLargeError

_LOG = logging.getLogger("ccm_flow.web")
_BY_TYPE: Final[dict[type[CcmError], int]] = {
    NoTokenError: 401,
    ScopeMissingError: 403,
    NotHereError: 404,
    NoSuchCycleError: 404,
    TooManyError: 429,
    FlowUnavailableError: 503,
}
_BY_EXIT_CODE: Final = {1: 409, 2: 422, 3: 503, 4: 409}
_HTTP: Final = {
    404: ("There is no such operation.", "See /api for what there is."),
    405: ("This cannot be done here.", "See /api for what there is."),
}
_FINAL: Final = frozenset({409, 422})
"""Refusals that stay what they are, however often the same request is sent."""

RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Problem, "description": "No token that works."},
    403: {"model": Problem, "description": "The token was not given the scope."},
    404: {"model": Problem, "description": "No such thing at the token's clinic."},
    422: {"model": Problem, "description": "Something in the request cannot be read."},
    429: {"model": Problem, "description": "Too many requests; wait as Retry-After says."},
}
"""What every operation may answer."""
WRITING: Final[dict[int | str, dict[str, Any]]] = {
    **RESPONSES,
    409: {
        "model": Problem,
        "description": "Refused as things stand, or the Idempotency-Key is in use otherwise.",
    },
    413: {"model": Problem, "description": "More than can be sent at once."},
    503: {
        "model": Problem,
        "description": "The Temporal server is away; send it again with the same key.",
    },
}
"""And every one that changes something."""


def status_of(error: CcmError) -> int:
    """Say an error's status."""
    for kind in type(error).__mro__:
        if kind in _BY_TYPE:
            return _BY_TYPE[kind]
    if type(error).__name__.startswith("NoSuch"):
        return 404
    return _BY_EXIT_CODE.get(error.exit_code, 400)


def is_final(error: CcmError) -> bool:
    """Tell whether the same request will always be answered like this."""
    return status_of(error) in _FINAL


def code_of(error: CcmError) -> str:
    """Name the kind of an error: a refusal's own word, or the type's name."""
    if isinstance(error, ClickRefusedError):
        return error.code
    if isinstance(error, NotHereError):
        return "not_found"
    name = type(error).__name__.removesuffix("Error")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def answer_of(error: CcmError) -> tuple[int, dict[str, Any]]:
    """Give an error's status and body."""
    return status_of(error), _body(str(error), error.hint, code_of(error))


def add_problems(app: FastAPI) -> None:
    """Answer every kind of problem with the same shape."""
    app.add_exception_handler(CcmError, _said)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(BodyTooLargeError, _too_large)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _body(error: str, hint: str, code: str) -> dict[str, Any]:
    return Problem(error=error, hint=hint, code=code).model_dump()


def _said(_request: Request, error: Exception) -> Response:
    assert isinstance(error, CcmError)  # noqa: S101 - it is registered for nothing else
    status, body = answer_of(error)
    headers = {}
    if isinstance(error, TooManyError):
        headers["retry-after"] = str(math.ceil(error.wait.total_seconds()))
    elif status == 503:
        headers["retry-after"] = "10"
        body["hint"] = "What you sent is kept where it can be. Send it again with the same key."
    elif status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body, status, headers)


def _not_understood(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    found = [
        f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
    ]
    hint = "; ".join(found)[:2000].encode("utf-8", "replace").decode()
    return JSONResponse(
        _body("Something in this request cannot be read.", hint, "not_understood"), 422
    )


def _too_large(_request: Request, _error: Exception) -> Response:
    return JSONResponse(_body("This is more than can be sent at once.", "", "too_large"), 413)


def _http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said, hint = _HTTP.get(status, ("This request cannot be read.", "Check what was sent."))
    headers = getattr(error, "headers", None)
    return JSONResponse(_body(said, hint, f"http_{status}"), status, headers)


def _unexpected(request: Request, error: Exception) -> Response:
    # The path may be logged: it holds ids only. What was sent is not.
    _LOG.error("%s on %s", type(error).__name__, request.url.path, exc_info=error)
    return JSONResponse(
        _body(
            "Something went wrong inside the program.",
            "It is written down. Send it again with the same Idempotency-Key.",
            "internal",
        ),
        500,
    )
