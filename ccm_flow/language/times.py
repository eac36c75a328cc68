"""Reads the phrases of time in a document, reporting what cannot be understood."""

from collections.abc import Callable
from typing import TypeVar

from ccm_flow.core.deadlines import Anchor, Budget, DueRule, MonthDate
from ccm_flow.language.phrases import PhraseError, parse_budget, parse_due, parse_month_date
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report

Value = TypeVar("Value")

_SAFE_BUSINESS_DAY = 19
"""A February with a holiday has no more."""
_SAFE_DAY = 28


def read_phrase(
    report: Report,
    path: Path,
    text: str,
    parse: Callable[[str], Value],
    code: str = "PB401",
    *,
    key: bool = False,
) -> Value | None:
    """Parse a phrase; None when it was reported."""
    try:
        return parse(text)
    except PhraseError as error:
        where = (error.start, error.end)
        report.add(code, path, error.message, error.hint, key=key, within=where)
        return None


def read_budget(report: Report, path: Path, text: str) -> Budget | None:
    """Read an amount of time."""
    return read_phrase(report, path, text, parse_budget)


def read_due(report: Report, path: Path, text: str) -> DueRule | None:
    """Read an amount of time or a date in the month."""
    words = text.strip().lower()
    code = "PB402" if words.startswith(("business", "day", "month")) else "PB401"
    rule = read_phrase(report, path, text, parse_due, code)
    if isinstance(rule, MonthDate):
        warn_of_short_months(report, path, rule)
    return rule


def read_date(report: Report, path: Path, text: str) -> MonthDate | None:
    """Read a date in the month."""
    rule = read_phrase(report, path, text, parse_month_date, "PB402")
    if rule is not None:
        warn_of_short_months(report, path, rule)
    return rule


def warn_of_short_months(report: Report, path: Path, rule: MonthDate) -> None:
    """Warn of a day that some months do not have."""
    if rule.anchor is Anchor.DAY and rule.number > _SAFE_DAY:
        message = f"Not every month has a day {rule.number}; a short one uses its last day."
        report.add("PB405", path, message, "Write `month end`, or a day up to 28.")
    if rule.anchor is not Anchor.BUSINESS_DAY or abs(rule.number) <= _SAFE_BUSINESS_DAY:
        return
    side = "next" if rule.number > 0 else "previous"
    message = (
        f"Not every month has {abs(rule.number)} business days; in a short one this falls in "
        f"the {side} month."
    )
    other = "month end - 1 business day" if rule.number > 0 else "business day 1"
    report.add("PB405", path, message, f"Write e.g. `{other}`.")
