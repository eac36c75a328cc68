"""Runs cycles on the pure engine and writes them into the real record, as the workflow does."""

from datetime import datetime

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError, NoSuchCycleError
from ccm_flow.app.happen import Outside
from ccm_flow.app.open_month import open_cycles
from ccm_flow.core.engine import MonthPlan, advance, layout_after, open_cycle, refuse, wakes
from ccm_flow.core.events import CycleOpened, Event, PersonEvent, TimePassed
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, EnrollmentId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart, CycleState
from ccm_flow.core.transition import transition
from tests.support.set_up import MovableClock


class _Running:
    """One cycle: waits for its first instant, then takes one event after the other."""

    def __init__(self, engine: Engine, start: CycleStart) -> None:
        self._engine = engine
        self._start = start
        self.layout = MonthPlan.of(start)
        self.state: CycleState = open_cycle(start)

    def take(self, event: Event, at: datetime) -> int:
        done = advance(self.layout, self.state, event, at)
        self.state = done.state
        self.layout = layout_after(self.layout, event)
        write_transition(self._engine, transition(self._start, self.layout, event, done, at))
        return done.state.sequence

    def move_to(self, now: datetime) -> None:
        opens_at = self._start.opens_at
        if self.state.sequence == 0:
            if opens_at > now:
                return
            is_episode = self._start.plan.kind is PlaybookKind.EPISODE
            self.take(CycleOpened(), self.layout.opens_at if is_episode else opens_at)
        while (at := self._next()) is not None and at <= now:
            self.take(TimePassed(), at)

    def _next(self) -> datetime | None:
        return min((wake.at for wake in wakes(self.layout, self.state).values()), default=None)


class EngineFlow:
    """A `Flow` without a server."""

    def __init__(self, engine: Engine, clock: MovableClock) -> None:
        self._engine = engine
        self._clock = clock
        self._cycles: dict[CycleId, _Running] = {}
        self._answers: dict[tuple[CycleId, ClickId], int] = {}
        self.desk: Desk | None = None
        self.away = False

    def move_to(self, now: datetime) -> None:
        """Let everything happen that falls due by then."""
        self._clock.instant = now
        for cycle in self._cycles.values():
            cycle.move_to(now)

    async def start(self, start: CycleStart) -> bool:
        """Start a cycle once."""
        self._ask()
        if start.cycle in self._cycles:
            return False
        self._cycles[start.cycle] = _Running(self._engine, start)
        self._cycles[start.cycle].move_to(self._clock.now())
        return True

    async def call_off(self, cycle: CycleId) -> bool:
        """Forget a cycle that has not begun."""
        self._ask()
        found = self._cycles.get(cycle)
        if found is None or found.state.sequence > 0:
            return False
        del self._cycles[cycle]
        return True

    async def click(self, cycle: CycleId, click: ClickId, event: PersonEvent) -> int:
        """Hand an event to the engine, once for each id."""
        self._ask()
        found = self._cycles.get(cycle)
        if found is None:
            raise NoSuchCycleError(cycle)
        known = self._answers.get((cycle, click))
        if known is not None:
            return known
        now = self._clock.now()
        refusal = refuse(found.layout, found.state, event, now)
        if refusal is not None:
            raise ClickRefusedError(refusal.code, refusal.message, refusal.hint)
        self._answers[cycle, click] = found.take(event, now)
        return self._answers[cycle, click]

    async def state(self, cycle: CycleId) -> CycleState:
        """Give a cycle's state."""
        self._ask()
        if cycle not in self._cycles:
            raise NoSuchCycleError(cycle)
        return self._cycles[cycle].state

    async def open_month(self, clinic: ClinicId, month: Month) -> tuple[int, int]:
        """Open a month here and now."""
        self._ask()
        assert self.desk is not None
        kind = PlaybookKind.MONTHLY
        done = [one async for one in open_cycles(self.desk, clinic, kind, month, month_calendar)]
        return sum(done), len(done) - sum(done)

    async def keep_schedule(self, clinic: ClinicId, time_zone: str, *, paused: bool) -> None:
        """Nights are opened by hand here."""

    def _ask(self) -> None:
        if self.away:
            raise FlowUnavailableError("away for a test")


class EngineWorld:
    """A `World` on the pure engine."""

    def __init__(self, engine: Engine, enrollment: EnrollmentId, patient: PatientId) -> None:
        self.clock = MovableClock()
        self._flow = EngineFlow(engine, self.clock)
        desk = Desk(SqlCareRecord(engine), self._flow, self.clock)
        self._flow.desk = desk
        self.outside = Outside(desk, SqlHappenings(engine), month_calendar)
        self.enrollment = enrollment
        self.patient = patient

    async def move_to(self, now: datetime) -> None:
        """Let time pass."""
        self._flow.move_to(now)

    def take_away(self, *, away: bool) -> None:
        """Take the server away, or bring it back."""
        self._flow.away = away
