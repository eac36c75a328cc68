"""
Minutes at risk: who is short of the month's minimum, and what the missing minutes rest on.

A month needs at least the playbook's minimum of counted time, and minutes that are not there are
never made up (medicare-rules section 2). So it is looked at all month long, week by week, while
there is still time to do the work.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class Planned:
    """Work that is still expected: how long, and the day on which it falls due."""

    due_on: date | None
    """None while nobody can say, e.g. while the month is paused."""
    seconds: int


@dataclass(frozen=True, slots=True)
class MinutesOutlook:
    """One patient's minutes: what is there, what is missing, what may still come."""

    seconds: int
    """Counted so far, exact."""
    minimum: int
    """Whole minutes that the month needs."""
    planned: tuple[Planned, ...]
    """In the order of their days."""

    @property
    def missing_seconds(self) -> int:
        """How much is missing to the minimum; 0 when it is reached."""
        return max(0, self.minimum * 60 - self.seconds)

    @property
    def missing_minutes(self) -> int:
        """The same in minutes, rounded up: a part of a minute is not enough."""
        return -(-self.missing_seconds // 60)

    @property
    def expected_minutes(self) -> int:
        """Whole minutes that the steps ahead usually take."""
        return sum(one.seconds for one in self.planned) // 60

    @property
    def is_short(self) -> bool:
        """Tell whether minutes are missing now."""
        return self.missing_seconds > 0

    @property
    def will_make_it(self) -> bool:
        """Tell whether the steps ahead bring what is missing, if all of them are done."""
        return sum(one.seconds for one in self.planned) >= self.missing_seconds

    @property
    def uncovered_minutes(self) -> int:
        """Missing minutes that no step ahead brings, rounded up."""
        left = self.missing_seconds - sum(one.seconds for one in self.planned)
        return -(-max(0, left) // 60)


@dataclass(frozen=True, slots=True)
class Week:
    """One week of the month in all patients: Monday to Sunday, cut off at the month's ends."""

    first: date
    last: date
    documented_minutes: int
    """Counted work of these days, summed in seconds and floored once."""
    expected_minutes: int
    """What the steps that fall due in this week usually take."""
    at_risk_minutes: int
    """Minutes missing to a minimum that rest on this week's steps, rounded up."""
    patients_at_risk: int
    """How many patients these are."""


def weeks_of(month: Month) -> tuple[tuple[date, date], ...]:
    """Cut a month into its weeks, each as first and last day."""
    weeks, first = [], month.first_day
    while first <= month.last_day:
        last = min(month.last_day, first + timedelta(days=6 - first.weekday()))
        weeks.append((first, last))
        first = last + timedelta(days=1)
    return tuple(weeks)


def minutes_by_week(
    month: Month, outlooks: Sequence[MinutesOutlook], documented: Mapping[date, int]
) -> tuple[Week, ...]:
    """
    Sum up by week what was done, what is expected, and what would be lost without it.

    Missing minutes rest on a patient's steps in the order of their deadlines, so none is counted
    twice. Work due after the month's last day cannot help the month and is left out; work due
    before the month's first day, or overdue, counts in the week of its deadline.
    """
    resting = [found for one in outlooks if (found := _resting(month, one))]
    expected: dict[date, int] = defaultdict(int)
    for one in (one for outlook in outlooks for one in outlook.planned):
        day = _day_in(month, one)
        if day is not None:
            expected[day] += one.seconds
    return tuple(_week(week, resting, expected, documented) for week in weeks_of(month))


def _week(
    week: tuple[date, date],
    resting: Iterable[Mapping[date, int]],
    expected: Mapping[date, int],
    documented: Mapping[date, int],
) -> Week:
    at_risk = [seconds for one in resting if (seconds := _within(week, one))]
    return Week(
        *week,
        documented_minutes=_within(week, documented) // 60,
        expected_minutes=_within(week, expected) // 60,
        at_risk_minutes=-(-sum(at_risk) // 60),
        patients_at_risk=len(at_risk),
    )


def _within(week: tuple[date, date], seconds: Mapping[date, int]) -> int:
    first, last = week
    return sum(part for day, part in seconds.items() if first <= day <= last)


def _resting(month: Month, outlook: MinutesOutlook) -> Mapping[date, int]:
    """Spread one patient's missing seconds over the days on which the steps ahead fall due."""
    left, found = outlook.missing_seconds, dict[date, int]()
    for one in outlook.planned:
        day = _day_in(month, one)
        if day is not None and left > 0:
            part = min(left, one.seconds)
            found[day] = found.get(day, 0) + part
            left -= part
    return found


def _day_in(month: Month, one: Planned) -> date | None:
    """Give the day of the month in which planned work counts; None when it comes too late."""
    if one.due_on is None or one.due_on > month.last_day:
        return None
    return max(one.due_on, month.first_day)
