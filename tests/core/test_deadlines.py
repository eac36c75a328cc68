"""Deadlines: from a rule in the playbook to an instant, every row checkable on a wall calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.deadlines import (
    Anchor,
    Budget,
    MonthDate,
    Unit,
    after,
    before,
    due_at,
    spaced,
)
from ccm_flow.core.engine.ladder import rung_at
from ccm_flow.core.month import Month
from tests.support.clinic import calendar, in_words, local, two_years
from tests.support.plans import budget, rule, rung

DECEMBER = Month(2026, 12)


@pytest.mark.parametrize(
    ("opened", "given", "due"),
    [
        # business days end when the clinic closes, the N-th day strictly after the opening
        ("2026-12-01 00:00", "1 business day", "Wed 2026-12-02 17:00"),
        ("2026-12-01 16:59", "1 business day", "Wed 2026-12-02 17:00"),
        ("2026-12-04 16:00", "1 business day", "Mon 2026-12-07 17:00"),
        ("2026-12-04 22:00", "1 business day", "Mon 2026-12-07 17:00"),
        ("2026-12-05 12:00", "1 business day", "Mon 2026-12-07 17:00"),
        ("2026-12-06 12:00", "1 business day", "Mon 2026-12-07 17:00"),
        ("2026-12-24 10:00", "1 business day", "Mon 2026-12-28 17:00"),
        ("2026-12-25 10:00", "1 business day", "Mon 2026-12-28 17:00"),
        ("2026-11-25 10:00", "1 business day", "Fri 2026-11-27 17:00"),
        ("2026-07-02 10:00", "1 business day", "Mon 2026-07-06 17:00"),
        ("2026-07-03 10:00", "1 business day", "Mon 2026-07-06 17:00"),
        ("2026-12-01 10:00", "3 business days", "Fri 2026-12-04 17:00"),
        ("2026-12-02 10:00", "3 business days", "Mon 2026-12-07 17:00"),
        ("2026-12-30 10:00", "2 business days", "Mon 2027-01-04 17:00"),
        ("2026-03-06 16:00", "1 business day", "Mon 2026-03-09 17:00"),
        ("2026-10-30 16:00", "1 business day", "Mon 2026-11-02 17:00"),
        # business hours run only while the clinic is open
        ("2026-12-04 15:00", "2 business hours", "Fri 2026-12-04 17:00"),
        ("2026-12-04 16:00", "2 business hours", "Mon 2026-12-07 10:00"),
        ("2026-12-04 17:00", "1 business hour", "Mon 2026-12-07 10:00"),
        ("2026-12-05 12:00", "1 business hour", "Mon 2026-12-07 10:00"),
        ("2026-12-07 06:00", "1 business hour", "Mon 2026-12-07 10:00"),
        ("2026-12-07 09:00", "8 business hours", "Mon 2026-12-07 17:00"),
        ("2026-12-07 09:01", "8 business hours", "Tue 2026-12-08 09:01"),
        ("2026-12-07 09:00", "20 business hours", "Wed 2026-12-09 13:00"),
        ("2026-12-24 16:00", "2 business hours", "Mon 2026-12-28 10:00"),
        ("2026-03-06 16:00", "2 business hours", "Mon 2026-03-09 10:00"),
        ("2026-10-30 16:00", "2 business hours", "Mon 2026-11-02 10:00"),
        # hours and minutes run through nights, weekends and changed clocks
        ("2026-12-04 16:00", "4 hours", "Fri 2026-12-04 20:00"),
        ("2026-12-04 16:00", "48 hours", "Sun 2026-12-06 16:00"),
        ("2026-03-07 22:00", "6 hours", "Sun 2026-03-08 05:00"),
        ("2026-10-31 22:00", "6 hours", "Sun 2026-11-01 03:00"),
        ("2026-12-04 16:45", "30 minutes", "Fri 2026-12-04 17:15"),
        # days and weeks are the calendar's, and end when the clinic closes, if it opens at all
        ("2026-12-04 10:00", "1 day", "Sat 2026-12-05 23:59"),
        ("2026-12-04 10:00", "3 days", "Mon 2026-12-07 17:00"),
        ("2026-12-04 10:00", "1 week", "Fri 2026-12-11 17:00"),
        ("2026-12-18 10:00", "1 week", "Fri 2026-12-25 23:59"),
        ("2026-03-07 10:00", "1 day", "Sun 2026-03-08 23:59"),
    ],
)
def test_a_budget_from_the_opening_of_the_step(opened: str, given: str, due: str) -> None:
    """Whole minutes, in the clinic's time."""
    assert in_words(due_at(rule(given), local(opened), DECEMBER, two_years())) == due


