"""
The board of a month: in which one of five columns a patient stands, and why.

The columns are looked at in a fixed order and the first one that fits takes the patient, so
nobody is counted twice and nobody is missing. The rules are shown on the page in these words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Column(StrEnum):
    """Where a patient stands in a month."""

    PENDING_ENROLLMENT = "pending_enrollment"
    NEEDS_FOLLOW_UP = "needs_follow_up"
    CONTACTED = "contacted"
    DOCUMENTED = "documented"
    BILLING_READY = "billing_ready"
    LEFT = "left"
    """The month ended without a bill; shown beside the five columns."""


TITLES: Final[Mapping[Column, str]] = MappingProxyType(
    {
        Column.PENDING_ENROLLMENT: "Pending enrollment",
        Column.NEEDS_FOLLOW_UP: "Needs follow-up",
        Column.CONTACTED: "Contacted",
        Column.DOCUMENTED: "Documented",
        Column.BILLING_READY: "Billing-ready",
        Column.LEFT: "Out of this month",
    }
)

RULES: Final[Mapping[Column, str]] = MappingProxyType(
    {
        Column.PENDING_ENROLLMENT: "On the way into the program, not active yet.",
        Column.NEEDS_FOLLOW_UP: (
            "Not reached this month, paused, never opened, a step of care past its deadline, "
            "a question open, or a follow-up due today."
        ),
        Column.CONTACTED: "Reached; minutes or signatures are still missing.",
        Column.DOCUMENTED: (
            "Reached, with the month's minutes and every note signed; "
            "a step or a requirement is still open."
        ),
        Column.BILLING_READY: "Nothing is missing and no step of care is open.",
        Column.LEFT: "The month ended without a bill: withdrawn, deceased, or not ready.",
    }
)
"""What puts a patient into a column, in the words of the page."""


@dataclass(frozen=True, slots=True)
class MonthSeen:
    """What the rules ask about one patient's month."""

    enrolling: bool = False
    """On the way into the program."""
    ended: bool = False
    ended_ready: bool = False
    running: bool = True
    """False while paused, and when nothing was opened for the month."""
    reached: bool = False
    late: bool = False
    """A step of care is open past its deadline."""
    follow_up_open: bool = False
    """A question is open, or a step of follow-up is due today."""
    documented: bool = False
    """The month's minutes are there and no note lacks a signature."""
    missing: int = 0
    """Requirements that are not met."""
    open_steps: int = 0
    """Steps of care that somebody still has to do; the work for the bill is none."""


def column_of(seen: MonthSeen) -> Column:
    """Say in which column a patient stands."""
    if seen.enrolling:
        return Column.PENDING_ENROLLMENT
    if seen.ended:
        return Column.BILLING_READY if seen.ended_ready else Column.LEFT
    if not seen.running or not seen.reached or seen.late or seen.follow_up_open:
        return Column.NEEDS_FOLLOW_UP
    if not seen.documented:
        return Column.CONTACTED
    if seen.missing or seen.open_steps:
        return Column.DOCUMENTED
    return Column.BILLING_READY
