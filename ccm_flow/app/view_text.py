"""Words for what the views hold: instants in the clinic's zone, reasons, codes as words."""

from datetime import datetime
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from ccm_flow.app.views import Why, WhyKind
from ccm_flow.app.views_patient import TimelineEntry


def clinic_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Write an instant as the clinic's staff say it: `Dec 7 17:00`; a dash for none."""
    if at is None:
        return "-"
    local = at.astimezone(zone)
    return f"{local:%b} {local.day} {local:%H:%M}"


def words(code: str) -> str:
    """Turn a code into words: `not_ready` into `not ready`."""
    return code.replace("_", " ")


class Listed(Protocol):
    """What of a listed step its reasons speak about."""

    @property
    def urgency(self) -> str | None:
        """Of a question."""

    @property
    def role_title(self) -> str:
        """Of the role that has the step."""

    @property
    def attempt(self) -> int | None:
        """The number of the next attempt."""

    @property
    def attempts_allowed(self) -> int | None:
        """How many there may be."""


def why_text(why: Why, row: Listed, zone: ZoneInfo) -> str:
    """Say why a step is on the list."""
    match why.kind:
        case WhyKind.OVERDUE:
            return f"overdue since {clinic_time(why.at, zone)}"
        case WhyKind.PAUSED:
            return "paused: its clock stands still"
        case WhyKind.QUESTION:
            return f"{row.urgency or 'routine'} question: {why.text}".rstrip(": ")
        case WhyKind.RETURNED:
            return f"returned: {why.text}".rstrip(": ")
        case WhyKind.ESCALATED:
            return f"escalated to the {row.role_title.lower()}"
        case WhyKind.ATTEMPT_PLANNED:
            return f"{_attempt(row)} planned for {clinic_time(why.at, zone)}"
        case WhyKind.ATTEMPT_DUE:
            return f"{_attempt(row)} can be made now"
        case WhyKind.OPEN:
            day, _, _ = clinic_time(why.at, zone).rpartition(" ")
            return f"open since {day}"
        case _ as never:
            assert_never(never)


def timeline_text(entry: TimelineEntry, zone: ZoneInfo) -> str:
    """Write a timeline entry's sentence, with the deadline it was about."""
    if entry.due_at is None:
        return entry.text
    return f"{entry.text} (due {clinic_time(entry.due_at, zone)})"


def _attempt(row: Listed) -> str:
    allowed = f" of {row.attempts_allowed}" if row.attempts_allowed else ""
    return f"attempt {row.attempt}{allowed}"
