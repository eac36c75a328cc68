"""Works out a clinic's calendar from its zone, hours, closure days and the federal holidays."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from ccm_flow.app.clinic_hours import WEEKDAYS, ClinicHours
from ccm_flow.core.calendar import CLOSED, WorkCalendar
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind

_DAYS_BEFORE = 10
_DAYS_AFTER = {PlaybookKind.MONTHLY: 62, PlaybookKind.ENROLLMENT: 184, PlaybookKind.EPISODE: 92}
"""How far calendars reach: the checker holds playbooks to closing well inside."""


class UnknownTimeZoneError(CcmError):
    """A clinic's time zone is not one that exists."""

    exit_code = 2
    hint = "Use an IANA name such as America/New_York."

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is not a time zone.")


def clinic_zone(name: str) -> ZoneInfo:
    """
    Look a time zone up.

    Raises:
        UnknownTimeZoneError: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZoneError(name) from error


def month_calendar(hours: ClinicHours, month: Month, kind: PlaybookKind) -> WorkCalendar:
    """Work out the calendar that a cycle of this month carries."""
    first = month.first_day - timedelta(days=_DAYS_BEFORE)
    return build_calendar(hours, first, month.last_day + timedelta(days=_DAYS_AFTER[kind]))


def build_calendar(hours: ClinicHours, first: date, last: date) -> WorkCalendar:
    """Work out the days from `first` to `last`, both included."""
    zone = clinic_zone(hours.time_zone)
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    closed = _federal_holidays(first.year, last.year) | set(hours.closures)
    working = [_works(hours, day) and day not in closed for day in days]
    return WorkCalendar(
        first=first,
        midnights=tuple(_epoch(day, time(0), zone) for day in [*days, last + timedelta(days=1)]),
        opens=tuple(
            _epoch_if(works, day, hours.opens, zone)
            for day, works in zip(days, working, strict=True)
        ),
        closes=tuple(
            _epoch_if(works, day, hours.closes, zone)
            for day, works in zip(days, working, strict=True)
        ),
    )


def closed_days(hours: ClinicHours, first: date, last: date) -> dict[date, str]:
    """Name the days from `first` to `last` on which a clinic that works then is closed, and why."""
    federal = holidays.country_holidays("US", years=range(first.year, last.year + 1), observed=True)
    named = {day: str(name) for day, name in federal.items()} | dict(hours.closures)
    return {
        day: why
        for day, why in sorted(named.items())
        if first <= day <= last and _works(hours, day)
    }


@lru_cache(maxsize=32)
def _federal_holidays(first_year: int, last_year: int) -> frozenset[date]:
    years = range(first_year, last_year + 1)
    return frozenset(holidays.country_holidays("US", years=years, observed=True))


def _works(hours: ClinicHours, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in hours.working_days


def _epoch(day: date, at: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, at, tzinfo=zone).timestamp())


def _epoch_if(works: bool, day: date, at: time, zone: ZoneInfo) -> int:
    return _epoch(day, at, zone) if works else CLOSED
