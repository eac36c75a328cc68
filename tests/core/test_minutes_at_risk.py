"""Who is short of the month's minutes, and on which week's steps they rest."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.minutes_at_risk import MinutesOutlook, Planned, minutes_by_week, weeks_of
from ccm_flow.core.month import Month

MONTH = Month(2026, 12)


def outlook(have: int, *planned: tuple[int, int]) -> MinutesOutlook:
    """Say `have` minutes and (day of December, minutes) that are planned."""
    rows = tuple(Planned(date(2026, 12, day), minutes * 60) for day, minutes in planned)
    return MinutesOutlook(have * 60, 20, rows)


@pytest.mark.parametrize(
    ("have", "planned", "missing", "expected", "uncovered"),
    [
        (20, [], 0, 0, 0),
        (25, [(9, 5)], 0, 5, 0),
        (0, [(9, 12), (15, 8)], 20, 20, 0),
        (0, [(9, 12)], 20, 12, 8),
        (19, [], 1, 0, 1),
        (8, [(9, 12)], 12, 12, 0),
    ],
)
def test_minutes_missing_expected_and_uncovered(
    have: int,
    planned: list[tuple[int, int]],
    missing: int,
    expected: int,
    uncovered: int,
) -> None:
    found = outlook(have, *planned)
    assert found.missing_minutes == missing
    assert found.expected_minutes == expected
    assert found.will_make_it is (uncovered == 0)
    assert found.uncovered_minutes == uncovered


def test_a_second_short_is_a_minute_missing() -> None:
    assert MinutesOutlook(20 * 60 - 1, 20, ()).missing_minutes == 1


def test_weeks_are_cut_off_at_the_months_ends() -> None:
    assert weeks_of(MONTH) == (
        (date(2026, 12, 1), date(2026, 12, 6)),
        (date(2026, 12, 7), date(2026, 12, 13)),
        (date(2026, 12, 14), date(2026, 12, 20)),
        (date(2026, 12, 21), date(2026, 12, 27)),
        (date(2026, 12, 28), date(2026, 12, 31)),
    )


def test_missing_minutes_rest_on_the_first_steps_and_are_counted_once() -> None:
    weeks = minutes_by_week(
        MONTH,
        [outlook(10, (9, 8), (16, 8)), outlook(20, (9, 6))],
        {date(2026, 12, 2): 90, date(2026, 12, 3): 45},
    )
    assert [week.at_risk_minutes for week in weeks] == [0, 8, 2, 0, 0]
    assert [week.patients_at_risk for week in weeks] == [0, 1, 1, 0, 0]
    assert [week.expected_minutes for week in weeks] == [0, 14, 8, 0, 0]
    assert [week.documented_minutes for week in weeks] == [2, 0, 0, 0, 0]


def test_work_due_after_the_month_helps_no_month() -> None:
    late = MinutesOutlook(0, 20, (Planned(date(2027, 1, 4), 1200),))
    weeks = minutes_by_week(MONTH, [late], {})
    assert sum(week.at_risk_minutes for week in weeks) == 0


def test_overdue_work_counts_in_the_months_first_week() -> None:
    overdue = MinutesOutlook(0, 20, (Planned(date(2026, 11, 30), 600),))
    assert minutes_by_week(MONTH, [overdue], {})[0].at_risk_minutes == 10


@given(
    st.integers(0, 1800),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1500)), max_size=8),
)
def test_never_more_is_at_risk_than_is_missing(seconds: int, rows: list[tuple[int, int]]) -> None:
    first = MONTH.first_day
    planned = tuple(Planned(first + timedelta(days=days), part) for days, part in rows)
    found = MinutesOutlook(seconds, 20, planned)
    weeks = minutes_by_week(MONTH, [found], {})
    assert sum(week.at_risk_minutes for week in weeks) <= found.missing_minutes + len(weeks)
    assert found.will_make_it == (found.uncovered_minutes == 0)
