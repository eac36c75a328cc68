"""
Plays running cycles day by day: moves their clocks on the server and lets simulated staff act.

The staff act through the same Updates as people. What the player knows of a cycle it asks the
cycle; it holds no state that a crash of server or worker could make wrong, so it goes on when
they come back.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

from ccm_flow.app.act import Desk, act, finish_step
from ccm_flow.app.care import Click, Work
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError
from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.behaviour import Action, Behaviour, plan_action
from ccm_flow.core.consent import EVERY_STATEMENT
from ccm_flow.core.engine import MonthPlan, wakes
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId
from ccm_flow.core.plan import Recorded
from ccm_flow.core.state import CycleState, StepState
from ccm_flow.demo.happenings import Happening
from ccm_flow.demo.notes import EMPTY_CHART, Chart, simulated_fields
from ccm_flow.demo.timebook import Timebook

T = TypeVar("T")
_AT_ONCE = 24
"""How many cycles are moved at the same time."""
_LOOK_AGAIN = 0.02
_LOOK_LESS = 1.4
"""Each look costs server and worker a task of the workflow: the next one waits longer."""
_LOOKS = 14
_MOVE_SECONDS = 20.0
"""A move takes a fraction of a second; one that hangs was lost with its server."""
_PATIENCE = timedelta(minutes=3)
"""How long the player waits for a server that was killed to come back."""


@dataclass(frozen=True)
class Part:
    """One cycle that is played."""

    cycle: CycleId
    key: str
    """Names the patient in the dice: stable from run to run."""
    layout: MonthPlan
    behaviour: Behaviour
    story: tuple[Happening, ...] = ()
    chart: Chart = EMPTY_CHART


@dataclass(frozen=True)
class _At:
    """A clock that stands at one instant."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant


class Travel(Protocol):
    """A clock for each running cycle that can be moved on."""

    async def now(self, cycle: CycleId) -> datetime:
        """Ask what time it is for a cycle."""
        ...

    async def move(self, cycle: CycleId, by: timedelta) -> bool:
        """Move a cycle's clock; everything due on the way happens. False when it has ended."""
        ...


