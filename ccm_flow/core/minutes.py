"""
Which minutes of a month count, and for every other one why it does not.

Exact seconds are summed and floored once; nothing is carried over from another month; clinical
staff's minutes never reach what a practitioner must do personally; a practitioner's own may
count as staff time (medicare-rules, sections 1 and 2; Noridian CCM; CMS FAQ 2017).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.credentials import StaffKind, staff_kind
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import HELD_FLAGS, Entry, EntryFlag, standing

_MINUTE = 60


class WhyNot(StrEnum):
    """Why an entry does not count."""

    CORRECTED = "corrected"
    OTHER_MONTH = "other_month"
    OTHER_PROGRAM = "other_program"
    TOO_LONG = "too_long"
    MONTH_CLOSED = "month_closed"
    CLASH = "clash"
    ACTIVITY = "activity"
    NO_CREDENTIAL = "no_credential"
    NON_CLINICAL = "non_clinical"
    NO_CONSENT = "no_consent"
    INPATIENT = "inpatient"
    PART_OF_VISIT = "part_of_visit"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time; without an end it goes on."""

    start: datetime
    end: datetime | None = None

    def holds(self, instant: datetime) -> bool:
        """Tell whether an instant lies in it."""
        return self.start <= instant and (self.end is None or instant < self.end)

    def meets(self, entry: Entry) -> bool:
        """Tell whether an entry's work shares time with it."""
        return self.start < entry.ended_at and (self.end is None or entry.started_at < self.end)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What must be known of a patient's month to judge its minutes."""

    program: str
    month: Month
    consented: tuple[Span, ...] = ()
    """When a consent was in force."""
    stays: tuple[Span, ...] = ()
    """Hospital and nursing-facility stays, and pauses for them."""
    visits: tuple[Span, ...] = ()
    """Visits that are billed by themselves."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A month's countable time, and each entry that is not in it."""

    clinical_seconds: int = 0
    practitioner_seconds: int = 0
    not_counted: tuple[tuple[Entry, WhyNot], ...] = ()

    @property
    def minutes(self) -> int:
        """Whole minutes of everybody: a practitioner's own may count as staff time."""
        return (self.clinical_seconds + self.practitioner_seconds) // _MINUTE

    @property
    def practitioner_minutes(self) -> int:
        """Whole minutes of practitioners alone."""
        return self.practitioner_seconds // _MINUTE


def count(entries: Iterable[Entry], about: Circumstances) -> Counted:
    """
    Judge the entries of one patient; their order does not matter.

    Where two that would count share time, the one entered first counts and the other does not:
    a second person in the same conversation never counts twice.
    """
    everything = {entry.id: entry for entry in entries}
    stand = standing(everything.values())
    standing_ids = {entry.id for entry in stand}
    out = [(one, WhyNot.CORRECTED) for one in everything.values() if one.id not in standing_ids]
    counted: list[Entry] = []
    for entry in sorted(stand, key=lambda one: (one.entered_at, one.id)):
        why = _why_not(entry, about)
        if why is None and any(one.overlaps(entry.started_at, entry.ended_at) for one in counted):
            why = WhyNot.CLASH
        if why is None:
            counted.append(entry)
        else:
            out.append((entry, why))
    sums = {StaffKind.CLINICAL: 0, StaffKind.PRACTITIONER: 0}
    for entry in counted:
        if entry.credential is not None:
            sums[staff_kind(entry.credential)] += entry.seconds
    return Counted(
        clinical_seconds=sums[StaffKind.CLINICAL],
        practitioner_seconds=sums[StaffKind.PRACTITIONER],
        not_counted=tuple(sorted(out, key=lambda pair: (pair[0].started_at, pair[0].id))),
    )


def _why_not(entry: Entry, about: Circumstances) -> WhyNot | None:
    """Give the first reason against an entry, seen alone."""
    if entry.month != about.month:
        return WhyNot.OTHER_MONTH
    if entry.program != about.program:
        return WhyNot.OTHER_PROGRAM
    if entry.flags & HELD_FLAGS:
        return _held(entry)
    if not ACTIVITIES[entry.activity].counts:
        return WhyNot.ACTIVITY
    if entry.credential is None:
        return WhyNot.NO_CREDENTIAL
    if staff_kind(entry.credential) is StaffKind.NON_CLINICAL:
        return WhyNot.NON_CLINICAL
    return _wrong_time(entry, about)


def _wrong_time(entry: Entry, about: Circumstances) -> WhyNot | None:
    if not any(span.holds(entry.started_at) for span in about.consented):
        return WhyNot.NO_CONSENT
    if any(span.meets(entry) for span in about.stays):
        return WhyNot.INPATIENT
    if any(span.meets(entry) for span in about.visits):
        return WhyNot.PART_OF_VISIT
    return None


def _held(entry: Entry) -> WhyNot:
    if EntryFlag.MONTH_CLOSED in entry.flags:
        return WhyNot.MONTH_CLOSED
    return WhyNot.CLASH if EntryFlag.CLASH in entry.flags else WhyNot.TOO_LONG


def why_not_text(entry: Entry, why: WhyNot) -> str:
    """Say why an entry does not count."""
    if why is WhyNot.ACTIVITY:
        return ACTIVITIES[entry.activity].not_counted_because
    return _TEXTS[why]


_TEXTS = {
    WhyNot.CORRECTED: "a correction took its place",
    WhyNot.OTHER_MONTH: "it belongs to another month",
    WhyNot.OTHER_PROGRAM: "it belongs to another program",
    WhyNot.TOO_LONG: "it is longer than an entry may be; correct it",
    WhyNot.MONTH_CLOSED: "the month was approved before it came in",
    WhyNot.CLASH: "it overlaps another entry; correct it",
    WhyNot.NO_CREDENTIAL: "the clinic's file gives no credential for the person",
    WhyNot.NON_CLINICAL: "non-clinical staff's minutes never count",
    WhyNot.NO_CONSENT: "no consent was in force then",
    WhyNot.INPATIENT: "the patient was in hospital, or the month was paused",
    WhyNot.PART_OF_VISIT: "it is part of a visit",
}
