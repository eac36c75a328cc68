"""Cycles on the pure engine, written as the worker writes them: the demo plays without a server."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import ClickRefusedError, Clock
from ccm_flow.app.open_month import open_cycles
from ccm_flow.bootstrap import Base
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, refuse, wakes
from ccm_flow.core.events import CycleOpened, Event, PersonEvent, TimePassed
from ccm_flow.core.ids import ClickId, ClinicId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart, CycleState
from ccm_flow.core.transition import transition


@dataclass
class _Running:
    start: CycleStart
    layout: MonthPlan
    state: CycleState
    now: datetime


class EngineFlow:
    """A `Flow` and a `Travel` in one."""

    def __init__(self, base: Base) -> None:
        self._engine: Engine = base.engine
        self._clock: Clock = base.clock
        self._cycles: dict[CycleId, _Running] = {}
        self.desk = Desk(base.record, self, base.clock)

    async def start(self, start: CycleStart) -> bool:
        """Start a cycle once."""
        if start.cycle in self._cycles:
            return False
        layout = MonthPlan.of(start)
        self._cycles[start.cycle] = _Running(start, layout, open_cycle(start), self._clock.now())
        await self.move(start.cycle, timedelta(0))
        return True

    async def call_off(self, _cycle: CycleId) -> bool:
        """Call nothing off: the demo never does."""
        return False

    async def click(self, cycle: CycleId, _click: ClickId, event: PersonEvent) -> int:
        """Hand an event to the engine."""
        one = self._cycles[cycle]
        refusal = refuse(one.layout, one.state, event, one.now)
        if refusal is not None:
            raise ClickRefusedError(refusal.code, refusal.message, refusal.hint)
        return self._take(one, event, one.now)

    async def state(self, cycle: CycleId) -> CycleState:
        """Give a cycle's state."""
        return self._cycles[cycle].state

    async def open_month(self, clinic: ClinicId, month: Month) -> tuple[int, int]:
        """Open a month here and now."""
        kind = PlaybookKind.MONTHLY
        done = [one async for one in open_cycles(self.desk, clinic, kind, month, month_calendar)]
        return sum(done), len(done) - sum(done)

    async def keep_schedule(self, _clinic: ClinicId, _time_zone: str, *, paused: bool) -> None:
        """Keep none: months are opened by hand here."""

    async def now(self, cycle: CycleId) -> datetime:
        """Ask what time it is for a cycle."""
        return self._cycles[cycle].now

    async def move(self, cycle: CycleId, by: timedelta) -> bool:
        """Move a cycle's clock; everything due on the way happens."""
        one = self._cycles[cycle]
        until = one.now + by
        if one.state.sequence == 0 and one.start.opens_at <= until:
            self._take(one, CycleOpened(), one.start.opens_at)
        while one.state.sequence and (at := _next(one)) is not None and at <= until:
            self._take(one, TimePassed(), at)
        one.now = until
        return one.state.ending is None

    def _take(self, one: _Running, event: Event, at: datetime) -> int:
        done = advance(one.layout, one.state, event, at)
        one.state = done.state
        write_transition(self._engine, transition(one.start, one.layout, event, done, at))
        return done.state.sequence


def _next(one: _Running) -> datetime | None:
    return min((wake.at for wake in wakes(one.layout, one.state).values()), default=None)
