"""One piece of work as it was entered, and the entries that stand after all corrections."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from ccm_flow.core.activities import Activity
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

EntryId = NewType("EntryId", str)
LATE_AFTER = timedelta(hours=24)
"""Entered later than this after the work's end, an entry is late and needs a reason."""


class EntryFlag(StrEnum):
    """What should be looked at in an entry."""

    CLASH = "clash"
    """Overlaps another entry; kept because it came with a step, does not count."""
    TOO_LONG = "too_long"
    """Longer than an entry may be; kept because it came with a step, does not count."""
    MONTH_CLOSED = "month_closed"
    """Came in after the month was approved; kept, does not count."""
    END_STATED = "end_stated"
    """The timer ran beyond its limit and a person said when the work ended."""


HELD_FLAGS = frozenset({EntryFlag.CLASH, EntryFlag.TOO_LONG, EntryFlag.MONTH_CLOSED})
"""An entry with one of these does not count until it is corrected."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who worked, when, how long, on what."""

    id: EntryId
    person: PersonId
    credential: Credential | None
    """What the person was licensed as when it was entered; None when nobody said."""
    activity: Activity
    program: str
    """Whose bucket it goes into, e.g. `CCM`."""
    month: Month
    """The clinic's calendar month."""
    started_at: datetime
    seconds: int
    entered_at: datetime
    corrects: EntryId | None = None
    """The entry whose place this one takes."""
    flags: frozenset[EntryFlag] = frozenset()

    @property
    def ended_at(self) -> datetime:
        """When the work ended."""
        return self.started_at + timedelta(seconds=self.seconds)

    @property
    def lag(self) -> timedelta:
        """How long after the work's end it was entered."""
        return entry_lag(self.started_at, self.seconds, self.entered_at)

    @property
    def is_late(self) -> bool:
        """Whether it was entered more than a day after the work."""
        return self.lag > LATE_AFTER

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Tell whether the work shares time with `start` to `end`; touching is no overlap."""
        return self.started_at < end and start < self.ended_at


def entry_lag(started_at: datetime, seconds: int, entered_at: datetime) -> timedelta:
    """Say how long after its end work was entered."""
    return entered_at - (started_at + timedelta(seconds=seconds))


def root_of(entry: Entry, known: Mapping[EntryId, Entry]) -> tuple[EntryId, int]:
    """Give the first entry of a chain of corrections, and how many corrections lie between."""
    seen = {entry.id}
    at, depth = entry, 0
    while at.corrects is not None and at.corrects not in seen:
        depth += 1
        seen.add(at.corrects)
        if at.corrects not in known:
            return at.corrects, depth
        at = known[at.corrects]
    return at.id, depth


def standing(entries: Iterable[Entry]) -> list[Entry]:
    """List the entries that no correction replaced, oldest work first."""
    known = {entry.id: entry for entry in entries}
    latest: dict[EntryId, tuple[tuple[int, datetime, str], Entry]] = {}
    for entry in known.values():
        root, depth = root_of(entry, known)
        rank = (depth, entry.entered_at, entry.id)
        if root not in latest or rank > latest[root][0]:
            latest[root] = (rank, entry)
    return sorted((entry for _, entry in latest.values()), key=lambda one: (one.started_at, one.id))
