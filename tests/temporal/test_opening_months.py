"""A clinic's month is opened once for each patient, however often it is asked for."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, select
from temporalio.client import Client, ScheduleOverlapPolicy

from ccm_flow.adapters.db.tables import EligibilityReviewRow
from ccm_flow.adapters.temporal.flow import CATCH_UP
from ccm_flow.app.act import Desk
from ccm_flow.core.ids import cycle_id, schedule_id
from ccm_flow.core.month import Month
from tests.support.set_up import CLINIC, MONTH, set_up_clinic

PATIENTS = 5


async def test_each_enrollment_gets_one_cycle_and_a_second_opening_none(
    desk: Desk, engine: Engine
) -> None:
    set_up_clinic(engine, PATIENTS)
    assert await desk.flow.open_month(CLINIC, MONTH) == (PATIENTS, 0)
    started_again, _ = await desk.flow.open_month(CLINIC, MONTH)
    assert started_again == 0


async def test_somebody_who_joins_later_is_picked_up(desk: Desk, engine: Engine) -> None:
    set_up_clinic(engine, 2)
    await desk.flow.open_month(CLINIC, MONTH)
    set_up_clinic(engine, 3)
    started, _ = await desk.flow.open_month(CLINIC, MONTH)
    assert started == 1


async def test_a_paused_clinic_opens_nothing(desk: Desk, engine: Engine) -> None:
    set_up_clinic(engine, 2, paused=True)
    assert await desk.flow.open_month(CLINIC, MONTH) == (0, 0)


async def test_a_month_that_lies_ahead_waits_for_its_first_day(desk: Desk, engine: Engine) -> None:
    (enrollment,) = set_up_clinic(engine, 1)
    await desk.flow.open_month(CLINIC, MONTH)
    state = await desk.flow.state(cycle_id(enrollment, "monthly", str(MONTH)))
    assert state.sequence == 0
    assert not state.steps


async def test_opening_a_month_keeps_who_is_eligible_once(desk: Desk, engine: Engine) -> None:
    set_up_clinic(engine, 2)
    await desk.flow.open_month(CLINIC, MONTH)  # lies ahead: nobody is judged yet
    assert _reviewed(engine) == []
    for patients in (2, 2, 3):
        set_up_clinic(engine, patients)
        await desk.flow.open_month(CLINIC, MONTH.previous)
    assert _reviewed(engine) == [MONTH.previous] * 3


def _reviewed(engine: Engine) -> list[Month]:
    with Session(engine) as session:
        return list(session.exec(select(EligibilityReviewRow.month)))


async def test_the_schedule_opens_each_night_and_forgives_hours_not_a_year(
    desk: Desk, own_client: Client, engine: Engine
) -> None:
    set_up_clinic(engine, 1)
    await desk.flow.keep_schedule(CLINIC, "America/New_York", paused=False)
    await desk.flow.keep_schedule(CLINIC, "America/New_York", paused=False)
    handle = own_client.get_schedule_handle(schedule_id(CLINIC))
    schedule = (await handle.describe()).schedule
    assert schedule.policy.catchup_window == CATCH_UP <= timedelta(hours=24)
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert schedule.spec.time_zone_name == "America/New_York"
    assert not schedule.state.paused
    await handle.delete()


async def test_the_schedule_of_a_paused_clinic_is_paused(
    desk: Desk, own_client: Client, engine: Engine
) -> None:
    set_up_clinic(engine, 1, paused=True)
    await desk.flow.keep_schedule(CLINIC, "America/New_York", paused=True)
    handle = own_client.get_schedule_handle(schedule_id(CLINIC))
    assert (await handle.describe()).schedule.state.paused
    await handle.delete()
