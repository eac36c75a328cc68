"""What waits at a clinic is counted as a person would count it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import update

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.health_facts import what_waits
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.app.act import Desk
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import CLINIC, MONTH, MovableClock, set_up_clinic

OPENED = datetime(2037, 12, 1, 5, tzinfo=UTC)
"""The clinic's midnight."""


async def test_patients_without_a_month_are_missed_an_hour_into_it_and_not_once_it_is_open(
    engine: Engine,
) -> None:
    set_up_clinic(engine, 3)
    clock = MovableClock(OPENED)
    flow = EngineFlow(engine, clock)
    flow.desk = Desk(SqlCareRecord(engine), flow, clock)
    with writing(engine) as session:
        session.exec(update(EnrollmentRow).values(activated_at=OPENED - timedelta(days=9)))
    await flow.open_month(CLINIC, MONTH.previous)
    assert what_waits(engine, OPENED).not_opened == {}
    assert what_waits(engine, OPENED + timedelta(hours=1)).not_opened == {CLINIC: 3}
    await flow.open_month(CLINIC, MONTH)
    assert what_waits(engine, OPENED + timedelta(hours=1)).not_opened == {}


async def test_steps_past_their_deadline_are_counted_by_clinic(engine: Engine) -> None:
    set_up_clinic(engine, 3)
    clock = MovableClock(OPENED)
    flow = EngineFlow(engine, clock)
    flow.desk = Desk(SqlCareRecord(engine), flow, clock)
    await flow.open_month(CLINIC, MONTH)
    assert what_waits(engine, OPENED).overdue == {}
    flow.move_to(OPENED + timedelta(days=6))
    assert what_waits(engine, OPENED + timedelta(days=6)).overdue == {CLINIC: 3}
