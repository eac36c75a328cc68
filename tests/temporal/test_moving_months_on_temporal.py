"""Running months go on by another version on a real server, and outlive their worker."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import select
from temporalio.client import Client

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import CycleRow, LedgerEventRow, StepRow
from ccm_flow.adapters.temporal.flow import TemporalFlow
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.app.act import Desk
from ccm_flow.app.move_months import Answered, carry_out
from ccm_flow.core.ids import CycleId, StepKey
from tests.support.moved_months import MovingClinic, next_version
from tests.support.set_up import MovableClock, person


async def _until(holds: Callable[[], bool]) -> None:
    """Wait until the worker has written what is wanted."""
    async with asyncio.timeout(60):
        while not await asyncio.to_thread(holds):
            await asyncio.sleep(0.01)


def _rungs(engine: Engine, cycle: CycleId) -> int:
    with reading(engine) as session:
        return session.get_one(StepRow, (cycle, "prepare")).rungs_fired


async def test_a_moved_month_goes_on_by_the_new_version_under_another_worker(
    own_client: Client, engine: Engine, clock: MovableClock
) -> None:
    clinic = MovingClinic(engine)
    clinic.clock = clock
    clinic.desk = Desk(SqlCareRecord(engine), TemporalFlow(own_client), clock)
    async with make_worker(own_client, engine, clinic.desk):
        old = await clinic.open(2)
        new = clinic.publish(next_version(old), person("pat"))
        travel = TimeTravel(own_client)
        for cycle in clinic.cycles:
            await travel.move(cycle, clock.now() - await travel.now(cycle))
        await _until(lambda: len(clinic.running(new)) == len(clinic.cycles))
        order = clinic.sign(new)
        result = await carry_out(clinic.desk, clinic.orders, order)
        again = await carry_out(clinic.desk, clinic.orders, order)
    assert again == result
    assert result.count(Answered.MOVED) == len(order.months) == 2

    async with make_worker(own_client, engine, clinic.desk):
        cycle = order.months[0].cycle
        before = await clinic.desk.flow.state(cycle)
        prepare = before.steps[StepKey("prepare")]
        assert before.steps[StepKey("look")].is_open
        assert prepare.due_at is not None
        await travel.move(cycle, prepare.due_at - clock.now() + timedelta(hours=1))
        fired = prepare.rungs_passed + 1
        await _until(lambda: _rungs(engine, cycle) >= fired)
    with reading(engine) as session:
        kinds = session.exec(
            select(LedgerEventRow.kind).where(
                LedgerEventRow.cycle_id == cycle, LedgerEventRow.kind == "plan_changed"
            )
        ).all()
        assert kinds == ["plan_changed"]
        assert session.get_one(CycleRow, cycle).playbook_sha256 == new.sha256