@pytest.mark.parametrize(
    ("month", "given", "due"),
    [
        ("2026-12", "business day 1", "Tue 2026-12-01 17:00"),
        ("2026-12", "business day 8", "Thu 2026-12-10 17:00"),
        ("2026-12", "business day 22", "Thu 2026-12-31 17:00"),
        ("2026-12", "business day -1", "Thu 2026-12-31 17:00"),
        ("2026-12", "business day -5", "Thu 2026-12-24 17:00"),
        ("2026-11", "business day -5", "Mon 2026-11-23 17:00"),
        ("2026-07", "business day 3", "Mon 2026-07-06 17:00"),
        ("2027-01", "business day 1", "Mon 2027-01-04 17:00"),
        ("2026-11", "business day 1", "Mon 2026-11-02 17:00"),
        ("2026-12", "day 15", "Tue 2026-12-15 17:00"),
        ("2026-12", "day 25", "Fri 2026-12-25 23:59"),
        ("2026-12", "day 31", "Thu 2026-12-31 17:00"),
        ("2026-11", "day 31", "Mon 2026-11-30 17:00"),
        ("2027-02", "day 31", "Sun 2027-02-28 23:59"),
        ("2026-12", "month end", "Thu 2026-12-31 17:00"),
        ("2027-02", "month end", "Sun 2027-02-28 23:59"),
        ("2027-10", "month end", "Sun 2027-10-31 23:59"),
        ("2026-12", "month end - 2 business days", "Tue 2026-12-29 17:00"),
        ("2027-02", "month end - 1 business day", "Fri 2027-02-26 17:00"),
        ("2027-02", "month end + 1 business day", "Mon 2027-03-01 17:00"),
        ("2026-12", "month end + 3 business days", "Wed 2027-01-06 17:00"),
        ("2026-12", "month end - 3 days", "Mon 2026-12-28 17:00"),
        ("2026-12", "month end + 1 week", "Thu 2027-01-07 17:00"),
        ("2026-12", "business day 3 + 2 days", "Sat 2026-12-05 23:59"),
        ("2026-12", "business day 3 + 2 business days", "Mon 2026-12-07 17:00"),
        ("2026-12", "day 25 - 1 business day", "Thu 2026-12-24 17:00"),
    ],
)
def test_a_date_in_the_month(month: str, given: str, due: str) -> None:
    """Counted on the month's calendar, wherever the step opened."""
    opened = local("2026-12-01 00:00")
    assert in_words(due_at(rule(given), opened, Month.parse(month), two_years())) == due


@pytest.mark.parametrize(
    ("end", "given", "instant"),
    [
        ("2026-12-07 17:00", "1 business day", "Fri 2026-12-04 09:00"),
        ("2026-12-28 17:00", "1 business day", "Thu 2026-12-24 09:00"),
        ("2026-12-06 23:59", "1 business day", "Fri 2026-12-04 09:00"),
        ("2026-12-07 17:00", "2 business days", "Thu 2026-12-03 09:00"),
        ("2026-12-07 17:00", "1 day", "Sun 2026-12-06 00:00"),
        ("2026-12-08 17:00", "1 day", "Mon 2026-12-07 09:00"),
        ("2026-12-08 17:00", "1 week", "Tue 2026-12-01 09:00"),
        ("2026-12-07 10:00", "2 business hours", "Fri 2026-12-04 16:00"),
        ("2026-12-07 11:00", "2 business hours", "Mon 2026-12-07 09:00"),
        ("2026-12-07 17:00", "8 business hours", "Mon 2026-12-07 09:00"),
        ("2026-12-07 17:00", "9 business hours", "Fri 2026-12-04 16:00"),
        ("2026-12-05 12:00", "1 business hour", "Fri 2026-12-04 16:00"),
        ("2026-12-28 10:00", "10 business hours", "Wed 2026-12-23 16:00"),
        ("2026-12-07 10:00", "4 hours", "Mon 2026-12-07 06:00"),
        ("2026-12-07 10:00", "90 minutes", "Mon 2026-12-07 08:30"),
        ("2026-03-09 10:00", "48 hours", "Sat 2026-03-07 09:00"),
    ],
)
def test_a_budget_before_a_deadline(end: str, given: str, instant: str) -> None:
    """Reminders counted in days come in the morning, when they can be acted on."""
    assert in_words(before(budget(given), local(end), two_years())) == instant


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        ("1 business day before: remind", "Fri 2026-12-04 09:00"),
        ("2 business hours before: remind", "Mon 2026-12-07 15:00"),
        ("when due: notify lead", "Mon 2026-12-07 17:00"),
        ("1 hour late: notify lead", "Mon 2026-12-07 18:00"),
        ("1 business hour late: notify lead", "Tue 2026-12-08 10:00"),
        ("2 business days late: reassign nurse", "Wed 2026-12-09 17:00"),
        ("1 day late: expire", "Tue 2026-12-08 17:00"),
    ],
)
def test_a_rung_lies_before_at_or_after_its_deadline(line: str, instant: str) -> None:
    """For a step due on Monday the 7th at closing time."""
    assert in_words(rung_at(rung(line), local("2026-12-07 17:00"), two_years())) == instant


