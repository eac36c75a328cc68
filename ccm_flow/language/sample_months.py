"""
Example months on an ordinary calendar, to judge times with the engine's own arithmetic.

The calendar has neither holidays nor closure days, so a finding is certain only when it shows in
every example; the checks that use it say nothing otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from ccm_flow.core.calendar import CLOSED, WorkCalendar
from ccm_flow.core.contact import ContactRules, within_window
from ccm_flow.core.deadlines import Budget, DueRule, after, before, due_at
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.month import Month
from ccm_flow.core.words import Channel

_FIRST, _DAYS = date(2024, 1, 1), 1800
_OPENS, _CLOSES = 8, 17
_MONTHS = ("2026-02", "2026-05", "2026-09", "2026-11")
_FAR_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime(1000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """One example: a cycle that opens at an instant in a month."""

    month: Month
    opens: datetime


@lru_cache(maxsize=1)
def _calendar() -> WorkCalendar:
    midnight = int(datetime.combine(_FIRST, datetime.min.time(), UTC).timestamp())
    midnights = tuple(midnight + 86_400 * i for i in range(_DAYS + 1))
    weekdays = [(_FIRST + timedelta(days=i)).weekday() < 5 for i in range(_DAYS)]

    def hours(hour: int) -> tuple[int, ...]:
        pairs = zip(midnights, weekdays, strict=False)
        return tuple(start + hour * 3600 if is_open else CLOSED for start, is_open in pairs)

    return WorkCalendar(_FIRST, midnights, hours(_OPENS), hours(_CLOSES))


@lru_cache(maxsize=1)
def month_samples() -> tuple[Sample, ...]:
    """Give cycles that open at the first instant of a month."""
    months = [Month.parse(text) for text in _MONTHS]
    return tuple(
        Sample(month, datetime.combine(month.first_day, datetime.min.time(), UTC))
        for month in months
    )


@lru_cache(maxsize=1)
def noon_samples() -> tuple[Sample, ...]:
    """Give something that opens at noon, once for each weekday."""
    month = Month(2026, 9)
    monday = datetime(2026, 9, 7, 12, tzinfo=UTC)
    return tuple(Sample(month, monday + timedelta(days=i)) for i in range(5))


@lru_cache(maxsize=8192)
def due(rule: DueRule, opened: datetime, month: Month) -> datetime:
    """Give the deadline on the example calendar."""
    return _or(_FAR_AHEAD, lambda: due_at(rule, opened, month, _calendar()))


@lru_cache(maxsize=8192)
def later(budget: Budget, start: datetime) -> datetime:
    """Give the end of a budget on the example calendar."""
    return _or(_FAR_AHEAD, lambda: after(budget, start, _calendar()))


@lru_cache(maxsize=8192)
def earlier(budget: Budget, end: datetime) -> datetime:
    """Give the instant a budget before another on the example calendar."""
    return _or(_LONG_AGO, lambda: before(budget, end, _calendar()))


def welcome(rules: ContactRules | None, channel: Channel, instant: datetime) -> datetime:
    """Give the first instant at which contact is welcome, on the example calendar."""
    return _or(_FAR_AHEAD, lambda: within_window(rules, channel, instant, _calendar()))


def _or(fallback: datetime, work: Callable[[], datetime]) -> datetime:
    try:
        return work()
    except CalendarTooShortError:
        return fallback
