"""
What every answer carries and every request has to pass, whatever the page.

The policy lets a page load nothing but the application's own files: no inline script or style,
no other host. A form is taken only from our own pages: the browser says where a request comes
from (Sec-Fetch-Site, Origin), and each form carries a token bound to the session.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_HTTPS_ONLY: Final = "max-age=63072000; includeSubDomains"
LARGEST_BODY: Final = 2_000_000
"""Bytes; a megabyte of note fits, with room for its encoding."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def form_token(secret: str) -> str:
    """Give the token that forms carry, bound to a browser's secret."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    """Check a form's token."""
    return hmac.compare_digest(form_token(secret), given)


class SecurityLayer:
    """ASGI middleware: headers on every answer, and the checks that need no session."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what cannot be right, pass the rest on, and add the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _refusal(scope, headers)
        sender = self._with_headers(scope, send)
        if refusal is not None:
            await refusal(scope, receive, sender)
            return
        await self._app(scope, _limited(receive), sender)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not str(scope["path"]).startswith("/static/"):
                    # Pages hold health data: no shared or later copy is kept anywhere.
                    headers.setdefault("cache-control", "no-store")
                if self._secure:
                    headers.setdefault("strict-transport-security", _HTTPS_ONLY)
            await send(message)

        return sender


def _refusal(scope: Scope, headers: Headers) -> PlainTextResponse | None:
    if scope["method"] in _SAFE:
        return None
    size = headers.get("content-length", "0")
    if not size.isdecimal() or int(size) > LARGEST_BODY:
        return PlainTextResponse("This is more than can be sent at once.", 413)
    if not _is_own(scope, headers):
        return PlainTextResponse("This request came from another site.", 403)
    return None


def _is_own(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser sent this from one of our pages; programs send no such headers."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"{scope['scheme']}://{headers.get('host', '')}"


class BodyTooLargeError(Exception):
    """A request went on after it had said it would end."""


def _limited(receive: Receive) -> Callable[[], Awaitable[MutableMapping[str, Any]]]:
    taken = 0

    async def limited() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise BodyTooLargeError
        return message

    return limited
