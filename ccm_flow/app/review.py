"""The readiness review: looking at a clinic, answering, and letting a first month begin."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.review import Area, Entry, Finding, Item, Line, Said, Score, score, scores
from ccm_flow.core.review_items import ASKED, BY_ID
from ccm_flow.core.review_rules import review
from ccm_flow.core.review_seen import Seen

CheckPlaybook = Callable[[ClinicId, str], int]
"""Counts the errors that the check finds in a playbook's text."""
LONGEST_NOTE: Final = 500


class NoSuchItemError(CcmError):
    """The checklist has no such item."""

    exit_code = 2

    def __init__(self, item: str) -> None:
        asked = ", ".join(one.id for one in ASKED)
        super().__init__(
            f"The review has no item '{item}'.",
            f"`ccm review --json` lists all of them; these are answered: {asked}.",
        )


class NotAskedError(CcmError):
    """An item that is worked out cannot be answered."""

    exit_code = 4

    def __init__(self, item: Item) -> None:
        super().__init__(
            f"'{item.id}' is worked out from the record, so nobody answers it.",
            f"To meet it: {item.mend}.",
        )


class BadEntryError(CcmError):
    """What somebody wrote about an item cannot be taken; the message names all that is wrong."""

    exit_code = 2
    hint = "Nothing was recorded."


class FirstMonthRefusedError(CcmError):
    """A clinic is not ready for its first month."""

    exit_code = 4

    def __init__(self, clinic: ClinicId, name: str, gaps: Sequence[tuple[Item, Finding]]) -> None:
        missing = " ".join(finding.detail for _, finding in gaps)
        super().__init__(
            f"{name} cannot open its first month yet. {missing}",
            " ".join(f"{item.id}: {item.mend}." for item, _ in gaps)
            + f" Or let it begin all the same: `ccm review {clinic} --go-live REASON`.",
        )
        self.gaps = tuple(gaps)


class NothingMissingError(CcmError):
    """There is nothing to let through."""

    exit_code = 4
    hint = "Open the month with `ccm open-month`."

    def __init__(self, name: str) -> None:
        super().__init__(f"Nothing keeps {name} from opening its month.")


class NotTheirsError(CcmError):
    """Somebody who may not decide about it."""

    exit_code = 4
    hint = "Ask the program owner, an operations lead or an administrator."

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} may not {what}.")


@dataclass(frozen=True, slots=True)
class GoLive:
    """Somebody let a first month begin although required items were missing."""

    items: tuple[str, ...]
    because: str
    by: PersonId
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """A clinic's readiness review, as of an instant."""

    clinic: ClinicId
    name: str
    at: datetime
    day: date
    """The clinic's."""
    last_month: Month | None
    """The one whose figures were looked at."""
    lines: tuple[Line, ...]
    total: Score
    areas: Mapping[Area, Score]
    has_run: bool
    """A month was opened before: nothing stops the next one."""
    let_through: tuple[GoLive, ...]
    people: Mapping[PersonId, str]
    """Names of the staff and of everybody named in the review."""

    @property
    def open(self) -> tuple[Line, ...]:
        """What somebody has to see to, the required items first."""
        found = [line for line in self.lines if line.is_open]
        return tuple(sorted(found, key=lambda line: not line.stops_first_month))

    @property
    def stops(self) -> tuple[Line, ...]:
        """What keeps the first month from being opened; nothing once a month was."""
        passed = {item for one in self.let_through for item in one.items}
        return tuple(
            line
            for line in self.lines
            if not self.has_run and line.stops_first_month and line.item.id not in passed
        )

    def of(self, area: Area) -> tuple[Line, ...]:
        """Give the lines of an area."""
        return tuple(line for line in self.lines if line.item.area is area)

    def mend_of(self, line: Line) -> str:
        """Give what to do about an item, for this clinic."""
        return line.item.mend.replace("CLINIC", self.clinic)

    def page_of(self, line: Line) -> str:
        """Give the page that mends an item or shows what is behind it; empty where none does."""
        page = line.item.page
        if "{month}" in page and self.last_month is None:
            return ""
        return page.format(clinic=self.clinic, month=self.last_month)

    def name_of(self, person: PersonId | None) -> str:
        """Give a person's name; words where there is none."""
        return "nobody" if person is None else self.people.get(person, person)


