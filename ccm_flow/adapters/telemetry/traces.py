"""
Traces: from a request over the click to the workflow and its activities.

Every span leaves through one gate: attributes that are not known, events (exceptions with their
text and stack) and descriptions of errors stay behind. So nothing that a person typed, and no
name, can leave by way of a library that says more than it should.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status, Tracer

MODULE: Final = "ccm_flow"
_SERVICE: Final = "ccm-flow"
_PATH: Final = "/v1/traces"
PASSED_ON: Final = frozenset(
    {
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "ccm.clinic",
        "ccm.click",
        "ccm.event",
        "temporalActivityID",
        "temporalRunID",
        "temporalUpdateID",
        "temporalWorkflowID",
    }
)
"""The attributes that may leave: ids, words from closed lists, numbers."""


class Gate(SpanExporter):
    """Lets of each span only what is known to hold nothing of a patient through."""

    def __init__(self, out: SpanExporter) -> None:
        self._out = out

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what may leave."""
        return self._out.export([_cleaned(span) for span in spans])

    def shutdown(self) -> None:
        """Send nothing more."""
        self._out.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Wait until what was sent has arrived."""
        return self._out.force_flush(timeout_millis)


def _cleaned(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_known(span.attributes),
        events=(),
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _known(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (attributes or {}).items() if name in PASSED_ON}


def provider(exporter: SpanExporter) -> TracerProvider:
    """Make what spans are begun with; they leave through the gate, beside the work."""
    # Not `Resource.create`: it would add what it finds about machine, process and command line.
    made = TracerProvider(resource=Resource({"service.name": _SERVICE}))
    made.add_span_processor(BatchSpanProcessor(Gate(exporter)))
    return made


@lru_cache(maxsize=1)
def exporting_to(endpoint: str) -> Tracer:
    """Give the process' tracer, whose spans go to a collector (OTLP over http)."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - slow
        OTLPSpanExporter,
    )

    return provider(OTLPSpanExporter(endpoint=endpoint + _PATH)).get_tracer(MODULE)
