"""
Where a month loses work, minutes or evidence.

Each leak is work that was done and does not count, or work that was owed and not done. Auditors
stop at late entries, unsigned notes and notes that are copies (medicare-rules section 3; OIG
A-07-19-05122); the clinic loses by the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ccm_flow.core.ids import SYSTEM, PersonId
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Phase


class Leak(StrEnum):
    """One way in which a month loses something."""

    UNDONE_STEPS = "undone_steps"
    UNLOGGED_WORK = "unlogged_work"
    LATE_ENTRIES = "late_entries"
    NOT_REACHED = "not_reached"
    UNSIGNED_NOTES = "unsigned_notes"
    SIMILAR_NOTES = "similar_notes"
    TIME_PATTERNS = "time_patterns"


TITLES: Final[Mapping[Leak, str]] = MappingProxyType(
    {
        Leak.UNDONE_STEPS: "Incomplete cycles",
        Leak.UNLOGGED_WORK: "Unlogged work",
        Leak.LATE_ENTRIES: "Late entries",
        Leak.NOT_REACHED: "Outreach without contact",
        Leak.UNSIGNED_NOTES: "Unsigned notes",
        Leak.SIMILAR_NOTES: "Near-duplicate notes",
        Leak.TIME_PATTERNS: "Patterns in the time",
    }
)

RULES: Final[Mapping[Leak, str]] = MappingProxyType(
    {
        Leak.UNDONE_STEPS: "Steps that ended undone: expired, or past their deadline at the end.",
        Leak.UNLOGGED_WORK: "Steps of care that a person completed without any time on them.",
        Leak.LATE_ENTRIES: "Time entered more than a day after the work.",
        Leak.NOT_REACHED: "Patients who were tried this month and not reached.",
        Leak.UNSIGNED_NOTES: "Notes without their author's signature, or without the second one.",
        Leak.SIMILAR_NOTES: "Notes that read almost like an earlier one.",
        Leak.TIME_PATTERNS: "What an auditor would stop at in the month's entries.",
    }
)
"""What is counted, in the words of the page."""

_NOT_CARE: Final = (Phase.READINESS, Phase.REPORTING)
"""Work for the bill is no care: its time never counts, so its lack is no leak."""


@dataclass(frozen=True, slots=True)
class StepSeen:
    """What the rules ask about one opening of a step."""

    status: StepStatus
    phase: str
    ended_by: PersonId | None
    expected: timedelta
    """How long the playbook expects it to take."""
    logged: timedelta
    """What was entered on it and stands after all corrections."""
    past_due: bool = False
    """It ended after its deadline."""


def leak_of_step(step: StepSeen) -> Leak | None:
    """Say what a step loses, if anything."""
    missed = step.status is StepStatus.WITHDRAWN and step.past_due
    if step.status is StepStatus.EXPIRED or missed:
        return Leak.UNDONE_STEPS
    by_person = step.ended_by is not None and step.ended_by != SYSTEM
    owes_time = step.phase not in _NOT_CARE and step.expected > timedelta(0)
    if step.status is StepStatus.DONE and by_person and owes_time and step.logged <= timedelta(0):
        return Leak.UNLOGGED_WORK
    return None


def tried_in_vain(tries: int, contacts: int) -> bool:
    """Tell whether a patient was tried in the month and not reached."""
    return tries > 0 and contacts == 0


def lacks_signature(*, signed: bool, needs_second: bool, has_second: bool) -> bool:
    """Tell whether a note lacks its author's signature, or the second one it needs."""
    return not signed or (needs_second and not has_second)
