"""
A playbook laid on one month of a clinic: the dates that are known before the month begins.

Known are steps that open on a date or with the month, and deadlines that are dates. Whatever
starts when something else has happened is listed with its amount of time instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import MonthDate, after, before, due_at, month_date
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Notify, Plan, PlanStep, Reassign, Rung, When
from ccm_flow.language.wording import Words, due_words


class RowKind(StrEnum):
    """What happens on a date."""

    OPENS = "opens"
    BEFORE = "reminder"
    DUE = "due"
    ON_TIME = "at the deadline"
    LATE = "if late"
    CHECK = "check starts"
    CLOSES = "closes"


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One thing in a month."""

    kind: RowKind
    title: str
    """Of the step, or of what the playbook does itself."""
    text: str
    """The whole thing as a sentence."""
    role: RoleId | None = None
    """Whom it concerns."""
    step: StepId | None = None
    instant: datetime | None = None
    """None when it depends on what happens."""
    day: date | None = None
    """The clinic's date of it."""


def calendar_rows(plan: Plan, month: Month, calendar: WorkCalendar) -> tuple[CalendarRow, ...]:
    """List what happens when, in order of time; what has no date comes last."""
    rows = list(_Dates(plan, month, calendar).rows())
    dated = sorted((row for row in rows if row.instant is not None), key=_order)
    return (*dated, *(row for row in rows if row.instant is None))


def _order(row: CalendarRow) -> tuple[datetime, int]:
    assert row.instant is not None  # noqa: S101 - only dated rows are ordered
    return row.instant, list(RowKind).index(row.kind)


class _Dates:
    def __init__(self, plan: Plan, month: Month, calendar: WorkCalendar) -> None:
        self._plan, self._month, self._calendar = plan, month, calendar
        self._words = Words(plan)
        first = calendar.business_day_after(month.previous.last_day, 1)
        self._start = calendar.opening(first)

    def rows(self) -> Iterator[CalendarRow]:
        for step in self._plan.steps:
            try:
                yield from self._step(step)
            except CalendarTooShortError:
                yield self._undated(step)
        readiness = self._plan.readiness
        if readiness is not None and isinstance(readiness.from_, MonthDate):
            day = month_date(readiness.from_, self._month, self._calendar)
            at = self._calendar.opening(day)
            text = "The month is checked for readiness from now on."
            yield self._row(RowKind.CHECK, "Readiness check", text, at=at)
        closes = due_at(self._plan.closes, self._start, self._month, self._calendar)
        yield self._row(RowKind.CLOSES, "The month closes", "The month closes.", at=closes)

    def _step(self, step: PlanStep) -> Iterator[CalendarRow]:
        opens = self._opening(step)
        if opens is not None:
            text = f"{self._words.step(step.id)} opens for {self._words.the_role(step.owner)}."
            yield self._row(RowKind.OPENS, step.title, text, step, opens)
        if opens is None and not isinstance(step.due, MonthDate):
            yield self._undated(step)
            return
        due = due_at(step.due, opens or self._start, self._month, self._calendar)
        text = f"{self._words.step(step.id)} is due from {self._words.the_role(step.owner)}."
        yield self._row(RowKind.DUE, step.title, text, step, due)
        for rung in step.ladder:
            yield self._rung(step, rung, due)

    def _opening(self, step: PlanStep) -> datetime | None:
        if step.after is None and isinstance(step.at, MonthDate):
            day = month_date(step.at, self._month, self._calendar)
            return self._calendar.opening(day)
        return self._start if self._plan.opens_at_start(step) else None

    def _rung(self, step: PlanStep, rung: Rung, due: datetime) -> CalendarRow:
        at, kind = due, RowKind.ON_TIME
        if rung.offset is not None:
            early = rung.when is When.BEFORE
            move = before if early else after
            at = move(rung.offset, due, self._calendar)
            kind = RowKind.BEFORE if early else RowKind.LATE
        act = self._words.act(rung.act, step)
        text = f"{self._words.step(step.id)}, if it is not done: {act}."
        role = rung.act.role if isinstance(rung.act, (Notify, Reassign)) else step.owner
        row = self._row(kind, step.title, text, step, at)
        return CalendarRow(row.kind, row.title, row.text, role, row.step, row.instant, row.day)

    def _undated(self, step: PlanStep) -> CalendarRow:
        opens = self._words.opens(step, sent=False)
        text = f"Due {due_words(step.due)} of opening. {opens}."
        return CalendarRow(RowKind.DUE, step.title, text, step.owner, step.id)

    def _row(
        self,
        kind: RowKind,
        title: str,
        text: str,
        step: PlanStep | None = None,
        at: datetime | None = None,
    ) -> CalendarRow:
        day = None if at is None else self._calendar.date_of(at)
        role = None if step is None else step.owner
        return CalendarRow(kind, title, text, role, None if step is None else step.id, at, day)


def calendar_text(plan: Plan, month: Month, calendar: WorkCalendar) -> str:
    """Show the rows as a table of text."""
    rows = calendar_rows(plan, month, calendar)
    words = Words(plan)
    table = [
        (
            "" if row.day is None else f"{row.day:%a %b} {row.day.day:>2}",
            "" if row.instant is None else clock(row.instant, calendar),
            str(row.kind),
            row.title,
            "" if row.role is None else words.role(row.role),
        )
        for row in rows
        if row.instant is not None
    ]
    later = [row for row in rows if row.instant is None]
    lines = [f"{plan.title}, {month.first_day:%B %Y}", "", *_aligned(table)]
    if later:
        lines += ["", "Depends on what happens:"]
        lines += [
            f"  {row.title} ({words.role(row.role or plan.owner)}): {row.text}" for row in later
        ]
    return "\n".join(lines) + "\n"


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    padded = (zip(row, widths, strict=True) for row in table)
    return ["  ".join(f"{cell:<{size}}" for cell, size in row).rstrip() for row in padded]


def clock(instant: datetime, calendar: WorkCalendar) -> str:
    """Write the clinic's time of an instant: `17:00`."""
    passed = instant - calendar.start_of(calendar.date_of(instant))
    minutes = int(passed.total_seconds()) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def spoken_clock(instant: datetime, calendar: WorkCalendar) -> str:
    """Write the clinic's time of an instant as it is said: `5 pm`, `8:30 am`."""
    hour, minute = map(int, clock(instant, calendar).split(":"))
    shown = f"{(hour + 11) % 12 + 1}" + (f":{minute:02d}" if minute else "")
    return f"{shown} {'am' if hour < 12 else 'pm'}"
