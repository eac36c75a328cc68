"""The working calendar: every row is a date that a clinic manager can look up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.adapters.calendars import UnknownTimeZoneError
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError
from tests.support.clinic import calendar, in_words, local, two_years

NEW_YORK, CHICAGO, ANCHORAGE = "America/New_York", "America/Chicago", "America/Anchorage"
PHOENIX, HONOLULU = "America/Phoenix", "Pacific/Honolulu"
ZONES = [NEW_YORK, CHICAGO, ANCHORAGE, PHOENIX, HONOLULU, "America/Los_Angeles"]


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        (NEW_YORK, "2026-03-06", "14:00"),
        (NEW_YORK, "2026-03-09", "13:00"),
        (NEW_YORK, "2026-10-30", "13:00"),
        (NEW_YORK, "2026-11-02", "14:00"),
        (NEW_YORK, "2027-03-12", "14:00"),
        (NEW_YORK, "2027-03-15", "13:00"),
        (NEW_YORK, "2027-11-05", "13:00"),
        (NEW_YORK, "2027-11-08", "14:00"),
        (CHICAGO, "2026-03-06", "15:00"),
        (CHICAGO, "2026-03-09", "14:00"),
        (ANCHORAGE, "2026-03-06", "18:00"),
        (ANCHORAGE, "2026-03-09", "17:00"),
        (PHOENIX, "2026-03-06", "16:00"),
        (PHOENIX, "2026-03-09", "16:00"),
        (PHOENIX, "2026-11-02", "16:00"),
        (HONOLULU, "2026-03-06", "19:00"),
        (HONOLULU, "2026-03-09", "19:00"),
        (HONOLULU, "2027-11-08", "19:00"),
    ],
)
def test_a_clinic_opens_at_nine_whatever_summer_time_does(zone: str, day: str, utc: str) -> None:
    """Nine in the morning is another instant in winter, except where clocks are left alone."""
    opening = two_years(zone).opening(date.fromisoformat(day))
    assert f"{opening:%Y-%m-%d %H:%M}" == f"{day} {utc}"
    assert opening.tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (NEW_YORK, "2026-03-08", 23),
        (NEW_YORK, "2026-11-01", 25),
        (NEW_YORK, "2027-03-14", 23),
        (NEW_YORK, "2027-11-07", 25),
        (NEW_YORK, "2026-07-01", 24),
        (CHICAGO, "2026-03-08", 23),
        (PHOENIX, "2026-03-08", 24),
        (PHOENIX, "2026-11-01", 24),
        (HONOLULU, "2026-11-01", 24),
    ],
)
def test_the_days_on_which_clocks_change_are_an_hour_shorter_or_longer(
    zone: str, day: str, hours: int
) -> None:
    """Days are counted at the clinic, not in steps of 24 hours."""
    today = date.fromisoformat(day)
    cal = two_years(zone)
    assert cal.start_of(today + timedelta(days=1)) - cal.start_of(today) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "New Year"),
        ("2026-01-19", "Martin Luther King Jr."),
        ("2026-02-16", "Washington's Birthday"),
        ("2026-05-25", "Memorial Day"),
        ("2026-06-19", "Juneteenth"),
        ("2026-07-03", "Independence Day, a Saturday, observed"),
        ("2026-09-07", "Labor Day"),
        ("2026-10-12", "Columbus Day"),
        ("2026-11-11", "Veterans Day"),
        ("2026-11-26", "Thanksgiving"),
        ("2026-12-25", "Christmas"),
        ("2027-01-01", "New Year"),
        ("2027-06-18", "Juneteenth, a Saturday, observed"),
        ("2027-07-05", "Independence Day, a Sunday, observed"),
        ("2027-12-24", "Christmas, a Saturday, observed"),
        ("2027-12-31", "New Year 2028, a Saturday, observed"),
        ("2026-12-05", "a Saturday"),
        ("2026-12-06", "a Sunday"),
    ],
)
def test_the_clinic_is_closed(day: str, name: str) -> None:
    """Weekends and the federal holidays, also those moved to a Friday or a Monday."""
    assert not two_years().is_business_day(date.fromisoformat(day)), name


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-07-02", "the day before the observed Fourth of July"),
        ("2026-07-06", "the Monday after it"),
        ("2026-11-27", "the Friday after Thanksgiving"),
        ("2026-12-24", "Christmas Eve"),
        ("2026-12-31", "New Year's Eve"),
        ("2027-12-27", "the Monday after an observed Christmas"),
    ],
)
def test_the_clinic_is_open(day: str, name: str) -> None:
    """Days people often take for holidays are business days unless the clinic closes them."""
    assert two_years().is_business_day(date.fromisoformat(day)), name


def test_a_closure_day_is_no_business_day() -> None:
    """The clinic's own closures count like holidays."""
    cal = calendar("2026-11-20", "2026-12-10", closures=["2026-11-27"])
    assert not cal.is_business_day(date(2026, 11, 27))
    assert cal.business_day_after(date(2026, 11, 25), 1) == date(2026, 11, 30)