@pytest.mark.parametrize(
    ("start", "every", "instant"),
    [
        ("2026-12-04 16:00", "1 business day", "Mon 2026-12-07 09:00"),
        ("2026-12-04 16:00", "1 week", "Fri 2026-12-11 09:00"),
        ("2026-12-04 16:00", "2 business hours", "Mon 2026-12-07 10:00"),
        ("2026-12-04 16:00", "3 hours", "Fri 2026-12-04 19:00"),
    ],
)
def test_the_next_of_several_comes_when_the_clinic_opens(
    start: str, every: str, instant: str
) -> None:
    """Spacing in hours is kept to the minute instead."""
    assert in_words(spaced(budget(every), local(start), two_years())) == instant


def test_deadlines_are_whole_minutes() -> None:
    """A machine's speed shows in no deadline."""
    opened = local("2026-12-04 16:00") + timedelta(seconds=59, microseconds=999)
    assert in_words(after(budget("30 minutes"), opened, two_years())) == "Fri 2026-12-04 16:30"
    assert after(budget("2 business hours"), opened, two_years()).second == 0


def test_a_clinics_own_hours_and_closures_make_its_deadlines() -> None:
    """Open from noon to eight on Tuesdays and Saturdays, and closed on the 8th."""
    cal = calendar(
        "2026-12-01",
        "2026-12-31",
        opens="12:00",
        closes="20:00",
        days=["tue", "sat"],
        closures=["2026-12-08"],
    )
    opened = local("2026-12-05 19:00")
    assert in_words(after(budget("1 business day"), opened, cal)) == "Sat 2026-12-12 20:00"
    assert in_words(after(budget("2 business hours"), opened, cal)) == "Sat 2026-12-12 13:00"


@pytest.mark.parametrize(
    "text",
    [
        "1 business day",
        "3 business days",
        "4 business hours",
        "1 week",
        "90 minutes",
        "business day 8",
        "business day -5",
        "day 15",
        "month end",
        "month end - 2 business days",
        "month end + 1 day",
        "business day 3 + 2 weeks",
    ],
)
def test_a_rule_is_said_as_it_is_written(text: str) -> None:
    """In the playbook, on the screen and in a message."""
    assert str(rule(text)) == text


budgets = st.builds(Budget, st.integers(1, 12), st.sampled_from(Unit))
opened_at = st.datetimes(datetime(2026, 4, 1), datetime(2027, 5, 31)).map(  # noqa: DTZ001 - UTC next
    lambda moment: moment.replace(tzinfo=UTC)
)
months = st.builds(Month, st.just(2027), st.integers(1, 10))


@given(budgets, opened_at)
def test_a_budget_ends_after_it_starts_on_a_whole_minute(given: Budget, opened: datetime) -> None:
    """Whatever its unit."""
    due = after(given, opened, two_years())
    assert due > opened - timedelta(minutes=1)
    assert (due.second, due.microsecond, due.tzinfo) == (0, 0, UTC)


@given(budgets, opened_at)
def test_a_longer_budget_ends_no_earlier(given: Budget, opened: datetime) -> None:
    """One more of the same unit is never sooner."""
    longer = Budget(given.count + 1, given.unit)
    assert after(longer, opened, two_years()) > after(given, opened, two_years())


@given(budgets, opened_at)
def test_a_budget_before_a_deadline_ends_before_it(given: Budget, opened: datetime) -> None:
    """And after its own length the deadline is reached, at the latest."""
    end = after(Budget(1, Unit.BUSINESS_DAYS), opened, two_years())
    start = before(given, end, two_years())
    assert start < end
    assert after(given, start, two_years()) <= end


@given(months, st.integers(1, 19))
def test_business_days_from_both_ends_of_a_month_meet(month: Month, number: int) -> None:
    """The n-th from the start lies in the month, and in order."""
    cal = two_years()
    forward = MonthDate(Anchor.BUSINESS_DAY, number)
    later = MonthDate(Anchor.BUSINESS_DAY, number + 1)
    backward = MonthDate(Anchor.BUSINESS_DAY, -number)
    start = cal.start_of(month.first_day)
    assert start < due_at(forward, start, month, cal) < due_at(later, start, month, cal)
    assert due_at(backward, start, month, cal) < cal.start_of(month.next.first_day)
