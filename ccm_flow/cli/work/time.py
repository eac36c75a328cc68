"""Timers, manual entries and corrections."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.time_activity import activity_for
from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.adapters.db.views import find_patient, find_step
from ccm_flow.app.time import (
    About,
    Correction,
    NewEntry,
    add_entry,
    correct_entry,
    start_timer,
    stop_timer,
)
from ccm_flow.app.time_errors import timer_text
from ccm_flow.app.view_text import clinic_time
from ccm_flow.app.views_time import EntryLine, TimerLine
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up, zone_of
from ccm_flow.cli.work.time_words import (
    entry_text,
    lag_text,
    parse_activity,
    parse_instant,
    parse_length,
    parse_program,
)
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.activities import Activity
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.time_audit import length
from ccm_flow.core.time_entries import EntryFlag


class NotEnrolledError(CcmError):
    """Time is entered for patients in the program."""

    exit_code = 4
    hint = "Enroll patients with `ccm enroll`."

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is not enrolled, so no time can be entered.")


@dataclass(frozen=True)
class Entered:
    """What somebody typed about an entry."""

    started: str | None
    minutes: float | None
    seconds: int | None
    activity: str | None
    program: str | None
    because: str


def start(
    target: str,
    by: str,
    activity: str | None,
    program: str | None,
    *,
    switch: bool,
    as_json: bool,
) -> None:
    """Start a timer."""
    chosen, bucket = parse_activity(activity), parse_program(program)
    base = open_set_up()
    about = _about(base, target)
    person = choose_person(base, about.clinic, by)
    timer, stopped = start_timer(
        SqlTimeStore(base.engine),
        about,
        person.person,
        chosen or _usual(base, about),
        now=base.clock.now(),
        program=bucket,
        switch=switch,
    )
    if as_json:
        emit({"timer": timer, "stopped": stopped})
        return
    zone = _zone(base, about.clinic)
    _show(stopped, zone)
    say(f"Started {clinic_time(timer.started_at, zone)}: {timer_text(timer)}.")


def stop(
    by: str, until: str | None, activity: str | None, clinic_id: str | None, *, as_json: bool
) -> None:
    """Stop a timer and keep its time."""
    chosen = parse_activity(activity)
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, by)
    now, zone = base.clock.now(), zone_of(clinic)
    kept = stop_timer(
        SqlTimeStore(base.engine),
        person.person,
        now=now,
        until=parse_instant(until, now, zone) if until else None,
        activity=chosen,
    )
    if as_json:
        emit(kept)
    elif kept:
        _show(kept, zone)
    else:
        say("Stopped at once; there is no time to keep.")


def discard(by: str, because: str, clinic_id: str | None, *, as_json: bool) -> None:
    """Stop a timer without keeping its time."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, by)
    timer: TimerLine = SqlTimeStore(base.engine).discard(person.person, because, base.clock.now())
    if as_json:
        emit(timer)
    else:
        say(f"Discarded {length(timer.elapsed_seconds)}: {timer_text(timer)}.")


def add(target: str, by: str, entered: Entered, *, as_json: bool) -> None:
    """Enter work that was done without a timer."""
    chosen, bucket = parse_activity(entered.activity), parse_program(entered.program)
    seconds = parse_length(entered.minutes, entered.seconds)
    if seconds is None:
        raise BadWordError("How long did it take?", "Say --minutes or --seconds.")
    base = open_set_up()
    about = _about(base, target)
    person = choose_person(base, about.clinic, by)
    zone, now = _zone(base, about.clinic), base.clock.now()
    wanted = NewEntry(
        about=about,
        person=person.person,
        activity=chosen or _usual(base, about),
        started_at=parse_instant(entered.started or "", now, zone),
        seconds=seconds,
        reason=entered.because,
        program=bucket,
    )
    kept = add_entry(SqlTimeStore(base.engine), wanted, now)
    if as_json:
        emit(kept)
    else:
        _show(kept, zone)


def correct(entry: str, by: str, entered: Entered, clinic_id: str | None, *, as_json: bool) -> None:
    """Put an entry right."""
    activity, program = parse_activity(entered.activity), parse_program(entered.program)
    seconds = parse_length(entered.minutes, entered.seconds)
    if seconds is None and not (entered.started or activity or program):
        raise BadWordError(
            "What is different?", "Say --minutes, --seconds, --started, --activity or --program."
        )
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, by)
    zone, now = zone_of(clinic), base.clock.now()
    change = Correction(
        entry=entry,
        by=person.person,
        reason=entered.because,
        seconds=seconds,
        started_at=parse_instant(entered.started, now, zone) if entered.started else None,
        activity=activity,
        program=program,
    )
    kept = correct_entry(SqlTimeStore(base.engine), clinic.clinic, change, now)
    if as_json:
        emit(kept)
    else:
        _show((kept,), zone)


def _about(base: Base, target: str) -> About:
    """Find what a person means: a step has a dot or a slash, a patient has neither."""
    if "." in target or "/" in target:
        ref = find_step(base.engine, target)
        return About(ref.clinic, ref.enrollment, ref.cycle, ref.key)
    found = find_patient(base.engine, target)
    if found.enrollment is None:
        raise NotEnrolledError(target)
    return About(found.clinic, found.enrollment)


def _usual(base: Base, about: About) -> Activity:
    """Take the step's own kind of work; for a patient alone it has to be said."""
    activity = activity_for(base.engine, about)
    if activity is None:
        raise BadWordError(
            "What kind of work is it?", "Say --activity; `ccm time activities` lists them."
        )
    return activity


def _zone(base: Base, clinic: ClinicId) -> ZoneInfo:
    return zone_of(base.record.clinic(clinic))


def _show(kept: tuple[EntryLine, ...], zone: ZoneInfo) -> None:
    for line in kept:
        late = f" ({lag_text(line)})" if line.late else ""
        say(f"Kept {entry_text(line, zone)}{late}.")
        if not line.counts and line.seconds:
            say(f"  It does not count: {line.not_counted_because}.")
    if len(kept) > 1:
        say("It reached into the next month, so it was cut at the clinic's midnight.")
    if any(EntryFlag.CLASH in line.flags for line in kept):
        say("  Put it right with `ccm time correct`.")
