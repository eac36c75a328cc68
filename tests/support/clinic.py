"""Clinics' calendars and clinic times for tests of dates."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from ccm_flow.adapters.calendars import build_calendar
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.calendar import WorkCalendar

NEW_YORK = "America/New_York"


@cache
def two_years(zone: str = NEW_YORK) -> WorkCalendar:
    """Work out 2026 and 2027 for a clinic open on weekdays from 9 to 17."""
    return build_calendar(ClinicHours(zone), date(2026, 1, 1), date(2027, 12, 31))


def calendar(
    first: str,
    last: str,
    *,
    zone: str = NEW_YORK,
    opens: str = "09:00",
    closes: str = "17:00",
    days: Iterable[str] = ("mon", "tue", "wed", "thu", "fri"),
    closures: Iterable[str] = (),
) -> WorkCalendar:
    """Work out the calendar of a clinic with habits of its own."""
    hours = ClinicHours(
        zone,
        time.fromisoformat(opens),
        time.fromisoformat(closes),
        frozenset(days),
        {date.fromisoformat(day): "closed" for day in closures},
    )
    return build_calendar(hours, date.fromisoformat(first), date.fromisoformat(last))


def local(text: str, zone: str = NEW_YORK) -> datetime:
    """Read clinic time: `2026-12-04 16:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def in_words(instant: datetime, zone: str = NEW_YORK) -> str:
    """Write clinic time: `Fri 2026-12-04 16:00`."""
    return f"{instant.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"
