"""A request is followed under its route's name, and what leaves says nothing of a patient."""

import pytest
from starlette.testclient import TestClient

pytest.importorskip("opentelemetry.sdk", reason="the extra `telemetry` is not installed")

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ccm_flow.adapters.telemetry.traces import MODULE, PASSED_ON, provider
from ccm_flow.web.app import build
from tests.web.conftest import Site
from tests.web.records import make_records
from tests.web.roles import OWN


def test_requests_are_followed_by_their_routes_alone(site: Site) -> None:
    out = InMemorySpanExporter()
    spans = provider(out)
    site.parts.tracer = spans.get_tracer(MODULE)
    there = make_records(site.parts.base.engine, OWN)
    browser: TestClient = site.signed_in("elm.maria", build(site.parts))
    assert browser.get(f"/patients/{there.enrollment}?show=notes").status_code == 200
    browser.post(f"/patients/{there.enrollment}/details", data={"phone": "555-0177", "click": "c1"})
    spans.force_flush()
    sent = out.get_finished_spans()
    assert {span.name for span in sent} == {
        "GET /patients/{enrollment}",
        "POST /patients/{enrollment}/details",
    }
    told = " ".join(span.to_json() for span in sent)
    assert not there.secrets_in(told)
    assert "555-0177" not in told
    assert there.enrollment not in told
    assert all(set(span.attributes or {}) <= PASSED_ON for span in sent)
