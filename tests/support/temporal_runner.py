"""Runs scenarios on a real Temporal server, its clock moved by time skipping."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from ccm_flow.adapters.temporal.cycle_workflow import CycleWorkflow
from ccm_flow.adapters.temporal.flow import TemporalFlow
from ccm_flow.adapters.temporal.messages import FactsInput
from ccm_flow.adapters.temporal.names import FACTS_ACTIVITY, PROJECT_ACTIVITY, TASK_QUEUE
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.flow import ClickRefusedError
from ccm_flow.core.commands import Command
from ccm_flow.core.engine import MonthPlan, layout_after, wakes
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import ClickId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStart, CycleState
from ccm_flow.core.transition import Transition
from tests.support.pure_runner import snapshot_of
from tests.support.sandbox import sandbox
from tests.support.scenario import Scenario, Snapshot

YEARS_AHEAD = 11
"""2037 has the weekdays of 2026: a server's clock can be moved forward only."""

T = TypeVar("T")


def in_the_future(scenario: Scenario) -> Scenario:
    """Move a scenario to a year that lies ahead of any clock, with the same weekdays."""

    def later(day: date) -> date:
        return day.replace(year=day.year + YEARS_AHEAD)

    closures = {later(day): reason for day, reason in scenario.hours.closures.items()}
    return replace(
        scenario,
        month=Month(scenario.month.year + YEARS_AHEAD, scenario.month.number),
        hours=replace(scenario.hours, closures=closures),
    )


class Recorder:
    """Stands in for the record: keeps what cycles write, and knows no facts of its own."""

    def __init__(self) -> None:
        self.written: dict[CycleId, dict[int, Transition]] = {}

    @activity.defn(name=PROJECT_ACTIVITY)
    async def project(self, done: Transition) -> None:
        """Keep a transition."""
        self.written.setdefault(done.cycle, {})[done.sequence] = done

    @activity.defn(name=FACTS_ACTIVITY)
    async def gather_facts(self, wanted: FactsInput) -> Facts:
        """Know nothing: a scenario's facts come with its events."""
        return {}

    def commands(self, cycle: CycleId) -> list[Command]:
        """Give all commands of a cycle, in order."""
        written = self.written.get(cycle, {})
        return [command for number in sorted(written) for command in written[number].commands]


def scenario_worker(client: Client, recorder: Recorder) -> Worker:
    """Make a worker that runs the real workflow against the recorder."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[CycleWorkflow],
        activities=[recorder.project, recorder.gather_facts],
        workflow_runner=sandbox(),
    )


class TemporalRunner:
    """A `Runner` on a server."""

    def __init__(self, client: Client, recorder: Recorder) -> None:
        self._flow = TemporalFlow(client)
        self._travel = TimeTravel(client)
        self._recorder = recorder
        self._start: CycleStart | None = None
        self._layout: MonthPlan | None = None

    @property
    def start_input(self) -> CycleStart:
        """What the running cycle was started with."""
        assert self._start is not None, "start a scenario first"
        return self._start

    async def start(self, scenario: Scenario) -> None:
        """Open the cycle under an id of its own and bring it to its first instant."""
        unique = CycleId(f"{scenario.start.cycle}:{uuid.uuid4().hex}")
        self._start = replace(scenario.start, cycle=unique)
        self._layout = MonthPlan.of(self._start)
        assert await self._flow.start(self._start)
        await self.advance_to(self._start.opens_at)

    async def advance_to(self, instant: datetime) -> None:
        """Move the cycle's clock and wait until everything due by then is done."""
        cycle = self.start_input.cycle
        await self._travel.move(cycle, instant - await self._travel.now(cycle))
        layout = self._layout
        assert layout is not None

        def settled(state: CycleState) -> bool:
            due = (wake.at for wake in wakes(layout, state).values())
            return state.sequence > 0 and all(at > instant for at in due)

        await self._until(settled)

    async def act(self, event: PersonEvent) -> str | None:
        """Send what somebody does; give the refusal's code."""
        try:
            await self._flow.click(self.start_input.cycle, ClickId(uuid.uuid4().hex), event)
        except ClickRefusedError as refusal:
            return refusal.code
        assert self._layout is not None
        self._layout = layout_after(self._layout, event)
        return None

    async def snapshot(self) -> Snapshot:
        """Ask the cycle, and look up what it told people."""
        cycle = self.start_input.cycle
        state = await self._until(lambda _: True)
        return snapshot_of(state, self._recorder.commands(cycle))

    async def _until(self, holds: Callable[[CycleState], bool]) -> CycleState:
        """Wait until the cycle's state is as wanted and all of it is written down."""
        cycle = self.start_input.cycle
        async with asyncio.timeout(60):
            while True:
                state = await self._flow.state(cycle)
                if holds(state) and state.sequence in self._recorder.written.get(cycle, {}):
                    return state
                await asyncio.sleep(0.01)
