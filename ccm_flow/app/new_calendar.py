"""A clinic's hours or closure days change: every running month goes on by the new calendar."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.app.act import Desk
from ccm_flow.app.care import CareRecord, Click, ClinicView
from ccm_flow.app.open_month import MakeCalendar
from ccm_flow.app.staffing import send
from ccm_flow.core.events import CalendarChanged
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, PersonId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


@dataclass(frozen=True, slots=True)
class RunningCycle:
    """A cycle that has begun and not ended."""

    cycle: CycleId
    month: Month
    kind: PlaybookKind


@dataclass(frozen=True, slots=True)
class Due:
    """An open step and its deadline."""

    cycle: CycleId
    key: StepKey
    title: str
    owner_name: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """A deadline that the new calendar moved."""

    step: Due
    """With the deadline it had."""
    due_at: datetime


class DeadlineRecord(Protocol):
    """The record of running cycles and their deadlines."""

    def running_cycles(self, clinic: ClinicId) -> list[RunningCycle]:
        """List the cycles that have begun and not ended."""
        ...

    def deadlines(self, clinic: ClinicId) -> list[Due]:
        """List the open steps with their deadlines."""
        ...


@dataclass(frozen=True, slots=True)
class Recalendared:
    """What came of a new calendar."""

    moved: tuple[MovedDeadline, ...]
    waiting: int
    """Months that are told as soon as the server answers."""


def keep_new_calendar(
    care: CareRecord,
    record: DeadlineRecord,
    clinic: ClinicView,
    make_calendar: MakeCalendar,
    *,
    by: PersonId,
    because: str,
    now: datetime,
) -> list[Click]:
    """Keep what every running cycle is to be told; it is passed on now or later, and once."""
    clicks = []
    for one in record.running_cycles(clinic.clinic):
        calendar = make_calendar(clinic.hours, one.month, one.kind)
        text = f"calendar/{one.cycle}/{now.isoformat()}"
        id_ = ClickId(uuid.uuid5(uuid.NAMESPACE_OID, text).hex)
        click = Click(id_, one.cycle, by, CalendarChanged(by, because, calendar, now))
        care.keep(click, now)
        clicks.append(click)
    return clicks


async def pass_on_calendar(
    desk: Desk, record: DeadlineRecord, clinic: ClinicId, clicks: Sequence[Click]
) -> Recalendared:
    """Tell the running cycles, and list the deadlines that moved."""
    before = {
        (one.cycle, one.key): one for one in await asyncio.to_thread(record.deadlines, clinic)
    }
    answers = await send(desk, clicks)
    moved = []
    for one in await asyncio.to_thread(record.deadlines, clinic):
        was = before.get((one.cycle, one.key))
        if was is not None and one.due_at is not None and was.due_at != one.due_at:
            moved.append(MovedDeadline(was, one.due_at))
    return Recalendared(tuple(moved), answers.count(None))
