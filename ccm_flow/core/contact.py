"""
Contact rules: the hours, language and channel in which patients like to be reached.

A window is minutes after the clinic's midnight; the days' borders come from the calendar's
numbers, so no time zone is needed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.facts import FactValue
from ccm_flow.core.words import Channel

PATIENT = "patient"
"""As language or channel: the one that the patient prefers."""
_QUIET = frozenset([Channel.LETTER, Channel.PORTAL, Channel.EMAIL])
"""Nobody is disturbed by these, at whatever hour."""
_LOOK_AHEAD = 10
"""Days; longer than any row of holidays and the weekend beside it."""


@dataclass(frozen=True, slots=True)
class ContactRules:
    """When and how the playbook's attempts reach a patient."""

    start: int
    """The window's first minute of the day, after midnight."""
    end: int
    """Its end."""
    days: tuple[int, ...]
    """Its weekdays; Monday is 0."""
    language: str = PATIENT
    """Of scripts: the patient's, or one for all, e.g. `en`."""
    channel: str = "planned"
    """Of the first attempt: `planned`, or `patient` for the preferred one if it is planned too."""

    def language_for(self, facts: Mapping[str, FactValue]) -> str:
        """Give the language in which a patient is spoken to."""
        return str(facts["language"]) if self.language == PATIENT else self.language


def within_window(
    rules: ContactRules | None, channel: Channel, instant: datetime, calendar: WorkCalendar
) -> datetime:
    """
    Give the first instant from `instant` on at which contact by `channel` is welcome.

    On a day the clinic works, if one of the listed days is one.
    """
    if rules is None or channel in _QUIET:
        return instant
    try:
        day = calendar.date_of(instant)
        if day.weekday() in rules.days and calendar.is_business_day(day):
            start, end = (calendar.at_minute(day, minute) for minute in (rules.start, rules.end))
            if start <= instant < end:
                return instant
        days = [day + timedelta(days=i) for i in range(_LOOK_AHEAD)]
        listed = [day for day in days if day.weekday() in rules.days]
        for day in [day for day in listed if calendar.is_business_day(day)] + listed:
            if instant < calendar.at_minute(day, rules.end):
                return max(instant, calendar.at_minute(day, rules.start))
    except CalendarTooShortError:
        return instant  # beyond the calendar is beyond the cycle
    return instant


def first_channel(
    rules: ContactRules | None, planned: Sequence[Channel], facts: Mapping[str, FactValue]
) -> Channel:
    """Give the channel of the first attempt: the patient's own, where rules and plan allow it."""
    if rules is not None and rules.channel == PATIENT:
        for channel in planned:
            if channel == facts.get("preferred_channel"):
                return channel
    return planned[0]
