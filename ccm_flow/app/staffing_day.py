"""Once a day at each clinic: absences begin and end, people leave, agreements take effect."""

import asyncio
from typing import Protocol
from zoneinfo import ZoneInfo

from ccm_flow.app.act import Desk
from ccm_flow.app.staffing import StaffRecord, settle
from ccm_flow.core.ids import SYSTEM, ClinicId


class DayRecord(StaffRecord, Protocol):
    """The record of who may have what, and of the days it was settled on."""

    def unsettled(self) -> list[ClinicId]:
        """List the clinics that have a program owner; months run at a paused one too."""
        ...

    def settled_on(self, clinic: ClinicId) -> str | None:
        """Give the last day that was settled, as 2026-12-07."""
        ...

    def unsettle(self, clinic: ClinicId) -> None:
        """Let the day be settled once more, e.g. because the staff changed."""
        ...

    def keep_settled(self, clinic: ClinicId, day: str) -> None:
        """Keep that a day is settled."""
        ...


async def settle_the_day(desk: Desk, record: DayRecord) -> int:
    """
    Move what a new day moves, once for each clinic and day; returns how many steps moved.

    Several workers may do it at the same time: each move counts once.
    """
    moved = 0
    for clinic in await asyncio.to_thread(record.unsettled):
        view = await asyncio.to_thread(desk.record.clinic, clinic)
        day = desk.clock.now().astimezone(ZoneInfo(view.hours.time_zone)).date()
        if await asyncio.to_thread(record.settled_on, clinic) == str(day):
            continue
        done = await settle(desk, record, clinic, day, by=SYSTEM)
        await asyncio.to_thread(record.keep_settled, clinic, str(day))
        moved += done.moved
    return moved
