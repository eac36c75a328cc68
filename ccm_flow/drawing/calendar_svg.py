"""Draws a month as a calendar page: what opens, what is due, who hears of what, closed days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.drawing.calendar_rows import CalendarRow, RowKind, calendar_rows, spoken_clock
from ccm_flow.drawing.style import picture
from ccm_flow.drawing.text import number, wrap, xml
from ccm_flow.language.wording import Words

_WIDTH, _MARGIN = 1440.0, 28.0
_QUIET = 96.0
"""The width of a weekday on which nothing ever happens."""
_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MARKS = {
    RowKind.OPENS: "open",
    RowKind.BEFORE: "before",
    RowKind.DUE: "due",
    RowKind.ON_TIME: "due",
    RowKind.LATE: "late",
    RowKind.CHECK: "tick",
    RowKind.CLOSES: "end",
}
_LEGEND = (
    ("open", "opens"),
    ("before", "reminder before the deadline"),
    ("due", "due, and who is told if it is not done"),
    ("late", "what happens if it is late"),
    ("tick", "readiness check starts"),
    ("end", "the month closes"),
)
_SIZE = 11.5


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    bold: bool
    mark: str | None


def month_calendar_svg(
    plan: Plan,
    month: Month,
    calendar: WorkCalendar,
    closed: Mapping[date, str] | None = None,
) -> str:
    """
    Give a month's calendar as a self-contained SVG file.

    Args:
        plan: the playbook.
        month: which month.
        calendar: the clinic's, covering the month and what follows until it closes.
        closed: why the clinic is closed on a day (a holiday's name, a closure's reason).
    """
    return _Page(plan, month, calendar, closed or {}).draw()


class _Page:
    def __init__(
        self, plan: Plan, month: Month, calendar: WorkCalendar, closed: Mapping[date, str]
    ) -> None:
        self._plan, self._month, self._calendar, self._closed = plan, month, calendar, closed
        self._words = Words(plan)
        rows = calendar_rows(plan, month, calendar)
        self._later = [row for row in rows if row.day is None]
        self._days: dict[date, list[CalendarRow]] = {}
        for row in rows:
            if row.day is not None:
                self._days.setdefault(row.day, []).append(row)
        self._body: list[str] = []
        self._y = 0.0

    def draw(self) -> str:
        weeks = self._weeks()
        lefts, widths = self._columns(weeks)
        self._header(lefts, widths)
        for week in weeks:
            self._week(week, lefts, widths)
        self._depends()
        title = xml(f"{self._plan.title}, {self._month.first_day:%B %Y}")
        says = "A calendar with what opens, what is due and who is told."
        return picture(_WIDTH, self._y + _MARGIN, title, says, "".join(self._body))

    def _weeks(self) -> list[list[date]]:
        last = max([self._month.last_day, *self._days])
        sunday = self._month.first_day - timedelta(days=self._month.first_day.isoweekday() % 7)
        weeks = []
        while sunday <= last:
            weeks.append([sunday + timedelta(days=i) for i in range(7)])
            sunday += timedelta(days=7)
        return weeks

    def _columns(self, weeks: Sequence[Sequence[date]]) -> tuple[list[float], list[float]]:
        """Give each weekday its place; those that are always closed get less room."""
        busy = [
            any(day in self._days or self._calendar.is_business_day(day) for day in days)
            for days in zip(*weeks, strict=True)
        ]
        rest = _WIDTH - 2 * _MARGIN - _QUIET * busy.count(False)
        widths = [rest / max(1, busy.count(True)) if is_busy else _QUIET for is_busy in busy]
        lefts = [_MARGIN + sum(widths[:i]) for i in range(7)]
        return lefts, widths

    def _header(self, lefts: Sequence[float], widths: Sequence[float]) -> None:
        self._text(_MARGIN, 56, f"{self._month.first_day:%B %Y}", 27, "strong")
        about = f"{self._plan.title} ({self._plan.playbook}, version {self._plan.version})"
        self._text(_MARGIN, 80, about, 14, "muted")
        x = _MARGIN + 6
        for mark, meaning in _LEGEND:
            self._mark(mark, x, 103)
            self._text(x + 11, 107, meaning, 12, "muted")
            x += len(meaning) * 6.3 + 34
        for name, left, wide in zip(_NAMES, lefts, widths, strict=True):
            self._text(left + 8, 138, name if wide > _QUIET else name[:3], 12, "label")
        self._y = 148

    def _week(self, week: Sequence[date], lefts: Sequence[float], widths: Sequence[float]) -> None:
        cells = [self._lines(day, wide) for day, wide in zip(week, widths, strict=True)]
        tallest = max(sum(17.0 if line.mark else 15.0 for line in cell) for cell in cells)
        height = max(74.0, tallest + 38)
        for day, cell, left, wide in zip(week, cells, lefts, widths, strict=True):
            self._cell(day, cell, left, wide, height)
        self._y += height

    def _cell(
        self, day: date, lines: Sequence[_Line], left: float, wide: float, height: float
    ) -> None:
        works = self._calendar.is_business_day(day)
        box = f'x="{number(left)}" y="{number(self._y)}" width="{number(wide)}"'
        style = "cell" if works else "cell closed"
        self._body.append(f'<rect class="{style}" {box} height="{number(height)}"/>')
        inside = Month.of(day) == self._month
        name = str(day.day) if inside else f"{day:%b} {day.day}"
        self._text(left + 8, self._y + 21, name, 15, "strong" if inside else "muted")
        note = self._day_note(day, works=works)
        at = f'x="{number(left + wide - 8)}" y="{number(self._y + 20)}" font-size="10.5"'
        self._body.append(f'<text class="muted end" {at}>{xml(note)}</text>')
        y = self._y + 28
        for line in lines:
            y += 17.0 if line.mark else 15.0
            if line.mark is not None:
                self._mark(line.mark, left + 13, y - 4)
            self._text(left + 24, y, line.text, _SIZE, "strong" if line.bold else "")

    def _day_note(self, day: date, *, works: bool) -> str:
        if works and Month.of(day) == self._month:
            first = self._month.previous.last_day
            return f"business day {self._calendar.business_days_between(first, day)}"
        return "" if works else self._closed.get(day, "closed")

    def _lines(self, day: date, wide: float) -> list[_Line]:
        found: list[_Line] = []
        for row in self._days.get(day, ()):
            bold = row.kind in (RowKind.DUE, RowKind.CLOSES, RowKind.CHECK)
            wrapped = wrap(self._said(row), wide - 32, _SIZE, bold=bold)
            found += [
                _Line(text, bold, _MARKS[row.kind] if i == 0 else None)
                for i, text in enumerate(wrapped)
            ]
        return found

    def _said(self, row: CalendarRow) -> str:
        who = "" if row.role is None else self._words.role(row.role)
        at = "" if row.instant is None else spoken_clock(row.instant, self._calendar)
        match row.kind:
            case RowKind.OPENS:
                return f"{row.title} ({who})"
            case RowKind.DUE:
                return f"{row.title}: {who}, {at}"
            case RowKind.CHECK | RowKind.CLOSES:
                return f"{row.title}, {at}"
            case _:
                act = row.text.rsplit(": ", 1)[-1].removesuffix(".")
                return f"{row.title}: {act}"

    def _depends(self) -> None:
        if not self._later:
            return
        self._y += 40
        heading = "No date of their own: these start when something else has happened"
        self._text(_MARGIN, self._y, heading, 16, "strong")
        half = (_WIDTH - 2 * _MARGIN) / 2
        tops = [self._y + 8, self._y + 8]
        for row in self._later:
            side = 0 if tops[0] <= tops[1] else 1
            x = _MARGIN + side * half
            who = self._words.role(row.role) if row.role is not None else ""
            tops[side] += 22
            self._text(x, tops[side], f"{row.title} ({who})", 13, "strong")
            for line in wrap(row.text, half - 36, 12):
                tops[side] += 16
                self._text(x, tops[side], line, 12, "muted")
        self._y = max(tops)

    def _text(self, x: float, y: float, text: str, size: float, style: str) -> None:
        at = f'x="{number(x)}" y="{number(y)}" font-size="{number(size)}"'
        self._body.append(f'<text class="{style}" {at}>{xml(text)}</text>')

    def _mark(self, mark: str, x: float, y: float) -> None:
        at = f"translate({number(x)} {number(y)})"
        self._body.append(f'<use href="#m-{mark}" transform="{at}"/>')
