"""A month's steps on a line of days: where each bar begins and ends, in percent of the width."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ccm_flow.app.views_patient import PatientView, StepView, Timing
from ccm_flow.core.plan import PlaybookKind

DAY: Final = timedelta(days=1)
_MOST_TICKS: Final = 8
_SATURDAY: Final = 5
_LEAST_WIDTH: Final = 0.8
"""A step done at once is still seen."""

_WORDS: Final = {
    Timing.MET: "done in time",
    Timing.LATE: "done late",
    Timing.OPEN: "open",
    Timing.OVERDUE: "overdue",
    Timing.MISSED: "not done",
    Timing.NOT_NEEDED: "not needed",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One opening of a step on the line."""

    step: StepView
    left: float
    width: float
    due: float | None
    """Where its deadline is."""
    said: str
    """How it went, in words."""

    @property
    def end(self) -> float:
        """Where its mark stands."""
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Timeline:
    """All bars, and the days below them."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    rests: tuple[tuple[float, float], ...]
    """Weekends: where each begins and how wide it is."""
    now: float | None
    """None when the present is not on the line."""


def timeline(view: PatientView, zone: ZoneInfo) -> Timeline | None:
    """Lay a patient's steps out; None where there is nothing to show."""
    if view.cycle is None or not view.steps:
        return None
    first, last = _days(view, zone)
    scale = _Scale(_midnight(first, zone), _midnight(last + DAY, zone))
    return Timeline(
        bars=tuple(_bar(step, scale, view.as_of) for step in view.steps),
        ticks=tuple(_ticks(first, last, scale, zone)),
        rests=tuple(_rests(first, last, scale, zone)),
        now=scale.place(view.as_of) if scale.holds(view.as_of) else None,
    )


def step_words(step: StepView) -> str:
    """Say how a step stands or went."""
    paused = step.timing is Timing.OPEN and step.due_at is None
    said = "paused" if paused else _WORDS[step.timing]
    return f"{said}, escalated" if step.escalated else said


@dataclass(frozen=True, slots=True)
class _Scale:
    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end

    def place(self, at: datetime) -> float:
        inside = min(max(at, self.start), self.end)
        return round(100 * ((inside - self.start) / (self.end - self.start)), 2)


def _days(view: PatientView, zone: ZoneInfo) -> tuple[date, date]:
    """Give the days of the line: the month, and as far beyond as its steps reach."""
    assert view.cycle is not None  # noqa: S101 - the caller looked
    instants = [step.opened_at for step in view.steps]
    instants += [at for step in view.steps for at in (step.due_at, step.ended_at) if at]
    days = [at.astimezone(zone).date() for at in instants]
    if view.cycle.kind is PlaybookKind.MONTHLY:
        days += [view.cycle.month.first_day, view.cycle.month.last_day]
    return min(days), max(days)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _bar(step: StepView, scale: _Scale, now: datetime) -> Bar:
    left = scale.place(step.opened_at)
    end = scale.place(max(step.opened_at, step.ended_at or now))
    left = min(left, 100 - _LEAST_WIDTH)
    return Bar(
        step=step,
        left=left,
        width=max(_LEAST_WIDTH, round(end - left, 2)),
        due=scale.place(step.due_at) if step.due_at else None,
        said=step_words(step),
    )


def _ticks(first: date, last: date, scale: _Scale, zone: ZoneInfo) -> Iterator[tuple[float, str]]:
    apart = max(1, -(-((last - first).days + 1) // _MOST_TICKS))
    apart = next((days for days in (1, 2, 7, 14, 28) if days >= apart), apart)
    day, month = first, 0
    while day <= last:
        named = day.month != month
        yield scale.place(_midnight(day, zone)), f"{day:%b} {day.day}" if named else str(day.day)
        month, day = day.month, day + apart * DAY


def _rests(first: date, last: date, scale: _Scale, zone: ZoneInfo) -> Iterator[tuple[float, float]]:
    day = first
    while day <= last:
        if day.weekday() >= _SATURDAY:
            left = scale.place(_midnight(day, zone))
            yield left, round(scale.place(_midnight(day + DAY, zone)) - left, 2)
        day += DAY
