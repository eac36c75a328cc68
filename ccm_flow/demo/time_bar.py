"""Moves a whole demo set-up ahead in time: every running cycle, and the clock that people see."""

import asyncio
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from sqlmodel import col, func, select

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import CycleRow, StepRow
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView
from ccm_flow.bootstrap import Base, DemoClock
from ccm_flow.core.ids import ClinicId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.core.state import CycleStatus, StepStatus

if TYPE_CHECKING:
    from ccm_flow.adapters.temporal.time_travel import TimeTravel

_AT_ONCE: Final = 16
_SHORT_AFTER: Final = timedelta(minutes=1)
"""People look a moment after a deadline, when its rung has fired."""
_LOOK_AHEAD: Final = timedelta(days=21)


class Stride(StrEnum):
    """How far the clock goes."""

    HOUR = "hour"
    DAY = "day"
    """To the next morning on which the clinic opens."""
    DEADLINE = "deadline"
    """To just after the next deadline of an open step."""


async def move_ahead(
    base: Base, desk: Desk, travel: "TimeTravel", clinic: ClinicView, stride: Stride
) -> datetime:
    """
    Move everything ahead and give the new time; months that begin on the way are opened.

    Raises:
        FlowUnavailableError: the server went away; done again, it goes on where it stopped.
    """
    if not isinstance(base.clock, DemoClock):
        raise TypeError("Only a demo's clock can be moved.")
    now = base.clock.now()
    target = await asyncio.to_thread(_target, base, clinic, stride, now)
    cycles = await asyncio.to_thread(_running, base)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def move(cycle: CycleId) -> None:
        async with gate:
            await travel.move(cycle, target - await travel.now(cycle))

    await asyncio.gather(*map(move, cycles))
    base.clock.move_to(target)
    for one in await asyncio.to_thread(SqlClinicStore(base.engine).clinics):
        await _open_months(base, desk, one, now, target)
    return target


def _target(base: Base, clinic: ClinicView, stride: Stride, now: datetime) -> datetime:
    match stride:
        case Stride.HOUR:
            return now + timedelta(hours=1)
        case Stride.DAY:
            return _next_morning(clinic, now)
        case Stride.DEADLINE:
            due = _next_deadline(base, clinic.clinic, now)
            return due + _SHORT_AFTER if due else _next_morning(clinic, now)
        case _ as never:
            assert_never(never)


def _next_morning(clinic: ClinicView, now: datetime) -> datetime:
    today = now.astimezone(clinic_zone(clinic.hours.time_zone)).date()
    calendar = build_calendar(clinic.hours, today, today + _LOOK_AHEAD)
    if calendar.is_business_day(today) and now < calendar.opening(today):
        return calendar.opening(today)
    return calendar.opening(calendar.business_day_after(today, 1))


def _next_deadline(base: Base, clinic: ClinicId, now: datetime) -> datetime | None:
    query = select(func.min(StepRow.due_at)).where(
        StepRow.clinic_id == clinic,
        StepRow.status == StepStatus.OPEN,
        col(StepRow.due_at) > now,
    )
    with reading(base.engine) as session:
        return session.exec(query).one()


def _running(base: Base) -> list[CycleId]:
    query = select(CycleRow.id).where(CycleRow.status != CycleStatus.ENDED)
    with reading(base.engine) as session:
        return [CycleId(id_) for id_ in session.exec(query)]


async def _open_months(
    base: Base, desk: Desk, clinic: ClinicId, since: datetime, until: datetime
) -> None:
    """Do what the nightly Schedule does, for months that began while the clock was moved."""
    view = await asyncio.to_thread(base.record.clinic, clinic)
    zone = clinic_zone(view.hours.time_zone)
    month = Month.of(since.astimezone(zone).date())
    while month != Month.of(until.astimezone(zone).date()):
        month = month.next
        await desk.flow.open_month(clinic, month)
