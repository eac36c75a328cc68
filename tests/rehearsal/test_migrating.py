"""Before running months are moved, everybody sees what would become of each step."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.running_cycles import SqlRunningCycles
from ccm_flow.app.act import Desk
from ccm_flow.app.migrate import RunningCycle, preview_moves
from ccm_flow.core.engine.fates import Fate
from ccm_flow.core.plan import Plan, PlaybookKind
from tests.support.engine_flow import EngineFlow
from tests.support.plans import rule
from tests.support.set_up import CLINIC, MONTH, MovableClock, set_up_clinic


async def test_the_preview_lists_each_running_month_and_changes_nothing(engine: Engine) -> None:
    enrollments = set_up_clinic(engine, 3)
    record, clock = SqlCareRecord(engine), MovableClock()
    hours = record.clinic(CLINIC).hours
    clock.instant = month_calendar(hours, MONTH, PlaybookKind.MONTHLY).start_of(MONTH.first_day)
    flow = EngineFlow(engine, clock)
    flow.desk = Desk(record, flow, clock)
    await flow.open_month(CLINIC, MONTH)
    plan = record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    steps = tuple(
        replace(one, due=rule("5 business days")) if one.id == "prepare" else one
        for one in plan.steps
    )
    new = replace(plan, steps=steps, version=plan.version + 1, sha256="9" * 64)
    before = {one.cycle: await flow.state(one.cycle) for one in _running(engine, new)}

    moves = await preview_moves(
        flow.desk,
        _running(engine, new),
        new,
        lambda month: month_calendar(hours, month, PlaybookKind.MONTHLY),
        clock.now(),
    )

    assert sorted(one.enrollment for one in moves) == enrollments
    assert all(not one.refused and one.from_version == plan.version for one in moves)
    assert {(step.key, step.fate) for one in moves for step in one.steps} == {
        ("prepare", Fate.DEADLINE_MOVED)
    }
    assert {one.cycle: await flow.state(one.cycle) for one in _running(engine, new)} == before
    assert not _running(engine, plan)


def _running(engine: Engine, plan: Plan) -> Sequence[RunningCycle]:
    return SqlRunningCycles(engine).running(CLINIC, plan)
