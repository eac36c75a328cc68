"""Sessions end, tries slow down, weak passwords are told apart."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.sign_in import (
    ABSOLUTE_LIMIT,
    FREE_TRIES,
    IDLE_LIMIT,
    LONGEST_WAIT,
    Session,
    locked_until,
    password_problem,
)

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "idle", "over"),
    [
        (timedelta(0), timedelta(0), False),
        (IDLE_LIMIT - MOMENT, IDLE_LIMIT - MOMENT, False),
        (IDLE_LIMIT, IDLE_LIMIT, True),
        (ABSOLUTE_LIMIT - MOMENT, timedelta(0), False),
        (ABSOLUTE_LIMIT, timedelta(0), True),
    ],
)
def test_a_session_ends_when_idle_or_old(age: timedelta, idle: timedelta, over: bool) -> None:
    assert Session(NOW - age, NOW - idle).is_over(NOW) is over


def test_the_first_wrong_tries_cost_nothing() -> None:
    assert locked_until(FREE_TRIES - 1, NOW) is None


@given(st.integers(min_value=FREE_TRIES, max_value=10_000))
def test_waiting_grows_and_never_beyond_the_longest(failed: int) -> None:
    this, following = locked_until(failed, NOW), locked_until(failed + 1, NOW)
    assert this is not None
    assert following is not None
    assert NOW < this <= following <= NOW + LONGEST_WAIT


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("x" * 201, "at most 200"),
        ("lopez-is-my-name", "Leave your name"),
        ("maria.l-2026-spring", "Leave your name"),
        ("aaaaaaaaaaaaaaa", "different characters"),
        ("correct horse battery", None),
    ],
)
def test_a_weak_password_is_refused_with_what_to_do(password: str, says: str | None) -> None:
    problem = password_problem(password, name="Maria Lopez", username="maria.l")
    if says is None:
        assert problem is None
    else:
        assert problem is not None
        assert says in problem
