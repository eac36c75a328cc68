"""Whatever a library puts on a span, only what is known leaves."""

from contextlib import suppress

import pytest

pytest.importorskip("opentelemetry.sdk", reason="the extra `telemetry` is not installed")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from ccm_flow.adapters.telemetry.traces import provider


@pytest.fixture
def out() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def spans(out: InMemorySpanExporter) -> TracerProvider:
    return provider(out)


def test_names_and_texts_stay_behind(spans: TracerProvider, out: InMemorySpanExporter) -> None:
    tracer, told = spans.get_tracer("test"), {"ccm.click": "7", "patient": "Delacroix"}
    with suppress(ValueError), tracer.start_as_current_span("click", attributes=told) as span:
        span.add_event("typed", {"note": "Delacroix"})
        raise ValueError("Delacroix said")
    spans.force_flush()
    [sent] = out.get_finished_spans()
    assert sent.attributes == {"ccm.click": "7"}
    assert sent.status.status_code is StatusCode.ERROR
    assert "Delacroix" not in sent.to_json()
