"""Time: timers, manual entries and corrections, each under the same rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ccm_flow.app.statuses import TimeSource
from ccm_flow.app.view_text import clinic_time
from ccm_flow.app.views_time import EntryLine, TimerLine
from ccm_flow.core.activities import ACTIVITIES, Activity
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.time_audit import length
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


@dataclass(frozen=True, slots=True)
class Clash:
    """The entry that stands in the way of another."""

    entry: str
    person_name: str
    started_at: datetime
    ended_at: datetime
    activity: Activity
    patient_handle: str | None
    """None for a patient whom the asking person may not see."""


class TimeRefusedError(CcmError):
    """An entry breaks rules; the message lists every one of them."""

    exit_code = 2
    hint = "Nothing was kept. Put it right and enter it again."

    def __init__(self, problems: Sequence[str], hint: str = "") -> None:
        super().__init__("This cannot be entered as time: " + " ".join(problems), hint)


class ClashError(CcmError):
    """An entry overlaps another one of the same person or the same patient."""

    exit_code = 4

    def __init__(self, clash: Clash, zone: ZoneInfo) -> None:
        super().__init__(
            f"It overlaps {clash_text(clash, zone)}.",
            "Nothing was kept. Change the start or the length, or put the other one right: "
            f"`ccm time correct {clash.entry[:8]}`.",
        )
        self.clash = clash


class MonthClosedError(CcmError):
    """A month takes no more time: its approval is done."""

    exit_code = 4
    hint = "Nothing was kept. Ask the biller to reopen the month if the time belongs in it."

    def __init__(self, month: Month) -> None:
        super().__init__(f"{month} was approved for this patient and takes no more time.")


class TimerRunningError(CcmError):
    """A person has one timer at a time."""

    exit_code = 4

    def __init__(self, timer: TimerLine, zone: ZoneInfo) -> None:
        super().__init__(
            f"{timer.person_name}'s timer has been running since "
            f"{clinic_time(timer.started_at, zone)}: {timer_text(timer)}.",
            "Stop it with `ccm time stop`, or say --switch to stop it and start this one.",
        )


class NoTimerError(CcmError):
    """No timer runs."""

    exit_code = 4
    hint = "Start one with `ccm time start`, or enter the time with `ccm time add`."

    def __init__(self, person: str) -> None:
        super().__init__(f"No timer of '{person.rpartition('.')[2]}' is running.")


class TimerTooLongError(CcmError):
    """A timer ran so long that nobody believes it by itself."""

    exit_code = 4

    def __init__(self, timer: TimerLine) -> None:
        super().__init__(
            f"The timer ran for {length(timer.elapsed_seconds)} (limit "
            f"{length(timer.limit_seconds)}): {timer_text(timer)}.",
            "Say when the work really ended: `ccm time stop --until 14:20`. "
            "Or drop it: `ccm time discard --because ...`.",
        )


class NoSuchEntryError(CcmError):
    """No entry is called that."""

    exit_code = 4
    hint = "See the entries with `ccm time list`."

    def __init__(self, text: str) -> None:
        super().__init__(f"There is no time entry '{text}'.")


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


def clash_text(clash: Clash, zone: ZoneInfo) -> str:
    """Name the entry that stands in the way."""
    whose = f"for {clash.patient_handle}" if clash.patient_handle else "for another patient"
    ended = f"{clash.ended_at.astimezone(zone):%H:%M:%S}"
    return (
        f"an entry of {clash.person_name} {whose}: {ACTIVITIES[clash.activity].title}, "
        f"{clinic_time(clash.started_at, zone)} to {ended}"
    )


def timer_text(timer: TimerLine) -> str:
    """Name what a timer is for."""
    about = f"{timer.patient_handle}.{timer.step}" if timer.step else timer.patient_handle
    return f"{about} ({ACTIVITIES[timer.activity].title})"
