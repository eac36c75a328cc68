"""A calendar month."""

from datetime import date

import pytest

from ccm_flow.core.errors import BadMonthError
from ccm_flow.core.month import Month


@pytest.mark.parametrize(
    ("text", "first", "last", "next_", "previous"),
    [
        ("2026-12", "2026-12-01", "2026-12-31", "2027-01", "2026-11"),
        ("2027-01", "2027-01-01", "2027-01-31", "2027-02", "2026-12"),
        ("2027-02", "2027-02-01", "2027-02-28", "2027-03", "2027-01"),
        ("2028-02", "2028-02-01", "2028-02-29", "2028-03", "2028-01"),
    ],
)
def test_a_month_knows_its_days_and_neighbours(
    text: str, first: str, last: str, next_: str, previous: str
) -> None:
    """Also at the turn of the year and in a leap year."""
    month = Month.parse(text)
    assert (month.first_day, month.last_day) == (
        date.fromisoformat(first),
        date.fromisoformat(last),
    )
    assert (str(month.next), str(month.previous)) == (next_, previous)
    assert Month.of(month.last_day) == month


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026", "12-2026", "2026-1", "December"])
def test_what_is_not_a_month_is_refused(text: str) -> None:
    """With the way to write one."""
    with pytest.raises(BadMonthError, match=text) as refused:
        Month.parse(text)
    assert refused.value.hint == "Write the year and the month's number, as in 2026-11."


def test_months_are_in_order() -> None:
    """By year, then by number."""
    assert Month(2026, 12) < Month(2027, 1) < Month(2027, 2)
