"""Simulated people with a calendar of their own: when they are there, and what time is left."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.ids import RoleId
from ccm_flow.core.staffing import StaffPerson
from ccm_flow.core.state import StepState

_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """Work that waits for its owner: what is due first comes first."""

    due: int
    """In UTC epoch seconds."""
    ready: int
    patient: int
    month: int
    step: str
    planned: StepState
    """The step as it was when the work was planned."""


class Worker:
    """One person. All instants are UTC epoch seconds."""

    def __init__(self, person: StaffPerson, calendar: WorkCalendar) -> None:
        self.person: Final = person
        self.waiting: Final[dict[RoleId, list[Waiting]]] = defaultdict(list)
        """What waits for this person, as heaps."""
        self.busy = False
        self.looks_at: int | None = None
        """When they will look at their work next, while they have nothing to do or no time."""
        self._midnights = calendar.midnights
        self._shifts = [self._shift(calendar, day) for day in _days(calendar)]
        self._used: Counter[tuple[int, RoleId]] = Counter()

    def _shift(self, calendar: WorkCalendar, day: date) -> tuple[int, int] | None:
        """Give the hours of a day: one of theirs, no holiday of the clinic, no absence."""
        closed = day.weekday() < _SATURDAY and not calendar.is_business_day(day)
        if closed or not self.person.works_on(day):
            return None
        starts = calendar.at_minute(day, self.person.starts)
        ends = calendar.at_minute(day, self.person.ends)
        return int(starts.timestamp()), int(ends.timestamp())

    def _day(self, now: int) -> int:
        return bisect_right(self._midnights, now) - 1

    def is_there(self, now: int) -> bool:
        """Tell whether they work at an instant."""
        shift = self._shifts[self._day(now)]
        return shift is not None and shift[0] <= now < shift[1]

    def next_shift(self, now: int) -> int | None:
        """Say when their next day begins after `now`; None when the calendar ends before."""
        for shift in self._shifts[self._day(now) :]:
            if shift is not None and shift[0] > now:
                return shift[0]
        return None

    def lay(self, role: RoleId, seconds: int, now: int) -> list[tuple[int, int]] | None:
        """
        Say when work would be done that begins now; None when today has no time for it.

        Work that is longer than any day's time goes on over the next days; it begins on a day
        whose time is whole.
        """
        budget = self._budget(role)
        longest = min(budget, (self.person.ends - self.person.starts) * 60)
        if seconds <= longest:
            fits = seconds <= self._left(role, now)
            return [(now, now + seconds)] if fits else None
        return self._over_days(role, seconds, now) if self._left(role, now) == budget else None

    def _over_days(self, role: RoleId, seconds: int, now: int) -> list[tuple[int, int]] | None:
        spans: list[tuple[int, int]] = []
        while True:
            today = min(seconds, self._left(role, now))
            if today > 0:
                spans.append((now, now + today))
                seconds -= today
            if seconds == 0:
                return spans
            following = self.next_shift(now)
            if following is None:
                return None
            now = following

    def spend(self, role: RoleId, spans: list[tuple[int, int]]) -> None:
        """Take time off the days' budgets."""
        for start, end in spans:
            self._used[self._day(start), self._budgeted(role)] += end - start

    def _left(self, role: RoleId, now: int) -> int:
        day = self._day(now)
        shift = self._shifts[day]
        if shift is None:
            return 0
        unused = self._budget(role) - self._used[day, self._budgeted(role)]
        return min(unused, shift[1] - now)

    def _budget(self, role: RoleId) -> int:
        return self.person.protected[self._budgeted(role)] * 60

    def _budgeted(self, role: RoleId) -> RoleId:
        """Give the role whose minutes are used: steps nobody else can own come to any of them."""
        return role if role in self.person.protected else next(iter(self.person.protected))

    def time_by_day(
        self, first: date, last: date, calendar: WorkCalendar
    ) -> Counter[tuple[RoleId, date]]:
        """Give the protected seconds of each role and day from `first` to `last`."""
        found: Counter[tuple[RoleId, date]] = Counter()
        for day, shift in zip(_days(calendar), self._shifts, strict=True):
            if shift is not None and first <= day <= last:
                for role, minutes in self.person.protected.items():
                    found[role, day] += minutes * 60
        return found


def _days(calendar: WorkCalendar) -> list[date]:
    return [calendar.first + timedelta(days=i) for i in range(len(calendar.opens))]
