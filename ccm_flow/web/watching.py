"""
Measuring requests, and following them, where that is switched on.

A request is named by its route's template, never by its path.
"""

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

    from ccm_flow.adapters.telemetry.metrics import Metrics

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_STREAM: Final = b"text/event-stream"
_STATIC: Final = "/static/"


class WatchLayer:
    """ASGI middleware around everything else."""

    def __init__(
        self, app: ASGIApp, *, metrics: "Metrics | None" = None, tracer: "Tracer | None" = None
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        begun = time.perf_counter()
        with self._span() as span:
            try:
                await self._app(scope, receive, answer.send)
            finally:
                self._note(scope, answer, time.perf_counter() - begun, span)

    def _span(self) -> Any:
        if self._tracer is None:
            return nullcontext()
        from opentelemetry.trace import SpanKind  # noqa: PLC0415 - only where it is switched on

        return self._tracer.start_as_current_span("request", kind=SpanKind.SERVER)

    def _note(self, scope: Scope, answer: "_Answer", seconds: float, span: Any) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = route_of(scope)
        if self._metrics is not None and not answer.is_stream:
            self._metrics.request_ended(method, route, answer.status, seconds)
        if span is not None:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", answer.status)


class _Answer:
    """Looks at an answer while it goes out."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        """What a server answers that gave up."""
        self.is_stream = False
        """News that last as long as the page is open say nothing of how fast an answer is."""

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.is_stream = any(
                name.lower() == b"content-type" and value.startswith(_STREAM)
                for name, value in message.get("headers", ())
            )
        await self._send(message)


def route_of(scope: Scope) -> str:
    """Name the route that a request reached; one word for all files and one for all the rest."""
    route = scope.get("route")
    if isinstance(route, APIRoute):
        return f"{scope.get('root_path', '')}{route.path}"
    return "static" if str(scope["path"]).startswith(_STATIC) else "none"
