"""A click is followed from the request into the workflow; the worker shows what it does."""

import re
import urllib.request
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

pytest.importorskip("opentelemetry.sdk", reason="the extra `telemetry` is not installed")
pytest.importorskip("prometheus_client", reason="the extra `telemetry` is not installed")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.telemetry.cycle_tracing import CycleTracing
from ccm_flow.adapters.telemetry.settings import TelemetrySettingsError
from ccm_flow.adapters.telemetry.traces import MODULE, provider
from ccm_flow.adapters.telemetry.wiring import watched
from ccm_flow.adapters.telemetry.worker_metrics import runtime_showing
from ccm_flow.adapters.temporal.codec import data_converter
from ccm_flow.adapters.temporal.connect import connect
from ccm_flow.adapters.temporal.cycle_workflow import CycleWorkflow
from ccm_flow.adapters.temporal.flow import TemporalFlow
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.app.act import Desk, finish_step
from ccm_flow.app.care import Work
from ccm_flow.bootstrap import PATIENCE
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, StepKey, cycle_id
from tests.support.keys import KEY
from tests.support.ports import free_port
from tests.support.sandbox import sandbox
from tests.support.set_up import CLINIC, MONTH, MovableClock, person, set_up_clinic

ROOT = Path(__file__).parents[2]
TYPED = "Reviewed with Delacroix."


@dataclass
class Followed:
    """One patient's month whose clicks are followed, and a worker that shows its metrics."""

    desk: Desk
    cycle: CycleId
    spans: TracerProvider
    out: InMemorySpanExporter
    address: str

    def sent(self) -> list[ReadableSpan]:
        """Give what left so far."""
        self.spans.force_flush()
        return list(self.out.get_finished_spans())

    def metrics(self) -> str:
        """Read the worker's metrics as Prometheus does."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=5) as answer:
            return str(answer.read().decode())


@pytest_asyncio.fixture
async def followed(
    temporal: EmbeddedServer,
    engine: Engine,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Followed]:
    for module in ("flow", "worker"):
        monkeypatch.setattr(f"ccm_flow.adapters.temporal.{module}.TASK_QUEUE", tmp_path.name)
    out, address = InMemorySpanExporter(), f"127.0.0.1:{free_port()}"
    spans = provider(out)
    tracer = spans.get_tracer(MODULE)
    client = await connect(
        temporal.address,
        "default",
        data_converter([KEY]),
        patience=PATIENCE,
        interceptors=[CycleTracing(tracer)],
        runtime=runtime_showing(address),
    )
    desk = watched(Desk(SqlCareRecord(engine), TemporalFlow(client), clock), None, tracer)
    (enrollment,) = set_up_clinic(engine)
    cycle = cycle_id(enrollment, "monthly", str(MONTH))
    async with make_worker(client, engine, desk):
        await desk.flow.open_month(CLINIC, MONTH)
        travel = TimeTravel(client)
        clock.instant = clock.instant.replace(month=12, day=1, hour=15)
        await travel.move(cycle, clock.instant - await travel.now(cycle))
        while (await desk.flow.state(cycle)).sequence == 0:
            await travel.move(cycle, timedelta(seconds=1))
        yield Followed(desk, cycle, spans, out, address)


async def finish(month: Followed) -> None:
    await finish_step(
        month.desk,
        click=ClickId(uuid.uuid4().hex),
        cycle=month.cycle,
        step=StepKey("prepare"),
        outcome=OutcomeId("prepared"),
        by=person("ann"),
        work=Work(
            time=timedelta(minutes=5), note=TYPED, fields={"changes": "Nothing new."}, sign=True
        ),
    )


async def test_one_trace_leads_from_the_click_into_the_activity_and_holds_nothing_typed(
    followed: Followed,
) -> None:
    followed.out.clear()
    await finish(followed)
    sent = followed.sent()
    by_name = {span.name: span for span in sent}
    way = [
        "click",
        "StartWorkflowUpdate:click",
        "HandleUpdate:click",
        "StartActivity:project",
        "RunActivity:project",
    ]
    assert [name for name in way if name not in by_name] == []
    traces = {by_name[name].context.trace_id for name in way}
    assert len(traces) == 1
    told = " ".join(span.to_json() for span in sent)
    assert all(word not in told for word in TYPED.split())
    shown = followed.metrics()
    assert all(word not in shown for word in TYPED.split())
    assert followed.cycle not in shown


async def test_the_worker_shows_what_dashboard_and_alerts_ask_for(followed: Followed) -> None:
    await finish(followed)
    named = {
        name
        for file in (ROOT / "ops").rglob("*.*")
        for name in re.findall(r"temporal_\w+", file.read_text(encoding="utf-8"))
    }
    assert named
    shown = set(re.findall(r"^(temporal_\w+)", followed.metrics(), re.MULTILINE))
    assert named - shown == set()


async def test_a_port_that_is_taken_is_a_sentence(followed: Followed) -> None:
    with pytest.raises(TelemetrySettingsError, match=followed.address):
        runtime_showing(followed.address)


async def test_histories_replay_the_same_with_traces_and_say_nothing_anew() -> None:
    out = InMemorySpanExporter()
    spans = provider(out)
    file = min((Path(__file__).parent / "histories").glob("*.json"))
    replayer = Replayer(
        workflows=[CycleWorkflow],
        data_converter=data_converter([KEY]),
        workflow_runner=sandbox(),
        interceptors=[CycleTracing(spans.get_tracer(MODULE))],
    )
    await replayer.replay_workflow(
        WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    )
    spans.force_flush()
    assert out.get_finished_spans() == ()
