"""What is first on the list, and what can wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.adapters.calendars import build_calendar
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.worklist import OpenStep, Place, stand

HOURS = ClinicHours(time_zone="America/New_York")
CALENDAR = build_calendar(
    HOURS, datetime(2026, 11, 1, tzinfo=UTC).date(), datetime(2027, 2, 1, tzinfo=UTC).date()
)
NOW = datetime(2026, 12, 9, 15, tzinfo=UTC)
"""Wednesday, 10:00 at the clinic, which is open from 9 to 17."""


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


@pytest.mark.parametrize(
    ("step", "place"),
    [
        (OpenStep(hours(-1)), Place.NOW),
        (OpenStep(hours(2)), Place.NOW),
        (OpenStep(hours(2.1)), Place.TODAY),
        (OpenStep(hours(7)), Place.TODAY),
        (OpenStep(hours(24)), Place.THIS_WEEK),
        (OpenStep(hours(24 * 5)), Place.LATER),
        (OpenStep(hours(24 * 5), urgent=True), Place.NOW),
        (OpenStep(None), Place.WAITING),
        (OpenStep(hours(48), not_before=hours(3)), Place.TODAY),
        (OpenStep(hours(48), not_before=hours(30)), Place.WAITING),
        (OpenStep(hours(48), not_before=hours(-3)), Place.THIS_WEEK),
        (OpenStep(hours(48), put_off_until=hours(3)), Place.WAITING),
        (OpenStep(hours(-1), put_off_until=hours(3)), Place.WAITING),
        (OpenStep(hours(-1), not_before=hours(30)), Place.NOW),
        (OpenStep(hours(2), welcome_from=hours(1)), Place.TODAY),
    ],
)
def test_each_step_stands_in_one_group(step: OpenStep, place: Place) -> None:
    assert stand(step, NOW, CALENDAR).place is place


def test_what_is_left_is_counted_in_open_time() -> None:
    friday_evening = datetime(2026, 12, 11, 21, tzinfo=UTC)  # 16:00 at the clinic
    monday = datetime(2026, 12, 14, 15, tzinfo=UTC)
    assert stand(OpenStep(monday), friday_evening, CALENDAR).left == timedelta(hours=2)
    assert stand(OpenStep(friday_evening), monday, CALENDAR).left == timedelta(hours=-2)


def test_late_comes_first_then_what_hangs_on_it_then_the_deadline() -> None:
    late, risky = OpenStep(hours(-5)), OpenStep(hours(20), at_risk=True)
    soon, callable_now = OpenStep(hours(1)), OpenStep(hours(1), welcome_from=hours(-1))
    ranked = sorted(
        [soon, risky, callable_now, late], key=lambda step: stand(step, NOW, CALENDAR).rank
    )
    assert ranked == [late, risky, callable_now, soon]


INSTANTS = st.integers(min_value=-500, max_value=1_000).map(hours)


@given(
    st.builds(
        OpenStep,
        st.none() | INSTANTS,
        st.none() | INSTANTS,
        st.none() | INSTANTS,
        st.none() | INSTANTS,
        st.booleans(),
        st.booleans(),
    )
)
def test_nothing_late_waits_unless_a_person_put_it_off(step: OpenStep) -> None:
    standing = stand(step, NOW, CALENDAR)
    put_off = step.put_off_until is not None and step.put_off_until > NOW
    if step.due_at is not None and step.due_at <= NOW and not put_off:
        assert standing.place is Place.NOW
    if standing.place is Place.WAITING and step.due_at is not None:
        assert standing.waits_until is not None
        assert standing.waits_until > NOW
