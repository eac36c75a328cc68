"""
Eight human steps for each of N patients, on one real server, beside a hand-written workflow.

Both acknowledge a click when it is written to SQLite. Prints events in history for each step
and steps for each second; the rounds alternate, so that a busy machine hurts both alike.
"""

import asyncio
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from temporalio.client import Client
from temporalio.worker import Worker

from bench.plain_workflow import STEPS, PlainWorkflow, keep, write_with
from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore, person_id
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram, find_server
from ccm_flow.adapters.temporal.worker import make_worker, workflow_runner
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.records import PatientRecord
from ccm_flow.bootstrap import Base, Settings, connect_client, desk, open_base
from ccm_flow.core.events import StepCompleted
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, OutcomeId, RoleId, StepKey, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStart
from ccm_flow.language import check_text

PATIENTS = 30
ROUNDS = 3
_CLINIC = ClinicId("bench")


_STEP = """
  - id: step_{n}
    title: Step {n}
    owner: coordinator
    {after}
    due: 3 business days
    outcomes: [done]
    ladder:
      - 1 business day before: remind owner
      - when due: notify lead
"""
_PLAYBOOK = """
playbook: bench
version: 1
title: Eight steps
program: CCM
kind: monthly
owner: lead
closes: month end + 3 business days
roles: [coordinator, lead]
readiness: {{from: business day -1, requires: [minutes], minimum_minutes: 20}}
steps:{steps}
  - id: last
    title: The end
    owner: lead
    after: step_{last}
    due: 1 business day
    outcomes: {{over: {{end: ready}}}}
    ladder: [when due: remind owner]
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environ({"CCM_HOME": folder, **_environ()})
        program = find_server(settings.server, print)
        assert isinstance(program, ServerProgram)
        with EmbeddedServer(program, Path(folder)) as server:
            base = open_base(settings)
            asyncio.run(_measure(base, server.address))


def _environ() -> dict[str, str]:
    wanted = ("PATH", "HOME", "XDG_CACHE_HOME")
    return {name: os.environ[name] for name in wanted if name in os.environ}


async def _measure(base: Base, address: str) -> None:
    client = await connect_client(base.settings, address)
    starts = _prepare(base)
    write_with(_writer(base))
    plain = await Client.connect(address)
    plain_worker = Worker(
        plain,
        task_queue="plain",
        workflows=[PlainWorkflow],
        activities=[keep],
        workflow_runner=workflow_runner(),
    )
    work = desk(base, client)
    ours_rate, plain_rate = [], []
    ours_events = plain_events = 0.0
    async with make_worker(client, base.engine, work), plain_worker:
        for number in range(ROUNDS):
            mine = starts[number * PATIENTS : (number + 1) * PATIENTS]
            for start in mine:
                await work.flow.start(start)
            for start in mine:
                while (await work.flow.state(start.cycle)).sequence == 0:
                    await asyncio.sleep(0.01)
            ours_rate.append(await _rate([_ours(client, base, start) for start in mine]))
            ids = [f"plain:{uuid.uuid4().hex}" for _ in mine]
            for id_ in ids:
                await plain.start_workflow(PlainWorkflow.run, id_, id=id_, task_queue="plain")
            plain_rate.append(await _rate([_plainly(plain, id_) for id_ in ids]))
            ours_events = await _events(client, [start.cycle for start in mine])
            plain_events = await _events(plain, [CycleId(id_) for id_ in ids])
        await asyncio.sleep(0.1)
    _print(ours_rate, plain_rate, ours_events, plain_events)


def _print(
    ours_rate: list[float], plain_rate: list[float], ours_events: float, plain_events: float
) -> None:
    ratio = statistics.median(a / b for a, b in zip(ours_rate, plain_rate, strict=True))
    print(f"events per human step: {ours_events:.1f} (aim: at most 9; by hand {plain_events:.1f})")
    print(
        f"steps per second: {statistics.median(ours_rate):.0f} "
        f"(by hand {statistics.median(plain_rate):.0f}); ratio {ratio:.2f} (aim: at least 0.9)"
    )


async def _rate(lives: list[Callable[[], Awaitable[None]]]) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(live() for live in lives))
    return len(lives) * STEPS / (time.perf_counter() - began)


def _ours(client: Client, base: Base, start: CycleStart) -> Callable[[], Awaitable[None]]:
    flow = desk(base, client).flow

    async def live() -> None:
        for number in range(1, STEPS + 1):
            event = StepCompleted(
                StepKey(f"step_{number}"),
                OutcomeId("done"),
                start.team[RoleId("coordinator")],
                RoleId("coordinator"),
            )
            await flow.click(start.cycle, ClickId(uuid.uuid4().hex), event)

    return live


def _plainly(client: Client, id_: str) -> Callable[[], Awaitable[None]]:
    async def live() -> None:
        handle = client.get_workflow_handle(id_)
        for _ in range(STEPS):
            await handle.execute_update("complete", id_)

    return live


async def _events(client: Client, ids: list[CycleId]) -> float:
    """Count events of a history, less what it takes to start, for each step."""
    history = await client.get_workflow_handle(ids[0]).fetch_history()
    return len(history.events) / STEPS


def _writer(base: Base) -> Callable[[str, int, str], None]:
    with writing(base.engine) as session:
        session.exec(text("CREATE TABLE plain (cycle TEXT, step INT, what TEXT)"))  # type: ignore[call-overload]

    def write(cycle: str, step: int, what: str) -> None:
        with writing(base.engine) as session:
            session.exec(  # type: ignore[call-overload]
                text("INSERT INTO plain VALUES (:cycle, :step, :what)"),
                params={"cycle": cycle, "step": step, "what": what},
            )

    return write


def _prepare(base: Base) -> list[CycleStart]:
    """Set a clinic with enough enrolled patients up, and describe their cycles."""
    now = base.clock.now()
    file = ClinicFile.model_validate(
        {
            "clinic": _CLINIC,
            "name": "Bench",
            "time_zone": "America/New_York",
            "program_owner": "lee",
            "staff": [
                {"id": "lee", "name": "Lee", "roles": ["lead"]},
                {"id": "ann", "name": "Ann", "roles": ["coordinator"]},
            ],
        }
    )
    store = SqlClinicStore(base.engine)
    store.apply(file, now)
    plan = _plan()
    store.publish(_CLINIC, plan, "bench", Month(2026, 1), now)
    patients = SqlPatientStore(base.engine)
    ids = [
        patients.save(_CLINIC, PatientRecord("bench", str(n), str(n), f"Family {n}", "Given"), now)
        for n in range(PATIENTS * ROUNDS)
    ]
    enrolled = enroll(base.engine, _CLINIC, ids, "CCM", now)
    hours = base.record.clinic(_CLINIC).hours
    month = Month.of(now.date())
    calendar = month_calendar(hours, month, PlaybookKind.MONTHLY)
    team = {
        RoleId("lead"): person_id(_CLINIC, "lee"),
        RoleId("coordinator"): person_id(_CLINIC, "ann"),
    }
    opens = datetime.now(UTC)
    return [
        CycleStart(
            cycle=cycle_id(one.enrollment, "monthly", str(month)),
            clinic=_CLINIC,
            enrollment=one.enrollment,
            month=month,
            opens_at=opens,
            team=team,
            facts={"minutes": 30},
            calendar=calendar,
            plan=plan,
        )
        for one in enrolled
    ]


def playbook_text(steps: int) -> str:
    """Write a playbook of so many steps in a row, and one that ends it."""
    rows = (
        _STEP.format(n=n, after=f"after: step_{n - 1}" if n > 1 else "expected: 5 minutes")
        for n in range(1, steps + 1)
    )
    return _PLAYBOOK.format(steps="".join(rows), last=steps)


def _plan() -> Plan:
    result = check_text(playbook_text(STEPS), "bench.yaml")
    assert result.plan is not None, result.render()
    return result.plan