def test_a_clinic_may_work_on_saturdays() -> None:
    """Working days are the clinic's own."""
    cal = calendar("2026-12-01", "2026-12-31", days=["tue", "sat"], opens="08:30", closes="12:00")
    assert cal.business_day_after(date(2026, 12, 4), 1) == date(2026, 12, 5)
    assert in_words(cal.opening(date(2026, 12, 5))) == "Sat 2026-12-05 08:30"


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-12-04", 1, "2026-12-07"),
        ("2026-12-05", 1, "2026-12-07"),
        ("2026-12-06", 1, "2026-12-07"),
        ("2026-12-07", 1, "2026-12-08"),
        ("2026-12-04", 0, "2026-12-04"),
        ("2026-12-05", 0, "2026-12-07"),
        ("2026-12-25", 0, "2026-12-28"),
        ("2026-12-07", -1, "2026-12-04"),
        ("2026-12-06", -1, "2026-12-04"),
        ("2026-12-24", 1, "2026-12-28"),
        ("2026-12-28", -1, "2026-12-24"),
        ("2026-11-25", 1, "2026-11-27"),
        ("2026-07-02", 1, "2026-07-06"),
        ("2026-12-31", 1, "2027-01-04"),
        ("2026-11-30", 8, "2026-12-10"),
        ("2027-01-01", -5, "2026-12-24"),
    ],
)
def test_business_days_are_counted_strictly_after_the_day(
    day: str, count: int, expected: str
) -> None:
    """From a Friday, one business day on is Monday; from the weekend as well."""
    found = two_years().business_day_after(date.fromisoformat(day), count)
    assert found == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("after", "until", "expected"),
    [
        ("2026-11-30", "2026-12-31", 22),
        ("2026-12-24", "2026-12-28", 1),
        ("2026-12-04", "2026-12-06", 0),
        ("2026-12-04", "2026-12-04", 0),
        ("2026-12-07", "2026-12-04", 0),
    ],
)
def test_business_days_between_leave_out_the_first_day(
    after: str, until: str, expected: int
) -> None:
    """December 2026 has 22 business days."""
    found = two_years().business_days_between(date.fromisoformat(after), date.fromisoformat(until))
    assert found == expected


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-12-04 09:00", "2026-12-04 17:00", 8),
        ("2026-12-04 16:00", "2026-12-07 10:00", 2),
        ("2026-12-04 17:00", "2026-12-07 09:00", 0),
        ("2026-12-04 00:00", "2026-12-04 23:59", 8),
        ("2026-12-05 00:00", "2026-12-06 23:59", 0),
        ("2026-12-24 12:00", "2026-12-28 12:00", 8),
        ("2026-03-06 09:00", "2026-03-09 17:00", 16),
        ("2026-10-30 16:00", "2026-11-02 10:00", 2),
        ("2026-12-07 10:00", "2026-12-04 10:00", 0),
    ],
)
def test_working_time_counts_only_open_hours(start: str, end: str, hours: int) -> None:
    """Nights, weekends, holidays and changed clocks add nothing."""
    assert two_years().working_time_between(local(start), local(end)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2026-12-04 08:59", False),
        ("2026-12-04 09:00", True),
        ("2026-12-04 16:59", True),
        ("2026-12-04 17:00", False),
        ("2026-12-05 12:00", False),
        ("2026-12-25 12:00", False),
    ],
)
def test_the_clinic_is_open_from_its_opening_until_its_closing(instant: str, is_open: bool) -> None:
    """At the closing minute it is closed."""
    assert two_years().is_open(local(instant)) is is_open


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        (NEW_YORK, "2026-12-04 23:59", "2026-12-04"),
        (NEW_YORK, "2026-12-05 00:00", "2026-12-05"),
        (HONOLULU, "2026-12-31 23:59", "2026-12-31"),
        (NEW_YORK, "2026-11-01 23:30", "2026-11-01"),
    ],
)
def test_a_day_is_the_clinics_day(zone: str, instant: str, day: str) -> None:
    """Not the server's, and not UTC's."""
    assert two_years(zone).date_of(local(instant, zone)) == date.fromisoformat(day)


