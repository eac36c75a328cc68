"""Time: timers, manual entries and corrections, each under the same rules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.app.statuses import TimeSource
from ccm_flow.app.time_errors import NoTimerError, TimeRefusedError, TimerTooLongError
from ccm_flow.app.views_time import EntryLine, TimerLine
from ccm_flow.core.activities import Activity
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import EntryFlag
from ccm_flow.core.time_rules import problems_of


@dataclass(frozen=True, slots=True)
class About:
    """What work is done on: a patient, or one of the patient's steps."""

    clinic: ClinicId
    enrollment: EnrollmentId
    cycle: CycleId | None = None
    step: StepKey | None = None


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Work that somebody states."""

    about: About
    person: PersonId
    activity: Activity
    started_at: datetime
    seconds: int
    reason: str = ""
    program: str | None = None
    """The enrollment's own when None."""
    told_in: str | None = None
    """Sent a second time under the same id, it is kept once."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is different in the entry that takes another one's place; None leaves it."""

    entry: str
    """The entry's id, or its beginning."""
    by: PersonId
    reason: str
    seconds: int | None = None
    started_at: datetime | None = None
    activity: Activity | None = None
    program: str | None = None
    told_in: str | None = None
    """Sent a second time under the same id, it is kept once."""


class TimeStore(Protocol):
    """Where timers and entries are kept; each call is one transaction."""

    def enrolled_at(self, enrollment: EnrollmentId) -> datetime:
        """Say since when a patient is enrolled."""
        ...

    def is_closed(self, enrollment: EnrollmentId, month: Month) -> bool:
        """Tell whether a patient's month was approved and takes no more time."""
        ...

    def running(self, person: PersonId, now: datetime) -> TimerLine | None:
        """Give the timer that a person has running."""
        ...

    def start(
        self, about: About, person: PersonId, activity: Activity, program: str | None, at: datetime
    ) -> TimerLine:
        """Start a timer; raises `TimerRunningError`."""
        ...

    def stop(
        self,
        person: PersonId,
        ended_at: datetime,
        now: datetime,
        flags: frozenset[EntryFlag],
        activity: Activity | None = None,
    ) -> tuple[EntryLine, ...]:
        """Stop a timer and keep its time; what overlaps is kept and flagged."""
        ...

    def discard(self, person: PersonId, because: str, now: datetime) -> TimerLine:
        """Stop a timer without keeping its time; raises `NoTimerError`."""
        ...

    def told(self, told_in: str) -> tuple[EntryLine, ...]:
        """Give what was kept under an id; nothing when nothing was."""
        ...

    def add(self, entry: NewEntry, source: TimeSource, now: datetime) -> tuple[EntryLine, ...]:
        """Keep work; raises `ClashError`, `MonthClosedError`."""
        ...

    def entry(self, text: str, clinic: ClinicId) -> EntryLine:
        """Give the entry that stands for the one that is named; raises `NoSuchEntryError`."""
        ...

    def correct(self, entry: EntryLine, change: Correction, now: datetime) -> EntryLine:
        """Keep a correction; raises `ClashError`, `MonthClosedError`."""
        ...


def start_timer(
    store: TimeStore,
    about: About,
    person: PersonId,
    activity: Activity,
    *,
    now: datetime,
    program: str | None = None,
    switch: bool = False,
) -> tuple[TimerLine, tuple[EntryLine, ...]]:
    """
    Start a person's timer; with `switch` the one that runs is stopped first.

    Raises:
        TimerRunningError: the person has one running.
        TimerTooLongError: the one that runs must be given its real end first.
    """
    stopped: tuple[EntryLine, ...] = ()
    if switch and store.running(person, now) is not None:
        stopped = stop_timer(store, person, now=now)
    return store.start(about, person, activity, program, now), stopped


def stop_timer(
    store: TimeStore,
    person: PersonId,
    *,
    now: datetime,
    until: datetime | None = None,
    activity: Activity | None = None,
) -> tuple[EntryLine, ...]:
    """
    Stop a person's timer and keep the time since it was started.

    Raises:
        NoTimerError: none is running.
        TimerTooLongError: it ran beyond the clinic's limit and `until` does not say the real end.
        TimeRefusedError: `until` lies before the start, too far behind it, or in the future.
    """
    timer = store.running(person, now)
    if timer is None:
        raise NoTimerError(person)
    if until is None:
        if timer.over_limit:
            raise TimerTooLongError(timer)
        return store.stop(person, now, now, frozenset(), activity)
    seconds = int((until - timer.started_at).total_seconds())
    problems = problems_of(
        timer.started_at, seconds, now=now, enrolled_at=timer.started_at, reason="timer"
    )
    if problems:
        raise TimeRefusedError(problems, "The timer runs on. Say --until again.")
    return store.stop(person, until, now, frozenset({EntryFlag.END_STATED}), activity)


def add_entry(store: TimeStore, entry: NewEntry, now: datetime) -> tuple[EntryLine, ...]:
    """
    Keep work that was done without a timer; cut in two when it reaches into the next month.

    Raises:
        TimeRefusedError: it breaks rules; all of them are listed.
        ClashError, MonthClosedError: it overlaps another entry, or its month is approved.
    """
    if entry.told_in is not None and (kept := store.told(entry.told_in)):
        return kept
    problems = problems_of(
        entry.started_at,
        entry.seconds,
        now=now,
        enrolled_at=store.enrolled_at(entry.about.enrollment),
        reason=entry.reason,
    )
    if problems:
        raise TimeRefusedError(problems)
    return store.add(entry, TimeSource.MANUAL, now)


def correct_entry(
    store: TimeStore, clinic: ClinicId, change: Correction, now: datetime
) -> EntryLine:
    """
    Let a new entry take another one's place; the old one stays. Zero seconds take it out.

    A correction of a corrected entry corrects what stands now.

    Raises:
        NoSuchEntryError: there is none.
        TimeRefusedError: nothing is different, or what is breaks rules.
        ClashError, MonthClosedError: it overlaps another entry, or its month is approved.
    """
    if change.told_in is not None and (kept := store.told(change.told_in)):
        return kept[0]
    entry = store.entry(change.entry, clinic)
    seconds = entry.seconds if change.seconds is None else change.seconds
    started = change.started_at or entry.started_at
    problems = list(
        problems_of(
            started,
            seconds,
            now=now,
            enrolled_at=min(started, store.enrolled_at(entry.enrollment)),
            reason=change.reason,
        )
        if seconds
        else ()
    )
    if not change.reason.strip():
        problems.append("A correction needs a reason.")
    if problems:
        raise TimeRefusedError(problems)
    return store.correct(entry, change, now)
