"""Opening an episode, such as the thirty days after a discharge, on the day it happened."""

import asyncio
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ccm_flow.app.act import Desk
from ccm_flow.app.care import NoPlaybookError
from ccm_flow.app.happening_text import Name, day_and_time, open_step_text
from ccm_flow.app.happenings import Happening, HappeningRecord
from ccm_flow.app.open_month import MakeCalendar, cycle_start
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import CycleOpened
from ccm_flow.core.ids import CycleId, cycle_number
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart


@dataclass(frozen=True, slots=True)
class EpisodeOpening:
    """Whether an episode was opened, and what there is to say about it."""

    cycle: CycleId | None
    said: tuple[str, ...]


async def open_episode(
    desk: Desk, record: HappeningRecord, make_calendar: MakeCalendar, told: Happening
) -> EpisodeOpening | None:
    """
    Open the episode that a discharge begins; None when the clinic or the patient has none.

    The episode begins at the discharge itself, however late it is told: Medicare counts its two
    business days and its thirty days from there (medicare-rules section 1). A second telling
    of a discharge on the same day is the same stay and opens nothing.

    Raises:
        FlowUnavailableError: the server is away; doing it again opens nothing twice.
    """
    now = desk.clock.now()
    clinic = await asyncio.to_thread(desk.record.clinic, told.clinic)
    zone = ZoneInfo(clinic.hours.time_zone)
    enrollment = await asyncio.to_thread(record.for_episode, told, now)
    if enrollment is None or not clinic.active:
        return None
    try:
        plan = await asyncio.to_thread(
            desk.record.plan_for,
            told.clinic,
            PlaybookKind.EPISODE,
            Month.of(now.astimezone(zone).date()),
        )
    except NoPlaybookError:
        return None
    before = await asyncio.to_thread(record.episodes, enrollment.enrollment)
    day = told.at.astimezone(zone).date()
    month = Month.of(day)
    if any(one.opened_at.astimezone(zone).date() == day for one in before):
        return EpisodeOpening(None, (f"{plan.title} was opened for this discharge already.",))
    number = 1 + max((cycle_number(one.cycle) for one in before if one.month == month), default=0)
    start = cycle_start(
        clinic,
        enrollment,
        plan,
        month,
        number=number,
        opens_at=told.at,
        calendar=make_calendar(clinic.hours, month, plan.kind),
    )
    closes_at = MonthPlan.of(start).closes_at
    if closes_at <= now:
        over = f"would have closed {day_and_time(closes_at, zone)}"
        return EpisodeOpening(None, (f"{plan.title} was not opened: it {over}.",))
    if not await desk.flow.start(start):
        return EpisodeOpening(None, (f"{plan.title} was opened already.",))
    return EpisodeOpening(start.cycle, _said(start, record.name, zone))


def _said(start: CycleStart, name: Name, zone: ZoneInfo) -> tuple[str, ...]:
    """Say what the episode begins with; the engine knows before the server has done it."""
    layout = MonthPlan.of(start)
    first = advance(layout, open_cycle(start), CycleOpened(), layout.opens_at).state
    steps = sorted(first.open_steps, key=lambda step: step.due_at or first.closes_at)
    listed = [f"  {open_step_text(step, start.plan, name, zone)}" for step in steps]
    return (f"{start.plan.title} opened:", *listed)