def test_a_closed_day_opens_at_midnight_and_closes_in_its_last_minute() -> None:
    """So that a date on a Sunday is still a moment of that Sunday."""
    cal = two_years()
    assert in_words(cal.opening(date(2026, 12, 6))) == "Sun 2026-12-06 00:00"
    assert in_words(cal.closing(date(2026, 12, 6))) == "Sun 2026-12-06 23:59"
    assert in_words(cal.closing(date(2026, 11, 1))) == "Sun 2026-11-01 23:59"


@pytest.mark.parametrize(
    "ask",
    [
        lambda cal: cal.opening(date(2025, 12, 31)),
        lambda cal: cal.closing(date(2028, 1, 1)),
        lambda cal: cal.business_day_after(date(2027, 12, 30), 1),
        lambda cal: cal.business_day_after(date(2026, 1, 1), -1),
        lambda cal: cal.date_of(local("2025-12-31 23:59")),
        lambda cal: cal.date_of(local("2028-01-01 00:00")),
        lambda cal: cal.add_working_time(local("2027-12-30 16:00"), timedelta(hours=2)),
    ],
)
def test_a_question_beyond_the_calendar_is_an_error_not_a_guess(ask: object) -> None:
    """The message names the days that are covered."""
    assert callable(ask)
    with pytest.raises(CalendarTooShortError, match="2026-01-01 to 2027-12-31"):
        ask(two_years())


def test_an_unknown_time_zone_is_named() -> None:
    """A typo in a clinic's settings is a sentence."""
    with pytest.raises(UnknownTimeZoneError, match="'America/New_Yrok' is not a time zone"):
        calendar("2026-12-01", "2026-12-31", zone="America/New_Yrok")


calendars = st.sampled_from(ZONES).map(two_years)
days = st.dates(date(2026, 2, 1), date(2027, 11, 30))
instants = st.datetimes(datetime(2026, 2, 1), datetime(2027, 11, 30)).map(  # noqa: DTZ001 - UTC next
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
amounts = st.integers(1, 100 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(calendars, days, st.integers(1, 15))
def test_business_days_forth_and_back_lead_home(cal: WorkCalendar, day: date, count: int) -> None:
    """From a business day, n on and n back is the same day."""
    day = cal.business_day_after(day, 0)
    assert cal.business_day_after(cal.business_day_after(day, count), -count) == day
    assert cal.business_days_between(day, cal.business_day_after(day, count)) == count


@given(calendars, st.tuples(instants, instants, instants))
def test_working_time_adds_up(
    cal: WorkCalendar, moments: tuple[datetime, datetime, datetime]
) -> None:
    """Measured in two parts it is as long as measured in one."""
    first, middle, last = sorted(moments)
    parts = cal.working_time_between(first, middle) + cal.working_time_between(middle, last)
    assert cal.working_time_between(first, last) == parts


@given(calendars, instants, amounts)
def test_after_adding_working_time_that_much_has_passed(
    cal: WorkCalendar, start: datetime, amount: timedelta
) -> None:
    """And the end is a moment at which the clinic is open, or just closes."""
    end = cal.add_working_time(start, amount)
    assert cal.working_time_between(start, end) == amount
    assert cal.is_open(end - timedelta(minutes=1))


@given(calendars, instants, instants)
def test_adding_the_time_between_leads_there(
    cal: WorkCalendar, one: datetime, other: datetime
) -> None:
    """For any end at which the clinic is open."""
    start, end = sorted((one, other))
    between = cal.working_time_between(start, end)
    if between and cal.is_open(end - timedelta(minutes=1)):
        assert cal.add_working_time(start, between) == end


@given(calendars, instants)
def test_every_instant_lies_in_its_day(cal: WorkCalendar, instant: datetime) -> None:
    """Between that day's start and the next day's."""
    day = cal.date_of(instant)
    assert cal.start_of(day) <= instant < cal.start_of(day + timedelta(days=1))
