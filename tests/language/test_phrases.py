"""The small texts, as tables."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.deadlines import Anchor, Budget, MonthDate, Unit
from ccm_flow.core.plan import When
from ccm_flow.language import phrases
from ccm_flow.language.phrases import PhraseError, RungTime

BUDGETS = [
    ("3 business days", Budget(3, Unit.BUSINESS_DAYS)),
    ("1 business day", Budget(1, Unit.BUSINESS_DAYS)),
    ("4 business hours", Budget(4, Unit.BUSINESS_HOURS)),
    ("30 minutes", Budget(30, Unit.MINUTES)),
    ("1 hour", Budget(1, Unit.HOURS)),
    ("5 days", Budget(5, Unit.DAYS)),
    ("2 weeks", Budget(2, Unit.WEEKS)),
    ("  2   Business   Days ", Budget(2, Unit.BUSINESS_DAYS)),
]
DATES = [
    ("business day 8", MonthDate(Anchor.BUSINESS_DAY, 8)),
    ("business day -5", MonthDate(Anchor.BUSINESS_DAY, -5)),
    ("day 15", MonthDate(Anchor.DAY, 15)),
    ("Month End", MonthDate(Anchor.MONTH_END)),
    ("month end - 2 business days", MonthDate(Anchor.MONTH_END, 0, -2, Unit.BUSINESS_DAYS)),
    ("month end + 3 business days", MonthDate(Anchor.MONTH_END, 0, 3, Unit.BUSINESS_DAYS)),
    ("month end +1 week", MonthDate(Anchor.MONTH_END, 0, 1, Unit.WEEKS)),
    ("day 10 + 2 days", MonthDate(Anchor.DAY, 10, 2, Unit.DAYS)),
]
RUNGS = [
    ("1 business day before", RungTime(When.BEFORE, Budget(1, Unit.BUSINESS_DAYS))),
    ("when due", RungTime(When.DUE, None)),
    ("When  due", RungTime(When.DUE, None)),
    ("2 business hours late", RungTime(When.LATE, Budget(2, Unit.BUSINESS_HOURS))),
]
WORK = [("12 minutes", timedelta(minutes=12)), ("1 hour", timedelta(hours=1))]
REFUSED: list[tuple[Callable[[str], object], str, str]] = [
    (phrases.parse_budget, "3 buisness days", "Did you mean '3 business days'?"),
    (phrases.parse_budget, "1 working day", "Did you mean '1 business day'?"),
    (phrases.parse_budget, "5 mins", "Did you mean '5 minutes'?"),
    (phrases.parse_budget, "three days", "amount and a unit"),
    (phrases.parse_budget, "0 days", "Write 1 to 180 days."),
    (phrases.parse_budget, "999999 days", "Write 1 to 180 days."),
    (phrases.parse_budget, "-1 days", "amount and a unit"),
    (phrases.parse_month_date, "day 0", "Write 1 to 31."),
    (phrases.parse_month_date, "day 32", "Write 1 to 31."),
    (phrases.parse_month_date, "business day 0", "Write 1 to 23"),
    (phrases.parse_month_date, "month end - 3 hours", "days, weeks or business days"),
    (phrases.parse_month_date, "the 15th", "`day 15`"),
    (phrases.parse_due, "", "Write an amount"),
    (phrases.parse_rung_time, "2 days after", "Did you mean '2 days late'?"),
    (phrases.parse_rung_time, "wen due", "Did you mean 'when due'?"),
    (phrases.parse_rung_time, "tomorrow", "`when due`"),
    (phrases.parse_work, "2 business days", "Write minutes"),
    (phrases.parse_work, "9 hours", "at most 8 hours"),
]


@pytest.mark.parametrize(("text", "budget"), BUDGETS)
def test_a_budget_is_an_amount_and_a_unit(text: str, budget: Budget) -> None:
    assert phrases.parse_budget(text) == budget
    assert phrases.parse_due(text) == budget


@pytest.mark.parametrize(("text", "date"), DATES)
def test_a_date_in_the_month(text: str, date: MonthDate) -> None:
    assert phrases.parse_month_date(text) == date
    assert phrases.parse_due(text) == date


@pytest.mark.parametrize(("text", "time"), RUNGS)
def test_a_rung_is_before_at_or_after_the_deadline(text: str, time: RungTime) -> None:
    assert phrases.parse_rung_time(text) == time


@pytest.mark.parametrize(("text", "work"), WORK)
def test_work_is_minutes_or_hours(text: str, work: timedelta) -> None:
    assert phrases.parse_work(text) == work


@pytest.mark.parametrize(("parse", "text", "hint"), REFUSED)
def test_what_is_refused_comes_with_a_hint(
    parse: Callable[[str], object], text: str, hint: str
) -> None:
    with pytest.raises(PhraseError) as caught:
        parse(text)
    assert hint in caught.value.hint
    assert 0 <= caught.value.start <= caught.value.end <= len(text)


def test_the_place_of_a_problem_is_the_wrong_word() -> None:
    text = "month end + 3 busness days"
    with pytest.raises(PhraseError) as caught:
        phrases.parse_due(text)
    assert text[caught.value.start : caught.value.end] == "busness days"


@given(st.builds(Budget, st.integers(1, 26), st.sampled_from(Unit)))
def test_a_budget_reads_back_as_it_is_written(budget: Budget) -> None:
    assert phrases.parse_due(str(budget)) == budget


@given(
    st.one_of(
        st.builds(MonthDate, st.just(Anchor.DAY), st.integers(1, 31)),
        st.builds(MonthDate, st.just(Anchor.BUSINESS_DAY), st.integers(1, 23)),
        st.builds(MonthDate, st.just(Anchor.BUSINESS_DAY), st.integers(-23, -1)),
        st.builds(MonthDate, st.just(Anchor.MONTH_END), st.just(0), st.integers(-9, 9)),
    )
)
def test_a_date_reads_back_as_it_is_written(date: MonthDate) -> None:
    assert phrases.parse_due(str(date)) == date


@given(st.text(max_size=60))
def test_any_other_text_is_refused_and_nothing_else(text: str) -> None:
    for parse in (phrases.parse_due, phrases.parse_rung_time, phrases.parse_work):
        with suppress(PhraseError):
            parse(text)
