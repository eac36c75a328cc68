"""What happens outside the playbook holds on a real Temporal server as on the pure engine."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from temporalio.client import Client

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow
from ccm_flow.adapters.temporal.flow import TemporalFlow
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.act import Desk
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.flow import Flow, FlowUnavailableError, NoSuchCycleError
from ccm_flow.app.happen import Outside
from ccm_flow.core.deadlines import to_the_minute
from ccm_flow.core.ids import CycleId, EnrollmentId, PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart, CycleState
from tests.spec.outside_the_playbook import SCENARIOS
from tests.support.happenings import Scenario, play
from tests.support.plans import plan, step
from tests.support.scenario import TEAM
from tests.support.set_up import CLINIC, MovableClock, set_up_clinic
from tests.support.temporal_runner import Recorder

BORN_LATE = "A discharge told days late counts from the discharge"
ON_TEMPORAL = [one for one in SCENARIOS if one.promise != BORN_LATE]
"""A server's new workflow is born today, before the tables' year: it cannot open late there."""


class Watched:
    """The real flow, which knows what was started, and whose server may be away."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.started: list[CycleId] = []
        self.away = False

    async def start(self, start: CycleStart) -> bool:
        done = await self._reach().start(start)
        self.started.append(start.cycle)
        return done

    async def open_month(self, clinic: str, month: Month) -> tuple[int, int]:
        return await self._reach().open_month(CLINIC, month)

    def __getattr__(self, name: str) -> object:
        return getattr(self._reach(), name)

    def _reach(self) -> Flow:
        if self.away:
            raise FlowUnavailableError("away for a test")
        return self._flow


class TemporalWorld:
    """A `World` on a server."""

    def __init__(self, desk: Desk, engine: Engine, client: Client, clock: MovableClock) -> None:
        (self.enrollment,) = set_up_clinic(engine)
        with reading(engine) as session:
            self.patient = session.exec(select(EnrollmentRow.patient_id)).one()
        self.flow = Watched(desk.flow)
        watched = Desk(desk.record, self.flow, clock)  # type: ignore[arg-type]
        self.outside = Outside(watched, SqlHappenings(engine), month_calendar)
        self.clock = clock
        self._engine = engine
        self._real = desk.flow
        self._travel = TimeTravel(client)

    def take_away(self, *, away: bool) -> None:
        self.flow.away = away

    async def move_to(self, now: datetime) -> None:
        """Move every cycle's own clock, and wait until what that leads to is written down."""
        self.clock.instant = now
        for month in ("2037-12", "2038-01"):
            for number in ("", "~2"):
                for kind in (PlaybookKind.MONTHLY, PlaybookKind.EPISODE):
                    await self._move(CycleId(f"{kind}:{self.enrollment}:{month}{number}"), now)

    async def _move(self, cycle: CycleId, now: datetime) -> None:
        try:
            state = await self._real.state(cycle)
            if state.ending is None:
                # A little more than the minute, so that timers set for it have rung.
                ahead = now + timedelta(seconds=1) - await self._travel.now(cycle)
                await self._travel.move(cycle, ahead)
                state = await self._real.state(cycle)
        except NoSuchCycleError:
            return
        while not self._is_written(cycle, state, now):
            state = await self._real.state(cycle)

    def _is_written(self, cycle: CycleId, state: CycleState, now: datetime) -> bool:
        """Tell whether all that is due by now has rung, and is written down."""
        with reading(self._engine) as session:
            row = session.get(CycleRow, cycle)
            if row is None:
                return state.sequence == 0
            waits = row.next_wake_at is None or row.next_wake_at > now
            return state.sequence == row.sequence and (waits or state.ending is not None)


@pytest.fixture
def world(desk: Desk, engine: Engine, own_client: Client, clock: MovableClock) -> TemporalWorld:
    return TemporalWorld(desk, engine, own_client, clock)


@pytest.mark.parametrize("scenario", ON_TEMPORAL, ids=lambda scenario: scenario.promise)
async def test_scenario(scenario: Scenario, world: TemporalWorld) -> None:
    await play(scenario, world)


async def test_an_episode_that_is_told_late_begins_when_it_happened(
    client: Client, recorder: Recorder
) -> None:
    """Two business days have passed unseen: the program lead knows at once, not in two days."""
    happened = to_the_minute(datetime.now(UTC) - timedelta(days=9))
    month = Month.of(happened.date())
    owned = step("call", "2 business days", ladder=["when due: notify lead"])
    start = CycleStart(
        cycle=CycleId(f"episode:{uuid.uuid4().hex}:{month}"),
        clinic=CLINIC,
        enrollment=EnrollmentId("e1"),
        month=month,
        opens_at=happened,
        team={RoleId(role): PersonId(who) for role, who in TEAM.items()},
        facts={},
        calendar=month_calendar(ClinicHours("America/New_York"), month, PlaybookKind.EPISODE),
        plan=plan(owned, closes="35 days", kind=PlaybookKind.EPISODE),
    )
    flow = TemporalFlow(client)
    assert await flow.start(start)
    while (state := await flow.state(start.cycle)).sequence < 2:
        pass
    (call,) = state.open_steps
    assert call.opened_at == happened
    assert call.due_at is not None
    assert call.due_at < datetime.now(UTC)
    assert call.rungs_passed == 1
