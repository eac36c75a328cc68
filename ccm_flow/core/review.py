"""
The readiness review: is everything there that a program needs, area by area.

Each item is either worked out from the set-up and the record, or asked of people. What nobody
knows is never counted as met.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ccm_flow.core.ids import PersonId


class Area(StrEnum):
    """What an item is about."""

    WORKFLOW = "workflow"
    DOCUMENTATION = "documentation"
    ENGAGEMENT = "engagement"
    VISIBILITY = "visibility"
    CAPACITY = "capacity"
    CONSENT = "consent"
    EHR = "ehr"


AREA_TITLES: Final[Mapping[Area, str]] = MappingProxyType(
    {
        Area.WORKFLOW: "Workflow",
        Area.DOCUMENTATION: "Documentation",
        Area.ENGAGEMENT: "Patient engagement",
        Area.VISIBILITY: "Visibility",
        Area.CAPACITY: "Capacity",
        Area.CONSENT: "Consent",
        Area.EHR: "EHR alignment",
    }
)


class Standing(StrEnum):
    """How an item stands."""

    MET = "met"
    PARTLY = "partly"
    GAP = "gap"
    NOT_KNOWN = "not_known"
    """Nobody has answered, or nobody has looked; counts as nothing."""
    NOT_YET = "not_yet"
    """There is nothing to look at before patients are enrolled or a month has run."""


STANDING_WORDS: Final[Mapping[Standing, str]] = MappingProxyType(
    {
        Standing.MET: "met",
        Standing.PARTLY: "partly",
        Standing.GAP: "gap",
        Standing.NOT_KNOWN: "not known",
        Standing.NOT_YET: "too early",
    }
)


class Said(StrEnum):
    """What somebody answered."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


_MEANS: Final[Mapping[Said, Standing]] = MappingProxyType(
    {Said.YES: Standing.MET, Said.PARTLY: Standing.PARTLY, Said.NO: Standing.GAP}
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist."""

    id: str
    area: Area
    title: str
    """A statement that is true when the item is met."""
    weight: int
    """1 to 3: how much a gap weighs in its area."""
    mend: str
    """What to do about a gap: a command, or a page in words."""
    page: str = ""
    """The page that mends it, below `/`, with `{clinic}`; empty when it is no page."""
    required: bool = False
    """A clinic's first month is not opened while this is a gap."""
    holds_for: timedelta | None = None
    """An item that is asked: how long an answer holds. None for what is worked out."""
    after_a_month: bool = False
    """An item that is asked: only once a month is over."""

    @property
    def is_asked(self) -> bool:
        """Tell whether people answer it."""
        return self.holds_for is not None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about an item."""

    standing: Standing
    detail: str
    """The evidence, in a sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody wrote down about an item: an answer, who sees to it, until when."""

    item: str
    by: PersonId
    at: datetime
    said: Said | None = None
    note: str = ""
    owner: PersonId | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An item with what was found and who sees to it."""

    item: Item
    finding: Finding
    answer: Entry | None
    """The newest answer to what is asked, also one that no longer holds."""
    owner: PersonId | None = None
    """Who sees to a gap; None where there is none."""
    owner_was_named: bool = False
    """A person named them; otherwise it is the program owner."""
    due_on: date | None = None
    due_was_set: bool = False
    """A person set the day; otherwise it is the usual one."""

    @property
    def is_open(self) -> bool:
        """Tell whether somebody has to do something about it."""
        return self.finding.standing in (Standing.PARTLY, Standing.GAP, Standing.NOT_KNOWN)

    @property
    def stops_first_month(self) -> bool:
        """Tell whether a first month cannot be opened because of it."""
        return self.item.required and self.finding.standing is Standing.GAP


@dataclass(frozen=True, slots=True)
class Score:
    """Points out of those that can be had; what it is too early for is in neither."""

    points: float
    possible: int

    @property
    def percent(self) -> int | None:
        """Give the share in whole percent, rounded down; None where nothing can be had."""
        return None if self.possible == 0 else int(100 * self.points / self.possible)


def score(lines: Iterable[Line]) -> Score:
    """
    Add points up: an item's whole weight when it is met, half of it when it is partly.

    A gap and what is not known give nothing. What it is too early for is left out on both sides.
    """
    points, possible = 0.0, 0
    for line in lines:
        standing = line.finding.standing
        if standing is Standing.NOT_YET:
            continue
        possible += line.item.weight
        if standing is Standing.MET:
            points += line.item.weight
        elif standing is Standing.PARTLY:
            points += line.item.weight / 2
    return Score(points, possible)


def scores(lines: Sequence[Line]) -> dict[Area, Score]:
    """Give the score of each area."""
    return {area: score(one for one in lines if one.item.area is area) for area in Area}


def judge_answer(item: Item, answer: Entry | None, now: datetime) -> Finding:
    """Say what the newest answer to an item comes to; one that is too old is not known."""
    if answer is None or answer.said is None:
        return Finding(Standing.NOT_KNOWN, "Nobody has answered this yet.")
    note = f": {answer.note}" if answer.note else "."
    if item.holds_for is not None and now - answer.at > item.holds_for:
        days = item.holds_for.days
        return Finding(
            Standing.NOT_KNOWN,
            f"The last answer ({answer.said}) is older than {days} days; answer again.",
        )
    return Finding(_MEANS[answer.said], f"Answered {answer.said}{note}")


def newest_answers(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Give the newest answer to each item; `entries` are in the order they were written."""
    return {one.item: one for one in entries if one.said is not None}


def assign(
    line: Line, entries: Iterable[Entry], owner: PersonId | None, due_on: date | None
) -> Line:
    """
    Say who sees to an item that is open, and until when.

    Whoever was named last, and the day that was set last; otherwise the program owner, and the
    usual day. An item that is not open has neither.
    """
    if not line.is_open:
        return line
    named = [one.owner for one in entries if one.item == line.item.id and one.owner is not None]
    days = [one.due_on for one in entries if one.item == line.item.id and one.due_on is not None]
    return Line(
        line.item,
        line.finding,
        line.answer,
        owner=named[-1] if named else owner,
        owner_was_named=bool(named),
        due_on=days[-1] if days else due_on,
        due_was_set=bool(days),
    )
