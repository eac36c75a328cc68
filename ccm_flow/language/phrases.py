"""
The small texts of a playbook: budgets, dates in the month, rungs, amounts of work.

Each `parse_...` gives a core value or raises `PhraseError`, which says what is wrong in which
characters of the text.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from ccm_flow.core.deadlines import Anchor, Budget, DueRule, MonthDate, Unit
from ccm_flow.core.plan import When
from ccm_flow.language.suggest import nearest

BUDGET_FORM = "Write an amount and a unit, as in `3 business days`, `4 business hours`, `2 weeks`."
DATE_FORM = (
    "Write `business day 8`, `business day -5` (counted from the month's end), `day 15`, "
    "`month end`, or `month end - 2 business days`."
)
RUNG_FORM = "Write `1 business day before`, `when due`, or `2 business days late`."

_UNITS = {unit.value: unit for unit in Unit} | {unit.value.removesuffix("s"): unit for unit in Unit}
_SYNONYMS = {
    "working day": "business day",
    "workday": "business day",
    "weekday": "business day",
    "working hour": "business hour",
    "min": "minute",
    "hr": "hour",
}
_LONGEST = {
    Unit.MINUTES: 10_000,
    Unit.HOURS: 720,
    Unit.DAYS: 180,
    Unit.WEEKS: 26,
    Unit.BUSINESS_HOURS: 400,
    Unit.BUSINESS_DAYS: 120,
}
_DAY_UNITS = frozenset([Unit.DAYS, Unit.WEEKS, Unit.BUSINESS_DAYS])
_LAST_BUSINESS_DAY = 23
"""No month has more weekdays."""
_BUDGET = re.compile(r"\s*(?P<count>[0-9]{1,6})\s*(?P<unit>[A-Za-z][A-Za-z ]*?)\s*")
_DATE = re.compile(
    r"\s*(?:(?P<end>month\s+end)|(?P<anchor>business\s+day|day)\s+(?P<number>-?[0-9]{1,4}))"
    r"\s*(?:(?P<sign>[-+])\s*(?P<offset>.*))?"
)
_RUNG = re.compile(r"(?P<offset>.*\S)\s+(?P<side>before|late|after)\s*")
_WORK_UNITS = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}
_MOST_WORK = timedelta(hours=8)


class PhraseError(ValueError):
    """A text that is not one of the known forms."""

    def __init__(self, message: str, hint: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.hint, self.start, self.end = message, hint, start, end


@dataclass(frozen=True, slots=True)
class RungTime:
    """When a rung fires, beside the deadline."""

    when: When
    offset: Budget | None


@lru_cache(maxsize=1024)
def parse_budget(text: str) -> Budget:
    """
    Read `3 business days`.

    Raises:
        PhraseError: not an amount with a unit, or more than half a year.
    """
    match = _BUDGET.fullmatch(text)
    if match is None:
        raise PhraseError(f"'{text[:60]}' is not an amount of time.", BUDGET_FORM, 0, len(text))
    words = " ".join(match["unit"].lower().split())
    unit = _UNITS.get(words)
    if unit is None:
        raise PhraseError(
            f"'{match['unit'][:40]}' is not a unit of time.",
            _unit_hint(match["count"], words),
            *match.span("unit"),
        )
    count = int(match["count"])
    if not 1 <= count <= _LONGEST[unit]:
        hint = f"Write 1 to {_LONGEST[unit]} {unit}."
        raise PhraseError("This amount of time is out of range.", hint, *match.span("count"))
    return Budget(count, unit)


def _unit_hint(count: str, words: str) -> str:
    singular = words.removesuffix("s")
    near = _SYNONYMS.get(singular) or nearest(words, _UNITS)
    if near is None:
        return BUDGET_FORM
    plural = _UNITS[near].value
    return f"Did you mean '{count} {plural if count != '1' else plural.removesuffix('s')}'?"


@lru_cache(maxsize=1024)
def parse_month_date(text: str) -> MonthDate:
    """
    Read `business day 8` or `month end - 2 business days`.

    Raises:
        PhraseError: not a date in the month, or one that no month has.
    """
    match = _DATE.fullmatch(text.lower())
    if match is None:
        raise PhraseError(f"'{text[:60]}' is not a date in the month.", DATE_FORM, 0, len(text))
    offset, unit = _offset(match)
    if match["end"]:
        return MonthDate(Anchor.MONTH_END, 0, offset, unit)
    anchor = Anchor(" ".join(match["anchor"].split()))
    number = int(match["number"])
    _refuse_impossible_day(anchor, number, match.span("number"))
    return MonthDate(anchor, number, offset, unit)


def _refuse_impossible_day(anchor: Anchor, number: int, where: tuple[int, int]) -> None:
    if anchor is Anchor.DAY and not 1 <= number <= 31:
        raise PhraseError(f"There is no day {number} in a month.", "Write 1 to 31.", *where)
    if anchor is Anchor.BUSINESS_DAY and not 1 <= abs(number) <= _LAST_BUSINESS_DAY:
        hint = f"Write 1 to {_LAST_BUSINESS_DAY}, or -1 for the last business day."
        raise PhraseError(f"There is no business day {number} in a month.", hint, *where)


def _offset(match: re.Match[str]) -> tuple[int, Unit]:
    if match["sign"] is None:
        return 0, Unit.BUSINESS_DAYS
    base = match.start("offset")
    try:
        budget = parse_budget(match["offset"])
    except PhraseError as error:
        raise PhraseError(error.message, error.hint, base + error.start, base + error.end) from None
    if budget.unit not in _DAY_UNITS:
        hint = "Move a date by days, weeks or business days."
        raise PhraseError("A date cannot be moved by hours.", hint, base, match.end("offset"))
    return (-budget.count if match["sign"] == "-" else budget.count), budget.unit


@lru_cache(maxsize=1024)
def parse_due(text: str) -> DueRule:
    """
    Read a budget or a date in the month.

    Raises:
        PhraseError: neither.
    """
    words = text.strip().lower()
    if words[:1].isdigit():
        return parse_budget(text)
    if words.startswith(("business day", "day", "month end")):
        return parse_month_date(text)
    hint = f"{BUDGET_FORM} Or: {DATE_FORM.removeprefix('Write ')}"
    raise PhraseError(f"'{text[:60]}' is not a deadline.", hint, 0, len(text))


@lru_cache(maxsize=1024)
def parse_rung_time(text: str) -> RungTime:
    """
    Read the left side of a rung: `1 business day before`, `when due`, `2 business days late`.

    Raises:
        PhraseError: none of these.
    """
    words = " ".join(text.lower().split())
    if words == "when due":
        return RungTime(When.DUE, None)
    match = _RUNG.fullmatch(text.lower())
    if match is None:
        near = nearest(words, ["when due"])
        hint = "Did you mean 'when due'?" if near else RUNG_FORM
        raise PhraseError(f"'{text[:60]}' is not a time for a rung.", hint, 0, len(text))
    if match["side"] == "after":
        hint = f"Did you mean '{match['offset'][:40]} late'?"
        raise PhraseError("A rung is 'before' or 'late'.", hint, *match.span("side"))
    return RungTime(When(match["side"]), parse_budget(match["offset"]))


@lru_cache(maxsize=1024)
def parse_work(text: str) -> timedelta:
    """
    Read an amount of work: `12 minutes`.

    Raises:
        PhraseError: not minutes or hours, or more than a day's work.
    """
    budget = parse_budget(text)
    unit = _WORK_UNITS.get(budget.unit)
    if unit is None or budget.count * unit > _MOST_WORK:
        hint = "Write minutes, as in `12 minutes`; at most 8 hours."
        raise PhraseError(f"'{text[:60]}' is not an amount of work.", hint, 0, len(text))
    return budget.count * unit
