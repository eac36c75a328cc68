"""The small texts of rule files: months, days and amounts."""

import re
from datetime import date
from decimal import Decimal

from ccm_flow.core.errors import BadMonthError
from ccm_flow.core.month import Month
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report

UNKNOWN = "unknown"
"""Written in place of an amount that no source gives."""
_AMOUNT = re.compile(r"(?P<about>about )?(?P<sum>[0-9]{1,6}(\.[0-9]{2})?)")


def read_month(report: Report, path: Path, text: str) -> Month | None:
    """Read `2026-01`; None when it was reported."""
    try:
        return Month.parse(text)
    except BadMonthError as error:
        report.add("RB401", path, str(error), error.hint)
        return None


def read_day(report: Report, path: Path, text: str, first: Month, last: Month) -> date | None:
    """Read a day within a file's period; None when it was reported."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        hint = "Write the year, the month and the day, as in 2026-01-31."
        report.add("RB401", path, f"'{text[:40]}' is not a day.", hint)
        return None
    if not first.first_day <= day <= last.last_day:
        hint = f"Write a day from {first.first_day} to {last.last_day}."
        report.add("RB404", path, f"{day} lies outside the file's period.", hint)
        return None
    return day


def read_amount(report: Report, path: Path, text: str | None) -> tuple[Decimal | None, bool]:
    """Read `66.13` or `about 89`; tell also whether it is a rounded one."""
    if text is None or text == UNKNOWN:
        return None, False
    match = _AMOUNT.fullmatch(text)
    if match is None:
        message = f"'{text[:40]}' is not an amount of dollars."
        if text.startswith("-"):
            message = "An amount cannot be negative."
        hint = "Write dollars and cents, as in 66.13, `about 89`, or `unknown`."
        report.add("RB403", path, message, hint)
        return None, False
    return Decimal(match["sum"]), match["about"] is not None


def read_period(report: Report, from_: str, to: str) -> tuple[Month, Month]:
    """Read a file's first and last month."""
    first, last = read_month(report, ("from",), from_), read_month(report, ("to",), to)
    if first is not None and last is not None and last < first:
        message = f"The period ends in {last}, before it begins in {first}."
        report.add("RB402", ("to",), message, "Put the later month here.")
    # What could not be read must not make every day of the file wrong.
    first = first or Month(2000, 1)
    return first, max(first, last or Month(2999, 12))
