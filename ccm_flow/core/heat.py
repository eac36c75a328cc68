"""Many clinics on one page: how each number stands, and which clinic comes first."""

from dataclasses import dataclass
from enum import StrEnum


class Heat(StrEnum):
    """How a number stands."""

    GOOD = "good"
    WATCH = "watch"
    ACT = "act"
    NOTHING = "nothing"
    """There is nothing to judge yet."""


@dataclass(frozen=True, slots=True)
class ClinicPulse:
    """One clinic now, in numbers that are counted and not judged."""

    patients: int
    """Monthly cycles of the running month."""
    complete: int
    """Of them, with nothing missing for the bill today, or ended ready."""
    steps_due: int
    """Of the running month, judged by their deadline."""
    steps_on_time: int
    missing_minutes: int
    """To the minimum of everybody whose month runs."""
    short_patients: int
    """Who these are."""
    overdue: int
    """Open steps of any kind past their deadline."""
    questions: int
    """Escalations that nobody has answered."""
    late_questions: int
    """Of them, past the time for the reply."""
    staff: int
    """People with a role, apart from those who are away."""
    away: int
    full: int
    """People at their capacity."""
    open_steps: int
    alerts: int = 0
    """To the other organization, which nobody there has taken."""
    late_alerts: int = 0
    """Of them, past their time."""


def of_share(part: int, whole: int, good: int, fair: int) -> Heat:
    """Judge a share by two percentages."""
    if whole == 0:
        return Heat.NOTHING
    percent = 100 * part / whole
    if percent >= good:
        return Heat.GOOD
    return Heat.WATCH if percent >= fair else Heat.ACT


def of_count(count: int, most: float) -> Heat:
    """Judge a number that should be none: up to `most` is to be watched, more to be acted on."""
    if count <= 0:
        return Heat.GOOD
    return Heat.WATCH if count <= most else Heat.ACT


ON_TIME_GOOD, ON_TIME_FAIR = 90, 75
"""As in the readiness review."""
SHARE_TO_WATCH = 0.1
"""Overdue steps, and patients short of minutes: up to one in ten is to be watched."""


def judge(one: ClinicPulse, days_left: int) -> dict[str, Heat]:
    """
    Say how each of a clinic's numbers stands.

    Early in a month hardly anybody is complete or has the minutes, so these two are judged in
    its last ten days only.
    """
    late_in_month = days_left <= 10
    nothing = Heat.NOTHING
    return {
        "complete": of_share(one.complete, one.patients, 85, 65) if late_in_month else nothing,
        "on_time": of_share(one.steps_on_time, one.steps_due, ON_TIME_GOOD, ON_TIME_FAIR),
        "minutes": of_count(one.short_patients, SHARE_TO_WATCH * one.patients)
        if late_in_month
        else nothing,
        "overdue": of_count(one.overdue, SHARE_TO_WATCH * one.open_steps),
        "questions": Heat.ACT if one.late_questions else of_count(one.questions, one.questions),
        "alerts": Heat.ACT if one.late_alerts else of_count(one.alerts, one.alerts),
        "staff": Heat.ACT if one.staff == 0 else of_count(one.full, one.staff / 2),
    }


def urgency(heats: dict[str, Heat]) -> tuple[int, int]:
    """Give what clinics are sorted by, the most pressing first: to act on, then to watch."""
    found = list(heats.values())
    return -found.count(Heat.ACT), -found.count(Heat.WATCH)
