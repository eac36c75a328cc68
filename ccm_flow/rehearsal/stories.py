"""What befalls a simulated patient in a month, drawn from a seed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ccm_flow.core.assumptions import Happenings
from ccm_flow.core.behaviour import Dice
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import (
    CyclePaused,
    CycleResumed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    Triggered,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, Trigger

_TOLD: tuple[tuple[str, Trigger], ...] = (
    ("escalations", Trigger.ESCALATION),
    ("lab_results", Trigger.LAB_RESULT),
    ("callbacks", Trigger.CALLBACK),
)


@dataclass(frozen=True, slots=True)
class Told:
    """Something that somebody enters at an instant."""

    at: datetime
    event: PersonEvent


def draw_story(
    rates: Happenings, plan: Plan, month: Month, calendar: WorkCalendar, *, key: str, by: PersonId
) -> tuple[Told, ...]:
    """Draw what befalls one patient in one month, in order; `key` names seed and patient."""
    dice = Dice(f"{key}|{month}|life")
    starts = {step.on for step in plan.steps if step.on is not None}
    found: list[Told] = []
    for name, trigger in _TOLD:
        if trigger in starts and dice.roll(name) < getattr(rates, name):
            at = _when(dice, name, month, calendar)
            found.append(Told(at, Triggered(trigger, by, "simulated")))
    if dice.roll("admissions") < rates.admissions:
        found += _stay(rates, dice, starts, month, calendar, by=by)
    if dice.roll("withdrawals") < rates.withdrawals:
        at = _when(dice, "withdrawals", month, calendar)
        found.append(Told(at, PatientWithdrew(by, "simulated")))
    if dice.roll("deaths") < rates.deaths:
        found.append(Told(_when(dice, "deaths", month, calendar), PatientDied(by)))
    return tuple(sorted(found, key=lambda one: one.at))


def _stay(
    rates: Happenings,
    dice: Dice,
    starts: set[Trigger],
    month: Month,
    calendar: WorkCalendar,
    *,
    by: PersonId,
) -> list[Told]:
    """Pause the month for a hospital stay; what starts with a discharge starts after it."""
    admitted = _when(dice, "admissions", month, calendar)
    days = max(1, round(rates.stay.days * (0.4 + 1.2 * dice.roll("stay"))))
    try:
        home = calendar.date_of(admitted) + timedelta(days=days)
        back = _at(dice, "discharge", calendar.business_day_after(home, 0), calendar)
    except CalendarTooShortError:
        return []
    told = [Told(admitted, CyclePaused(by, "hospital stay")), Told(back, CycleResumed(by))]
    if Trigger.DISCHARGE in starts:
        told.append(Told(back, Triggered(Trigger.DISCHARGE, by, "discharged home")))
    return told


def _when(dice: Dice, name: str, month: Month, calendar: WorkCalendar) -> datetime:
    """Draw a business day of the month and an open hour."""
    before = month.previous.last_day
    count = calendar.business_days_between(before, month.last_day)
    day = calendar.business_day_after(before, 1 + int(dice.roll(f"{name} day") * count))
    return _at(dice, name, day, calendar)


def _at(dice: Dice, name: str, day: date, calendar: WorkCalendar) -> datetime:
    opens, closes = calendar.opening(day), calendar.closing(day)
    minutes = int((closes - opens).total_seconds() // 60 * dice.roll(f"{name} hour"))
    return opens + timedelta(minutes=minutes)
