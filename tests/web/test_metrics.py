"""Metrics are told to whoever may read them, name routes by their template and no patient."""

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient

from ccm_flow.adapters.telemetry.settings import TelemetrySettings
from ccm_flow.adapters.telemetry.wiring import metrics_of, watched
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError
from ccm_flow.app.statuses import ClickEnd
from ccm_flow.core.events import PersonEvent, StepCompleted
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.web.app import build
from ccm_flow.web.parts import WebSettings
from tests.web.conftest import Site
from tests.web.records import OPENED, make_records
from tests.web.roles import OWN

pytest.importorskip("prometheus_client", reason="the extra `telemetry` is not installed")

TOKEN = "a long word of the operator's"  # noqa: S105 - made up
BEARER = {"authorization": f"Bearer {TOKEN}"}
ROOT = Path(__file__).parents[2]
HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"


def watch(site: Site, settings: TelemetrySettings) -> Site:
    """Give the same site with metrics switched on."""
    base = site.parts.base
    site.parts.base = replace(base, settings=replace(base.settings, telemetry=settings))
    site.parts.metrics = metrics_of(settings, base.engine, base.clock)
    site.client = TestClient(build(site.parts), base_url="http://ccm.test", follow_redirects=False)
    return site


@pytest.fixture
def seen(site: Site) -> Site:
    return watch(site, TelemetrySettings(metrics_token=TOKEN))


def shown(site: Site) -> str:
    answer = site.browser().get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return answer.text


def value(text: str, series: str) -> float:
    return float(next(line for line in text.splitlines() if line.startswith(series)).split()[-1])


@pytest.mark.parametrize(
    ("settings", "secure", "client", "headers", "status"),
    [
        (TelemetrySettings(), False, HERE, BEARER, 404),
        (TelemetrySettings(metrics_token=TOKEN), True, ELSEWHERE, BEARER, 200),
        (TelemetrySettings(metrics_token=TOKEN), False, HERE, {}, 404),
        (TelemetrySettings(metrics_token=TOKEN), False, HERE, {"authorization": "Bearer é"}, 404),
        (TelemetrySettings(metrics_token=TOKEN), False, HERE, {"authorization": TOKEN}, 404),
        (TelemetrySettings(metrics_on_loopback=True), False, HERE, {}, 200),
        (TelemetrySettings(metrics_on_loopback=True), False, ELSEWHERE, {}, 404),
        (TelemetrySettings(metrics_on_loopback=True), True, HERE, {}, 404),
    ],
)
def test_only_who_was_let_in_reads_metrics(
    site: Site, *, settings: Any, secure: bool, client: str, headers: dict[str, str], status: int
) -> None:
    site.parts.settings = WebSettings(secure=secure, demo=False)
    made = watch(site, settings)
    encoded = {name: text.encode() for name, text in headers.items()}
    browser = TestClient(made.client.app, base_url="http://ccm.test", client=(client, 1))
    assert browser.get("/metrics", headers=encoded).status_code == status


def test_requests_are_named_by_their_routes_and_no_id_or_name_is_told(seen: Site) -> None:
    there = make_records(seen.parts.base.engine, OWN)
    browser = seen.signed_in("elm.maria")
    for path in (
        f"/patients/{there.enrollment}",
        "/patients/nobody",
        "/nowhere/Delacroix",
        "/api/v1/queue",
        "/api/v1/Delacroix",
        "/static/app.css",
    ):
        browser.get(path)
    browser.request("BREW", "/work")
    text = shown(seen)
    assert 'method="GET",route="/patients/{enrollment}",status="2xx"' in text
    assert 'route="/api/v1/queue",status="4xx"' in text
    assert 'route="none",status="4xx"' in text
    assert 'route="static"' in text
    assert "BREW" not in text
    assert "Delacroix" not in text
    assert there.enrollment not in text
    assert not there.secrets_in(text)


def test_the_record_is_counted_by_clinic(seen: Site) -> None:
    make_records(seen.parts.base.engine, OWN)
    seen.clock.at = OPENED
    assert value(shown(seen), 'ccm_steps_open{clinic="elm"}') >= 1


def test_however_many_ask_the_record_is_counted_once_in_a_while(seen: Site) -> None:
    shown(seen)
    make_records(seen.parts.base.engine, OWN)
    assert value(shown(seen), 'ccm_steps_open{clinic="elm"}') == 0


class _Answers:
    """A flow that answers as it is told to."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        if self._error is not None:
            raise self._error
        return 7


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (None, ClickEnd.TAKEN),
        (ClickRefusedError("late", "Too late.", ""), ClickEnd.REFUSED),
        (FlowUnavailableError(), ClickEnd.AWAY),
        (RuntimeError(), ClickEnd.FAILED),
    ],
)
async def test_each_click_is_measured_by_what_became_of_it(
    seen: Site, error: Exception | None, end: ClickEnd
) -> None:
    base = seen.parts.base
    work: Callable[..., Desk] = Desk
    desk = watched(work(base.record, _Answers(error), base.clock), seen.parts.metrics, None)
    event = StepCompleted(StepKey("a"), OutcomeId("done"), PersonId("ann"), RoleId("nurse"))
    with pytest.raises(type(error)) if error is not None else nullcontext():
        await desk.flow.click(CycleId("c"), ClickId("1"), event)
    counts = {
        one: value(shown(seen), f'ccm_click_duration_seconds_count{{result="{one.value}"}}')
        for one in ClickEnd
    }
    assert counts == {one: float(one is end) for one in ClickEnd}


def families(text: str) -> set[str]:
    """Give the names of all metrics, also of those that have no value yet."""
    return set(re.findall(r"^# TYPE (ccm_\w+)", text, re.MULTILINE))


def named_in(text: str) -> set[str]:
    """Give the metrics that a text names, without the suffixes of their series."""
    found = re.findall(r"\bccm_[a-z_]+\b", text)
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in found}


def test_dashboard_and_alerts_name_only_what_is_there_and_the_page_explains_all(
    seen: Site,
) -> None:
    there = families(shown(seen))
    dashboard = json.loads((ROOT / "ops/grafana/ccm-flow.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    alerts = yaml.safe_load((ROOT / "ops/prometheus/alerts.yml").read_text())
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    asked += [rule["expr"] for rule in rules]
    assert named_in(" ".join(asked)) - there == set()
    page = (ROOT / "docs/operations.md").read_text()
    assert set(re.findall(r"^\| `(ccm_\w+)`", page, re.MULTILINE)) == there
    worker = set(re.findall(r"temporal_\w+", " ".join(asked)))
    assert worker == set(re.findall(r"^\| `(temporal_\w+)`", page, re.MULTILINE))


def test_every_alert_leads_to_what_it_means_and_what_to_do() -> None:
    alerts = yaml.safe_load((ROOT / "ops/prometheus/alerts.yml").read_text())
    page = (ROOT / "docs/operations.md").read_text()
    headings = re.findall(r"^### (.+)$", page, re.MULTILINE)
    known = {f"docs/operations.md#{one.lower().replace(' ', '-')}" for one in headings}
    rules = [rule for group in alerts["groups"] for rule in group["rules"]]
    assert {rule["annotations"]["runbook"] for rule in rules} == known
