"""Moves a whole demo set-up ahead in time: every running cycle, and the clock that people see."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, assert_never

from sqlmodel import col, func, select

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, StepRow
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.bootstrap import Base, DemoClock
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
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
        await _open_months(base, desk, travel, one, since=now, until=target)
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
    base: Base,
    desk: Desk,
    travel: "TimeTravel",
    clinic: ClinicId,
    *,
    since: datetime,
    until: datetime,
) -> None:
    """Do what the nightly Schedule does, for months that began while the clock was moved."""
    view = await asyncio.to_thread(base.record.clinic, clinic)
    zone = clinic_zone(view.hours.time_zone)
    month = Month.of(since.astimezone(zone).date())
    while month != Month.of(until.astimezone(zone).date()):
        month = month.next
        await desk.flow.open_month(clinic, month)
        active = await asyncio.to_thread(_active, base, clinic)
        await catch_up(base, travel, PlaybookKind.MONTHLY, month, active)


async def catch_up(
    base: Base,
    travel: "TimeTravel",
    kind: PlaybookKind,
    month: Month,
    enrollments: Iterable[EnrollmentId],
) -> None:
    """Bring cycles that have just begun, by the server's own clock, to the demo's time."""
    cycles = [cycle_id(one, kind.value, str(month)) for one in enrollments]
    now = base.clock.now()
    await asyncio.gather(*(travel.bring_to(cycle, now) for cycle in cycles))


def _active(base: Base, clinic: ClinicId) -> list[EnrollmentId]:
    query = select(EnrollmentRow.id).where(
        EnrollmentRow.clinic_id == clinic, EnrollmentRow.status == EnrollmentStatus.ACTIVE
    )
    with reading(base.engine) as session:
        return [EnrollmentId(id_) for id_ in session.exec(query)]
