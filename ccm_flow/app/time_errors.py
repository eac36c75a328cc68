"""What can go wrong with time, each as a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ccm_flow.app.view_text import clinic_time
from ccm_flow.app.views_time import TimerLine
from ccm_flow.core.activities import ACTIVITIES, Activity
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.time_audit import length


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
