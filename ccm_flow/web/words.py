"""Instants and spans as people say them on a page, in the clinic's time."""

import re
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ccm_flow.app import happening_text
from ccm_flow.core.month import Month
from ccm_flow.core.worklist import Place

PLACES = {
    Place.NOW: "Now",
    Place.TODAY: "Today",
    Place.THIS_WEEK: "This week",
    Place.LATER: "Later",
    Place.WAITING: "Waiting",
}

LANGUAGES: Final = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "ht": "Haitian Creole",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "tl": "Tagalog",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""What patients often speak; of another language the code is shown."""
_HANDLE: Final = re.compile(r"^[0-9a-f]{4,32}:? (?=\D)")


def day_and_time(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """Write an instant next to today: `17:00`, `tomorrow 17:00`, `Fri, Dec 11, 17:00`."""
    if at is None:
        return "no deadline"
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    clock = f"{local:%H:%M}"
    if days == 0:
        return f"today {clock}"
    if days in (1, -1):
        return f"{'tomorrow' if days == 1 else 'yesterday'} {clock}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{local:%a}, {local:%b} {local.day}{year}, {clock}"


def day_words(at: datetime | None, zone: ZoneInfo) -> str:
    """Write an instant of the past in full: `Dec 11, 2026, 17:00`; a dash for none."""
    if at is None:
        return "-"
    local = at.astimezone(zone)
    return f"{local:%b} {local.day}, {local.year}, {local:%H:%M}"


def day_only(day: date | datetime | None, zone: ZoneInfo | None = None) -> str:
    """Write a day in full: `Dec 11, 2026`; a dash for none. An instant's day is the clinic's."""
    if day is None:
        return "-"
    local = day.astimezone(zone) if isinstance(day, datetime) else day
    return f"{local:%b} {local.day}, {local.year}"


def written_day(day: date | str | None) -> str:
    """Write a day in full, also one that was kept as text; nothing for none."""
    known = date.fromisoformat(day[:10]) if isinstance(day, str) and day else day
    return day_only(known) if isinstance(known, date) else ""


def month_name(month: Month | str) -> str:
    """Write a month in words: `December 2026`; also from its number, `2026-12`."""
    known = Month.parse(month) if isinstance(month, str) else month
    return happening_text.month_name(known)


def language_name(code: str) -> str:
    """Name a language by its tag, `es` or `es-MX`; an unknown tag as it is."""
    return LANGUAGES.get(code.partition("-")[0].lower(), code)


def without_handle(sentence: str) -> str:
    """Leave out the short id that a sentence begins with: it is typed on the command line only."""
    return _HANDLE.sub("", sentence)


def left(span: timedelta | None) -> str:
    """Write how much open time is left, or gone by since the deadline."""
    if span is None:
        return "paused"
    late = span < timedelta(0)
    amount = _amount(abs(span))
    return f"{amount} late" if late else f"{amount} left"


def _amount(span: timedelta) -> str:
    hours, minutes = divmod(int(span / timedelta(minutes=1)), 60)
    if hours >= 10:
        return f"{hours} open hours"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def clock(span: timedelta) -> str:
    """Write how long a timer has been running: `12:04`, `1:02:04`."""
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