class Player:
    """Moves a set of cycles through time."""

    def __init__(self, desk: Desk, travel: Travel, seed: int) -> None:
        self._desk = desk
        self._travel = travel
        self._seed = seed
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._states: dict[CycleId, CycleState] = {}
        """How each cycle stood when it was last looked at; nobody else touches them."""
        self._sent: set[ClickId] = set()
        self._times = Timebook()

    @property
    def over(self) -> int:
        """How many cycles have ended."""
        return sum(state.ending is not None for state in self._states.values())

    async def play(self, parts: Sequence[Part], until: datetime) -> None:
        """
        Let all happen that happens until `until`.

        Cycles in which nothing is due stay behind: their clocks catch up when something is.
        """
        await asyncio.gather(*(self._play_one(part, until) for part in parts))

    async def catch_up(self, parts: Sequence[Part], until: datetime) -> None:
        """Bring the clock of every running cycle to `until`, so that people can go on there."""
        running = (part for part in parts if self._states[part.cycle].ending is None)
        await asyncio.gather(*(self._to(part, until) for part in running))

    async def _play_one(self, part: Part, until: datetime) -> None:
        async with self._gate:
            state = self._states.get(part.cycle) or await self._state(part)
            while state.ending is None:
                due = self._next(part, state)
                stop = _next_stop(part, state)
                if due is not None and due.at <= min(stop, until):
                    state = await self._to(part, due.at)
                    if state.ending is None and _fits(due, state):
                        await self._do(part, due)
                        state = await self._state(part)
                elif stop <= until:
                    state = await self._to(part, stop)
                else:
                    break
            self._states[part.cycle] = state

    async def _state(self, part: Part, at: datetime | None = None) -> CycleState:
        """
        Ask the cycle how it stands, once everything due by `at` is done.

        A server that was killed may have forgotten that it should move the clock: after a while
        the clock is looked at and moved again.
        """
        while True:
            for number in range(_LOOKS):
                state = await self._steady(lambda: self._desk.flow.state(part.cycle))
                if at is None or _next_stop(part, state) > at:
                    return state
                await asyncio.sleep(_LOOK_AGAIN * _LOOK_LESS**number)
            if at is not None:
                await self._move(part.cycle, at)

    async def _to(self, part: Part, at: datetime) -> CycleState:
        await self._move(part.cycle, at)
        return await self._state(part, at)

    def _next(self, part: Part, state: CycleState) -> "_Due | None":
        """Find what happens next to a cycle, if time just passes until then."""
        found = []
        for number, happening in enumerate(part.story):
            click = _click_id(part.cycle, f"story{number}")
            found.append(_Due(happening.at, click, happening))
        for step in state.open_steps:
            if step.due_at is not None:  # while the clocks stand still, so do the staff
                found += self._planned(part, step)
        ahead = [due for due in found if due.click not in self._sent]
        return min(ahead, key=lambda due: due.at, default=None)

    def _planned(self, part: Part, step: StepState) -> "list[_Due]":
        plan = part.layout.plan.step_of(step.step, step.risk)
        key = f"{self._seed}|{part.key}"
        action = plan_action(part.behaviour, plan, step, part.layout.calendar, key)
        if action is None:
            return []
        name = f"{step.key}/{step.owner.person}/{len(step.attempts) + 1}"
        return [_Due(action.at, _click_id(part.cycle, name), (step, action))]

    async def _do(self, part: Part, due: "_Due") -> None:
        desk = replace(self._desk, clock=_At(due.at))
        self._sent.add(due.click)
        try:
            if isinstance(due.what, Happening):
                happening = due.what
                click = Click(due.click, part.cycle, happening.by, happening.event)
                await self._steady(lambda: act(desk, click))
            else:
                step, action = due.what
                who = (step.owner.person, part.cycle.split(":")[1])
                began = self._times.lay(who, due.at, action.takes)
                work = _work(part, step, action, began)
                await self._steady(lambda: _finish(desk, part, due.click, (step, action), work))
        except ClickRefusedError:
            pass  # the step went another way in the meantime; the next look at the state tells

    async def _move(self, cycle: CycleId, to: datetime) -> bool:
        async def once() -> bool:
            try:
                async with asyncio.timeout(_MOVE_SECONDS):
                    return await self._travel.move(cycle, to - await self._travel.now(cycle))
            except TimeoutError as error:
                raise FlowUnavailableError("the clock does not move") from error

        return await self._steady(once)

    async def _steady(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try again while the server or the worker is away."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _PATIENCE.total_seconds()
        while True:
            try:
                return await attempt()
            except FlowUnavailableError:
                if loop.time() > give_up:
                    raise
                await asyncio.sleep(0.25)


@dataclass(frozen=True)
class _Due:
    """What happens next: a part of the patient's story, or what somebody does about a step."""

    at: datetime
    click: ClickId
    what: tuple[StepState, Action] | Happening


def _work(part: Part, step: StepState, action: Action, began: datetime) -> Work:
    plan = part.layout.plan
    spec = plan.by_id[step.step]
    form = plan.note_forms.get(spec.note) if spec.note else None
    chosen = spec.outcome(OutcomeId(action.result))
    agrees = chosen is not None and Recorded.CONSENT in chosen.records
    on = part.layout.calendar.date_of(began)
    return Work(
        time=action.takes,
        started_at=began,
        note=f"Simulated note: {action.result.replace('_', ' ')}." if spec.note else "",
        fields=simulated_fields(spec, form, action.result, part.chart, on),
        sign=True,
        statements=EVERY_STATEMENT if agrees else frozenset(),
        source=TimeSource.SIMULATED,
    )


async def _finish(
    desk: Desk, part: Part, click: ClickId, done: tuple[StepState, Action], work: Work
) -> int:
    step, action = done
    return await finish_step(
        desk,
        click=click,
        cycle=part.cycle,
        step=step.key,
        outcome=action.result,
        by=step.owner.person,
        work=work,
    )


def _next_stop(part: Part, state: CycleState) -> datetime:
    """Say when the cycle does something by itself; people look at it again then."""
    if state.sequence == 0:
        return part.layout.opens_at
    ahead = (wake.at for wake in wakes(part.layout, state).values())
    return min(ahead, default=datetime.max.replace(tzinfo=UTC))


def _fits(due: _Due, state: CycleState) -> bool:
    """Tell whether a decision still fits: on the way the step may have changed hands or ended."""
    if isinstance(due.what, Happening):
        return True
    planned = due.what[0]
    step = state.steps.get(planned.key)
    return step is not None and step.is_open and step.owner == planned.owner


def _click_id(cycle: CycleId, what: str) -> ClickId:
    return ClickId(uuid.uuid5(uuid.NAMESPACE_OID, f"{cycle}/{what}").hex)
