"""
What an auditor would stop at in a clinic's month of time entries.

Red flags: everyone at exactly the threshold, the same line for everybody, staff-days longer than
a shift, entries made long after the work (medicare-rules, section 3).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.ids import EnrollmentId, PersonId
from ccm_flow.core.time_entries import Entry, EntryFlag

ENOUGH_PATIENTS = 5
"""With fewer patients than this, sameness says nothing."""
SHARE = 0.5
"""From this share on, sameness is a pattern."""
MANY_LATE = 0.25


class AuditKind(StrEnum):
    """A pattern that draws an auditor's eye."""

    EXACT_MINUTES = "exact_minutes"
    SAME_LINE = "same_line"
    LONG_DAY = "long_day"
    LATE_ENTRIES = "late_entries"
    STATED_ENDS = "stated_ends"
    CLASHES = "clashes"


@dataclass(frozen=True, slots=True)
class AuditFlag:
    """One thing to look at, with what it is about."""

    kind: AuditKind
    text: str
    person: PersonId | None = None
    day: date | None = None


def audit(
    entries: Mapping[EnrollmentId, Sequence[Entry]],
    minutes: Mapping[EnrollmentId, int],
    *,
    threshold: int,
    shift: timedelta,
    day_of: Callable[[datetime], date],
) -> tuple[AuditFlag, ...]:
    """
    Look at a clinic's month; `entries` are those that stand, `minutes` what counts.

    `day_of` gives the clinic's date of an instant; `shift` is the longest believable staff-day.
    """
    everything = [entry for rows in entries.values() for entry in rows if entry.seconds]
    return (
        *exact_minutes(minutes, threshold),
        *same_line(entries),
        *long_days(everything, shift, day_of),
        *_shares(everything),
    )


def exact_minutes(minutes: Mapping[EnrollmentId, int], threshold: int) -> list[AuditFlag]:
    """Flag a month in which half of the patients or more stop exactly at the threshold."""
    worked = [value for value in minutes.values() if value > 0]
    exact = sum(value == threshold for value in worked)
    if len(worked) < ENOUGH_PATIENTS or exact < SHARE * len(worked):
        return []
    text = f"{exact} of {len(worked)} patients have exactly {threshold} minutes."
    return [AuditFlag(AuditKind.EXACT_MINUTES, text)]


def same_line(entries: Mapping[EnrollmentId, Sequence[Entry]]) -> list[AuditFlag]:
    """Flag the same activity with the same length, to the second, at half of the patients."""
    seen: Counter[tuple[str, int]] = Counter()
    for rows in entries.values():
        seen.update({(entry.activity, entry.seconds) for entry in rows if entry.seconds})
    patients = sum(1 for rows in entries.values() if rows)
    found = []
    for (activity, seconds), count in sorted(seen.items()):
        if patients >= ENOUGH_PATIENTS and count >= SHARE * patients:
            title = next(spec.title for word, spec in ACTIVITIES.items() if word == activity)
            text = f"{count} of {patients} patients have the same line: {title}, {length(seconds)}."
            found.append(AuditFlag(AuditKind.SAME_LINE, text))
    return found


def long_days(
    entries: Iterable[Entry], shift: timedelta, day_of: Callable[[datetime], date]
) -> list[AuditFlag]:
    """Flag the days on which one person has more time than a shift is long."""
    days: dict[tuple[PersonId, date], int] = defaultdict(int)
    for entry in entries:
        days[entry.person, day_of(entry.started_at)] += entry.seconds
    return [
        AuditFlag(
            AuditKind.LONG_DAY,
            f"{length(seconds)} in one day; the clinic is open for "
            f"{length(int(shift.total_seconds()))}.",
            person,
            day,
        )
        for (person, day), seconds in sorted(days.items())
        if seconds > shift.total_seconds()
    ]


def _shares(entries: Sequence[Entry]) -> list[AuditFlag]:
    late = sum(entry.is_late for entry in entries)
    stated = sum(EntryFlag.END_STATED in entry.flags for entry in entries)
    clashes = sum(EntryFlag.CLASH in entry.flags for entry in entries)
    found = []
    if late and late >= MANY_LATE * len(entries):
        text = f"{late} of {len(entries)} entries were made more than a day after the work."
        found.append(AuditFlag(AuditKind.LATE_ENTRIES, text))
    if stated:
        text = f"{stated} of {len(entries)} entries have an end that was stated afterwards."
        found.append(AuditFlag(AuditKind.STATED_ENDS, text))
    if clashes:
        text = f"{clashes} of {len(entries)} entries overlap another one and wait for correction."
        found.append(AuditFlag(AuditKind.CLASHES, text))
    return found


def length(seconds: int) -> str:
    """Write a length of time to the second: `12:05`, `1:02:05`."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
