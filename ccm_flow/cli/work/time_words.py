"""Reading and writing times of day, lengths and kinds of work."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ccm_flow.app.view_text import clinic_time
from ccm_flow.app.views_time import EntryLine
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.activities import ACTIVITIES, Activity
from ccm_flow.core.time_audit import length

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_HINT = "Write the clinic's time, as in 14:05 or 2026-12-07T14:05."
PROGRAMS = ("CCM", "PCM", "APCM", "TCM", "RPM", "RTM", "BHI")


def parse_activity(text: str | None) -> Activity | None:
    """Read a kind of work; raises `BadWordError`."""
    if text is None:
        return None
    return parse_word(Activity, "kind of work", text.replace("-", "_"))


def parse_program(text: str | None) -> str | None:
    """Read a program's code; raises `BadWordError`."""
    if text is None:
        return None
    program = text.strip().upper()
    if program not in PROGRAMS:
        known = ", ".join(PROGRAMS)
        raise BadWordError(f"'{text}' is not a program.", f"Choose one of: {known}.")
    return program


def parse_length(minutes: float | None, seconds: int | None) -> int | None:
    """Put minutes and seconds together, in seconds; None when neither is given."""
    if minutes is None and seconds is None:
        return None
    return round((minutes or 0) * 60) + (seconds or 0)


def parse_instant(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """
    Read a time of day of the clinic, today's when no date is given.

    Raises:
        BadWordError: it is no time, or the clocks were changed and it came twice or never.
    """
    wanted = text.strip()
    clock = _CLOCK.fullmatch(wanted)
    try:
        if clock:
            hour, minute, second = (int(part or 0) for part in clock.groups())
            local = now.astimezone(zone).replace(
                hour=hour, minute=minute, second=second, microsecond=0, tzinfo=None
            )
        else:
            local = datetime.fromisoformat(wanted)
    except ValueError:
        raise BadWordError(f"'{text}' is not a time.", _HINT) from None
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return _at_clinic(local, zone, text)


def _at_clinic(local: datetime, zone: ZoneInfo, text: str) -> datetime:
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != local:
        raise BadWordError(
            f"There was no {text} at the clinic: the clocks went forward.",
            "Write a time before or after the change.",
        )
    raise BadWordError(
        f"{text} came twice at the clinic: the clocks went back.",
        f"Write it with its offset: {first.isoformat()} or {second.isoformat()}.",
    )


def entry_text(line: EntryLine, zone: ZoneInfo) -> str:
    """Say an entry in one line."""
    ended = f"{line.ended_at.astimezone(zone):%H:%M}"
    return (
        f"{line.handle}: {length(line.seconds)} for {line.patient_handle}, "
        f"{clinic_time(line.started_at, zone)} to {ended}, {ACTIVITIES[line.activity].title}, "
        f"{line.person_name}"
    )


def lag_text(line: EntryLine) -> str:
    """Say how long after the work an entry was made."""
    lag = timedelta(seconds=line.lag_seconds)
    if lag >= timedelta(days=2):
        return f"{lag.days} days late"
    return f"{lag // timedelta(hours=1)} h late"
