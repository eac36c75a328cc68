"""
Deadlines: a rule in the playbook, derived to an instant on a clinic's calendar.

A rule is either a *budget* that starts when the step opens (`3 business days`) or a *date in
the month* (`business day 8`, `month end - 2 business days`). Business days are a unit of their
own: the N-th business day strictly after the day of opening, until the clinic closes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, assert_never

from pydantic import Field

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.month import Month


class Unit(StrEnum):
    """What a budget counts."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    BUSINESS_HOURS = "business hours"
    BUSINESS_DAYS = "business days"


DAY_UNITS = (Unit.DAYS, Unit.WEEKS, Unit.BUSINESS_DAYS)


class Anchor(StrEnum):
    """What a date in the month is counted from."""

    BUSINESS_DAY = "business day"
    DAY = "day"
    MONTH_END = "month end"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount of time from when the step opens."""

    count: int
    unit: Unit
    kind: Literal["budget"] = "budget"

    def __str__(self) -> str:
        return spoken(self.count, self.unit)


@dataclass(frozen=True, slots=True)
class MonthDate:
    """
    A date in the cycle's month, moved by an offset.

    `business day 8` is the month's 8th, `business day -5` its fifth from the end, `day 15` the
    15th (the month's last day when there is no such day), `month end` its last day.
    """

    anchor: Anchor
    number: int = 0
    offset: int = 0
    offset_unit: Unit = Unit.BUSINESS_DAYS
    kind: Literal["month_date"] = "month_date"

    def __str__(self) -> str:
        text = (
            str(self.anchor) if self.anchor is Anchor.MONTH_END else f"{self.anchor} {self.number}"
        )
        if self.offset:
            text += (
                f" {'-' if self.offset < 0 else '+'} {spoken(abs(self.offset), self.offset_unit)}"
            )
        return text


DueRule = Annotated[Budget | MonthDate, Field(discriminator="kind")]


def spoken(count: int, unit: Unit) -> str:
    """Say an amount: `1 business day`, `3 business days`."""
    return f"{count} {unit.value if count != 1 else unit.value.removesuffix('s')}"


def to_the_minute(instant: datetime) -> datetime:
    """Drop seconds, so that deadlines are round and do not depend on a machine's speed."""
    if instant.tzinfo is UTC and not instant.second and not instant.microsecond:
        return instant
    return instant.astimezone(UTC).replace(second=0, microsecond=0)


def due_at(rule: DueRule, opened: datetime, month: Month, calendar: WorkCalendar) -> datetime:
    """
    Derive the instant at which a rule that started at `opened` falls due.

    Raises:
        CalendarTooShortError: the date lies outside the calendar.
    """
    match rule:
        case Budget():
            return after(rule, opened, calendar)
        case MonthDate():
            return calendar.closing(month_date(rule, month, calendar))
        case _ as never:
            assert_never(never)


def after(budget: Budget, start: datetime, calendar: WorkCalendar) -> datetime:
    """Give the end of a budget that starts at `start`; day budgets end when the clinic closes."""
    start = to_the_minute(start)
    count = budget.count
    match budget.unit:
        case Unit.BUSINESS_DAYS:
            return calendar.closing_after(start, count)
        case Unit.MINUTES:
            return start + timedelta(minutes=count)
        case Unit.HOURS:
            return start + timedelta(hours=count)
        case Unit.DAYS:
            return calendar.closing(calendar.date_of(start) + timedelta(days=count))
        case Unit.WEEKS:
            return calendar.closing(calendar.date_of(start) + timedelta(weeks=count))
        case Unit.BUSINESS_HOURS:
            return calendar.add_working_time(start, timedelta(hours=count))
        case _ as never:
            assert_never(never)


def spaced(every: Budget, start: datetime, calendar: WorkCalendar) -> datetime:
    """Give the time for the next of several; spaced in days, it is when the clinic opens."""
    then = after(every, start, calendar)
    return calendar.opening(calendar.date_of(then)) if every.unit in DAY_UNITS else then


def before(budget: Budget, end: datetime, calendar: WorkCalendar) -> datetime:
    """
    Give the instant a budget before `end`; day budgets begin when the clinic opens.

    A reminder `1 business day before` thus comes in the morning, when it can be acted on.
    """
    count = budget.count
    match budget.unit:
        case Unit.BUSINESS_DAYS:
            return calendar.opening_after(end, -count)
        case Unit.MINUTES:
            return end - timedelta(minutes=count)
        case Unit.HOURS:
            return end - timedelta(hours=count)
        case Unit.DAYS:
            return calendar.opening(calendar.date_of(end) - timedelta(days=count))
        case Unit.WEEKS:
            return calendar.opening(calendar.date_of(end) - timedelta(weeks=count))
        case Unit.BUSINESS_HOURS:
            return _working_hours_before(count, end, calendar)
        case _ as never:
            assert_never(never)


def _working_hours_before(hours: int, end: datetime, calendar: WorkCalendar) -> datetime:
    """Walk back day by day until enough open time lies between the instant and `end`."""
    want = timedelta(hours=hours)
    day = calendar.date_of(end)
    while True:
        opening = calendar.opening(day)
        have = calendar.working_time_between(opening, end)
        if calendar.is_business_day(day) and have >= want:
            return calendar.add_working_time(opening, have - want)
        day -= timedelta(days=1)


def month_date(rule: MonthDate, month: Month, calendar: WorkCalendar) -> date:
    """Give the day a date in the month falls on."""
    day = _anchor_day(rule, month, calendar)
    if not rule.offset:
        return day
    if rule.offset_unit is Unit.BUSINESS_DAYS:
        return calendar.business_day_after(day, rule.offset)
    days = rule.offset * (7 if rule.offset_unit is Unit.WEEKS else 1)
    return day + timedelta(days=days)


def _anchor_day(rule: MonthDate, month: Month, calendar: WorkCalendar) -> date:
    match rule.anchor:
        case Anchor.MONTH_END:
            return month.last_day
        case Anchor.DAY:
            return min(month.last_day, month.first_day + timedelta(days=rule.number - 1))
        case Anchor.BUSINESS_DAY if rule.number > 0:
            return calendar.business_day_after(month.previous.last_day, rule.number)
        case Anchor.BUSINESS_DAY:
            return calendar.business_day_after(month.next.first_day, rule.number)
        case _ as never:
            assert_never(never)