@dataclass(frozen=True, slots=True)
class Known:
    """What the record says for a review."""

    name: str
    day: date
    running: Month
    owner: PersonId
    seen: Seen
    entries: tuple[Entry, ...]
    has_run: bool
    let_through: tuple[GoLive, ...]
    people: Mapping[PersonId, str]


class ReviewRecord(Protocol):
    """Where reviews are worked out from, and what people say is kept."""

    def known(self, clinic: ClinicId, now: datetime) -> Known:
        """Give everything about a clinic; raises `NoSuchClinicError`."""
        ...

    def keep(self, clinic: ClinicId, id_: str, entry: Entry) -> bool:
        """Keep an entry once; False when it was kept before."""
        ...

    def keep_go_live(self, clinic: ClinicId, id_: str, made: GoLive) -> bool:
        """Keep that somebody lets the first month begin; False when it was kept before."""
        ...


def look(record: ReviewRecord, clinic: ClinicId, now: datetime) -> Review:
    """Go through a clinic's checklist."""
    known = record.known(clinic, now)
    lines = review(
        known.seen, known.entries, now, owner=known.owner, due_on=usual_day(known.running)
    )
    return Review(
        clinic=clinic,
        name=known.name,
        at=now,
        day=known.day,
        last_month=known.seen.month.month if known.seen.month else None,
        lines=tuple(_sooner(line, known) for line in lines),
        total=score(lines),
        areas=scores(lines),
        has_run=known.has_run,
        let_through=known.let_through,
        people=known.people,
    )


def usual_day(running: Month) -> date:
    """Give the day for what nobody set a day for: the last one of the month that runs."""
    return running.last_day


def _sooner(line: Line, known: Known) -> Line:
    """Want today what stops the first month, unless a person set another day."""
    if not line.stops_first_month or known.has_run or line.due_was_set:
        return line
    return replace(line, due_on=known.day)


def write(
    record: ReviewRecord, clinic: ClinicId, entry: Entry, *, id_: str, people: Iterable[PersonId]
) -> bool:
    """
    Keep what somebody says about an item; the same form twice is one entry.

    Raises:
        NoSuchItemError: there is no such item.
        NotAskedError: it is worked out, so nobody answers it.
        BadEntryError: it says nothing, or names somebody who is not of the clinic.
    """
    item = BY_ID.get(entry.item)
    if item is None:
        raise NoSuchItemError(entry.item)
    if entry.said is not None and not item.is_asked:
        raise NotAskedError(item)
    problems = []
    if entry.said is None and entry.owner is None and entry.due_on is None:
        problems.append("Say an answer, who sees to it, or until when.")
    if entry.said in (Said.NO, Said.PARTLY) and not entry.note.strip():
        problems.append("Say in a note what is missing.")
    if len(entry.note) > LONGEST_NOTE:
        problems.append(f"The note is longer than {LONGEST_NOTE} characters.")
    if entry.owner is not None and entry.owner not in set(people):
        problems.append(f"'{entry.owner}' is not on the staff.")
    if entry.due_on is not None and entry.due_on < entry.at.date() - timedelta(days=1):
        problems.append(f"{entry.due_on} is over.")
    if problems:
        raise BadEntryError(" ".join(problems))
    return record.keep(clinic, id_, entry)


def go_live(
    record: ReviewRecord, clinic: ClinicId, *, because: str, by: PersonId, now: datetime, id_: str
) -> GoLive:
    """
    Let a first month begin although required items are missing; the reason is kept for good.

    Only what is missing now is let through: what goes missing later stops the month again.

    Raises:
        NothingMissingError: nothing is in the way.
        BadEntryError: no reason is given.
    """
    if not because.strip():
        raise BadEntryError("Say why the month may begin without what is missing.")
    found = look(record, clinic, now)
    if not found.stops:
        raise NothingMissingError(found.name)
    made = GoLive(tuple(line.item.id for line in found.stops), because.strip(), by, now)
    record.keep_go_live(clinic, id_, made)
    return made
