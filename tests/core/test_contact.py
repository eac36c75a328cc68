"""Hours of contact, every row checkable on a wall calendar; also when the clocks change."""

import pytest

from ccm_flow.core.contact import ContactRules, first_channel, within_window
from ccm_flow.core.plan import Channel
from tests.support.clinic import calendar, in_words, local

WORKWEEK = (0, 1, 2, 3, 4)
ALL_WEEK = (*WORKWEEK, 5, 6)
YEAR = calendar("2026-01-01", "2026-12-31")
SIX_DAYS = calendar("2026-01-01", "2026-12-31", days=("mon", "tue", "wed", "thu", "fri", "sat"))

WINDOWS = [
    # the hours of the day
    (WORKWEEK, "2026-12-01 08:00", "Tue 2026-12-01 10:00"),
    (WORKWEEK, "2026-12-01 10:00", "Tue 2026-12-01 10:00"),
    (WORKWEEK, "2026-12-01 18:59", "Tue 2026-12-01 18:59"),
    (WORKWEEK, "2026-12-01 19:00", "Wed 2026-12-02 10:00"),
    # the days: no weekend, no holiday (Thanksgiving is 26 November)
    (WORKWEEK, "2026-12-04 20:00", "Mon 2026-12-07 10:00"),
    (WORKWEEK, "2026-12-05 12:00", "Mon 2026-12-07 10:00"),
    (WORKWEEK, "2026-11-25 20:00", "Fri 2026-11-27 10:00"),
    # a listed day on which the clinic is closed only when there is no other
    (ALL_WEEK, "2026-12-04 20:00", "Mon 2026-12-07 10:00"),
    ((5,), "2026-12-04 20:00", "Sat 2026-12-05 10:00"),
    # the clocks change on 8 March and 1 November
    (WORKWEEK, "2026-03-06 20:00", "Mon 2026-03-09 10:00"),
    ((6,), "2026-03-07 12:00", "Sun 2026-03-08 10:00"),
    ((6,), "2026-10-31 12:00", "Sun 2026-11-01 10:00"),
]


@pytest.mark.parametrize(("days", "instant", "expected"), WINDOWS)
def test_contact_waits_for_the_window(days: tuple[int, ...], instant: str, expected: str) -> None:
    rules = ContactRules(10 * 60, 19 * 60, days)
    assert in_words(within_window(rules, Channel.PHONE, local(instant), YEAR)) == expected


def test_a_clinic_that_works_on_saturday_calls_on_saturday() -> None:
    rules = ContactRules(10 * 60, 19 * 60, ALL_WEEK)
    found = within_window(rules, Channel.TEXT, local("2026-12-04 20:00"), SIX_DAYS)
    assert in_words(found) == "Sat 2026-12-05 10:00"


@pytest.mark.parametrize("channel", [Channel.LETTER, Channel.PORTAL, Channel.EMAIL])
def test_nobody_is_disturbed_by_a_letter(channel: Channel) -> None:
    rules = ContactRules(10 * 60, 19 * 60, WORKWEEK)
    night = local("2026-12-05 23:00")
    assert within_window(rules, channel, night, YEAR) == night


def test_without_rules_every_hour_will_do() -> None:
    night = local("2026-12-05 23:00")
    assert within_window(None, Channel.PHONE, night, YEAR) == night


def test_beyond_the_calendar_nothing_is_moved() -> None:
    rules = ContactRules(10 * 60, 19 * 60, WORKWEEK)
    last = local("2026-12-31 20:00")
    assert within_window(rules, Channel.PHONE, last, YEAR) == last


def test_the_language_is_the_patients_or_one_for_all() -> None:
    facts = {"language": "es"}
    assert ContactRules(0, 60, WORKWEEK).language_for(facts) == "es"
    assert ContactRules(0, 60, WORKWEEK, language="en").language_for(facts) == "en"


@pytest.mark.parametrize(
    ("channel", "preferred", "expected"),
    [
        ("patient", "portal", Channel.PORTAL),
        ("patient", "any", Channel.PHONE),
        ("patient", "video", Channel.PHONE),
        ("planned", "portal", Channel.PHONE),
    ],
)
def test_the_first_channel_is_the_patients_where_both_agree(
    channel: str, preferred: str, expected: Channel
) -> None:
    rules = ContactRules(0, 60, WORKWEEK, channel=channel)
    planned = (Channel.PHONE, Channel.PORTAL)
    assert first_channel(rules, planned, {"preferred_channel": preferred}) is expected
