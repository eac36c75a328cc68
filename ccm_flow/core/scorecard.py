"""What a clinic's month is told by: numbers, each of which is the length of a list."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ccm_flow.core.leaks import TITLES as LEAK_TITLES
from ccm_flow.core.leaks import Leak


class Count(StrEnum):
    """One number of a scorecard."""

    PATIENTS = "patients"
    READY = "ready"
    NOT_READY = "not_ready"
    RUNNING = "running"
    REACHED = "reached"
    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    ENTRIES = "entries"
    ESCALATIONS = "escalations"
    UNANSWERED = "unanswered"
    ALERTS = "alerts"
    LATE_ALERTS = "late_alerts"
    UNDONE_STEPS = "undone_steps"
    UNLOGGED_WORK = "unlogged_work"
    LATE_ENTRIES = "late_entries"
    NOT_REACHED = "not_reached"
    UNSIGNED_NOTES = "unsigned_notes"
    SIMILAR_NOTES = "similar_notes"


LEAKS: Final[Mapping[Count, Leak]] = MappingProxyType(
    {
        Count.UNDONE_STEPS: Leak.UNDONE_STEPS,
        Count.UNLOGGED_WORK: Leak.UNLOGGED_WORK,
        Count.LATE_ENTRIES: Leak.LATE_ENTRIES,
        Count.NOT_REACHED: Leak.NOT_REACHED,
        Count.UNSIGNED_NOTES: Leak.UNSIGNED_NOTES,
        Count.SIMILAR_NOTES: Leak.SIMILAR_NOTES,
    }
)
"""Numbers that are those of the leaks."""

TITLES: Final[Mapping[Count, str]] = MappingProxyType(
    {
        Count.PATIENTS: "Patients with a month",
        Count.READY: "Ended ready for billing",
        Count.NOT_READY: "Ended without a bill",
        Count.RUNNING: "Still running",
        Count.REACHED: "Reached at least once",
        Count.ON_TIME: "Steps done on time",
        Count.LATE: "Steps done late",
        Count.MISSED: "Deadlines missed",
        Count.ENTRIES: "Entries of time",
        Count.ESCALATIONS: "Questions put",
        Count.UNANSWERED: "Questions without an answer",
        Count.ALERTS: "Alerts to the other organization",
        Count.LATE_ALERTS: "Alerts not taken in time",
        **{count: LEAK_TITLES[leak] for count, leak in LEAKS.items()},
    }
)

GROUPS: Final[tuple[tuple[str, tuple[Count, ...]], ...]] = (
    (
        "Patients",
        (Count.PATIENTS, Count.READY, Count.NOT_READY, Count.RUNNING, Count.REACHED),
    ),
    ("Deadlines", (Count.ON_TIME, Count.LATE, Count.MISSED)),
    ("Work", (Count.ENTRIES, Count.ESCALATIONS, Count.UNANSWERED)),
    ("Between the organizations", (Count.ALERTS, Count.LATE_ALERTS)),
    ("Leaks", tuple(LEAKS)),
)
"""As they stand on the page."""
