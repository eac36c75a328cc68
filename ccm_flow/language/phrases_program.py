"""The small texts of a playbook's own settings: contact hours, protected time, windows of days."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Literal

from ccm_flow.core.deadlines import Anchor, MonthDate
from ccm_flow.language.phrases import PhraseError, parse_month_date

HOURS_FORM = "Write two times of the day, as in `09:00-19:00`."
PROTECTED_FORM = "Write e.g. `2 hours per business day` or `90 minutes per week`."
WINDOW_FORM = "Write `last 3 business days`, or two dates: `business day 18 to business day 20`."

_HOURS = re.compile(r"\s*([0-9]{1,2}):([0-9]{2})\s*(?:-|to)\s*([0-9]{1,2}):([0-9]{2})\s*")
_PROTECTED = re.compile(
    r"\s*(?P<count>[0-9]{1,4})\s*(?P<unit>minute|hour)s?\s+(?:per|a|each)\s+"
    r"(?P<per>business\s+day|week)\s*"
)
_LAST = re.compile(r"\s*last\s+(?P<count>[0-9]{1,3})\s+business\s+days?\s*")
_MOST = {"business day": timedelta(hours=8), "week": timedelta(hours=40)}
_LONGEST_WINDOW = 20
_MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Protected:
    """An amount of time that comes again each business day or week."""

    amount: timedelta
    per: Literal["business day", "week"]


@lru_cache(maxsize=256)
def parse_hours(text: str) -> tuple[int, int]:
    """
    Read `09:00-19:00` as minutes after midnight.

    Raises:
        PhraseError: not two times of the day, or the second is not later than the first.
    """
    match = _HOURS.fullmatch(text)
    if match is None:
        raise PhraseError(f"'{text[:60]}' is not a window of hours.", HOURS_FORM, 0, len(text))
    start, end = (_minute(match, hour, text) for hour in (1, 3))
    if end <= start:
        hint = "Write the earlier time first, on a 24-hour clock: `09:00-19:00`."
        raise PhraseError("This window ends before it begins.", hint, 0, len(text))
    return start, end


def _minute(match: re.Match[str], group: int, text: str) -> int:
    hour, minute = int(match[group]), int(match[group + 1])
    total = hour * 60 + minute
    if minute > 59 or total > _MINUTES_OF_A_DAY:
        where = (match.start(group), match.end(group + 1))
        raise PhraseError(f"There is no time '{text[slice(*where)]}'.", HOURS_FORM, *where)
    return total


@lru_cache(maxsize=256)
def parse_protected(text: str) -> Protected:
    """
    Read `2 hours per business day`.

    Raises:
        PhraseError: another form, or more than a day or a week holds.
    """
    match = _PROTECTED.fullmatch(text.lower())
    if match is None:
        message = f"'{text[:60]}' is not an amount of protected time."
        raise PhraseError(message, PROTECTED_FORM, 0, len(text))
    per: Literal["business day", "week"] = "week" if match["per"] == "week" else "business day"
    one = timedelta(hours=1) if match["unit"] == "hour" else timedelta(minutes=1)
    amount = int(match["count"]) * one
    if not timedelta(0) < amount <= _MOST[per]:
        hours = int(_MOST[per].total_seconds()) // 3600
        hint = f"Write at most {hours} hours per {per}."
        raise PhraseError("This is more time than there is.", hint, *match.span("count"))
    return Protected(amount, per)


@lru_cache(maxsize=256)
def parse_window(text: str) -> tuple[MonthDate, MonthDate]:
    """
    Read `last 3 business days` or `business day 18 to business day 20`.

    Raises:
        PhraseError: neither, or a date that no month has.
    """
    last = _LAST.fullmatch(text.lower())
    if last is not None:
        count = int(last["count"])
        if not 1 <= count <= _LONGEST_WINDOW:
            hint = f"Write 1 to {_LONGEST_WINDOW}."
            raise PhraseError("This window is too long.", hint, *last.span("count"))
        return MonthDate(Anchor.BUSINESS_DAY, -count), MonthDate(Anchor.BUSINESS_DAY, -1)
    first, joint, second = text.partition(" to ")
    if not joint:
        raise PhraseError(f"'{text[:60]}' is not a window of days.", WINDOW_FORM, 0, len(text))
    return parse_month_date(first), _moved(second, len(first) + len(joint))


def _moved(text: str, base: int) -> MonthDate:
    try:
        return parse_month_date(text)
    except PhraseError as error:
        start, end = base + error.start, base + error.end
        raise PhraseError(error.message, error.hint, start, end) from None
