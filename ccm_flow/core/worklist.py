"""
In which order a person's open steps matter, and what can wait.

The engine knows when a step is due; this says what to do first with the day. A list that shows
everything at once is read from the top and left at the third line, so it is cut into groups.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError

SOON: Final = timedelta(hours=2)
"""Open time: what is due within it is for now."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Place(StrEnum):
    """The groups of a work list, in the order in which they are shown."""

    NOW = "now"
    TODAY = "today"
    THIS_WEEK = "this_week"
    LATER = "later"
    WAITING = "waiting"
    """Nothing can or should be done yet: paused, put off, the next attempt planned for later."""


@dataclass(frozen=True, slots=True)
class OpenStep:
    """What the order needs to know of a step."""

    due_at: datetime | None
    """None while the cycle is paused."""
    not_before: datetime | None = None
    """When the next attempt is planned."""
    put_off_until: datetime | None = None
    """A person's own choice, with a reason."""
    welcome_from: datetime | None = None
    """From when a call is welcome, of a step that calls; now or earlier when it is welcome now."""
    urgent: bool = False
    at_risk: bool = False
    """The month will not be ready unless this gets done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a step stands on the list."""

    place: Place
    rank: tuple[bool, bool, datetime, bool]
    """Sorts a group: late first, then what hangs on it, then by deadline; a welcome call first."""
    left: timedelta | None
    """Open time until the deadline, negative when it has passed; None while paused."""
    waits_until: datetime | None
    """Until when a waiting step waits, where that is known."""


def stand(step: OpenStep, now: datetime, calendar: WorkCalendar) -> Standing:
    """Say where a step stands now; `calendar` is its clinic's."""
    due = step.due_at or _NEVER
    waits_until = _waits_until(step, now)
    callable_now = step.welcome_from is not None and step.welcome_from <= now
    return Standing(
        place=_place(step, waits_until, now, calendar),
        rank=(due >= now, not (step.urgent or step.at_risk), due, not callable_now),
        left=_left(step.due_at, now, calendar),
        waits_until=waits_until,
    )


def _waits_until(step: OpenStep, now: datetime) -> datetime | None:
    """Give the latest of what a step waits for, when that is ahead."""
    ahead = [
        at
        for at in (step.not_before, step.put_off_until, step.welcome_from)
        if at is not None and at > now
    ]
    return max(ahead, default=None)


def _place(
    step: OpenStep, waits_until: datetime | None, now: datetime, calendar: WorkCalendar
) -> Place:
    if step.due_at is None:
        return Place.WAITING
    late, put_off = step.due_at <= now, (step.put_off_until or now) > now
    # A deadline that passes brings a step back, whatever it was waiting for.
    if late and not put_off:
        return Place.NOW
    tonight, sunday = _ends(now, calendar)
    if waits_until is not None:
        return Place.TODAY if waits_until < tonight and not put_off else Place.WAITING
    left = _left(step.due_at, now, calendar)
    if step.urgent or (left is not None and left <= SOON):
        return Place.NOW
    if step.due_at < tonight:
        return Place.TODAY
    return Place.THIS_WEEK if step.due_at < sunday else Place.LATER


def _ends(now: datetime, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """Give the end of the clinic's day and of its week (Sunday's midnight)."""
    today = calendar.date_of(now)
    return (
        calendar.start_of(today + timedelta(days=1)),
        calendar.start_of(today + timedelta(days=7 - today.weekday())),
    )


def _left(due: datetime | None, now: datetime, calendar: WorkCalendar) -> timedelta | None:
    if due is None:
        return None
    try:
        if due < now:
            return -calendar.working_time_between(due, now)
        return calendar.working_time_between(now, due)
    except CalendarTooShortError:  # far away: plain time is good enough there
        return due - now
