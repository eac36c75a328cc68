"""What simulated months came to, added up as they end; keeps no patient."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from ccm_flow.core.ids import PersonId, RoleId, StepId
from ccm_flow.rehearsal.life import Life
from ccm_flow.rehearsal.measures import Judged, Totals, judge

StepDay = tuple[StepId, RoleId, date]
"""A step, the role that the playbook gives it to, and the day it was due."""


@dataclass(slots=True)
class MonthTally:
    """One month of many patients."""

    totals: Totals = field(default_factory=Totals)
    due: Counter[StepDay] = field(default_factory=Counter)
    """Steps that were judged by their deadline."""
    not_on_time: Counter[StepDay] = field(default_factory=Counter)
    """Those of them that were done late or not at all."""
    counted: Counter[int] = field(default_factory=Counter)
    """Months that are ready, by the whole minutes that count for billing."""

    def add(self, life: Life) -> None:
        """Add a cycle that has ended."""
        month = life.measured()
        self.totals.add(month)
        if month.came_well:
            self.counted[int(life.record.facts()["minutes"])] += 1
        calendar, plan = life.layout.calendar, life.layout.plan
        for step in life.state.steps.values():
            judged = judge(step)
            if judged is not None and step.due_at is not None:
                role = plan.step_of(step.step, step.risk).owner
                key = (step.step, role, calendar.date_of(step.due_at))
                self.due[key] += 1
                self.not_on_time[key] += int(judged is not Judged.ON_TIME)

    def merge(self, other: "MonthTally") -> None:
        """Add what was added up elsewhere."""
        self.totals.merge(other.totals)
        self.due.update(other.due)
        self.not_on_time.update(other.not_on_time)
        self.counted.update(other.counted)


@dataclass(slots=True)
class Tally:
    """All months of a simulation."""

    months: list[MonthTally]
    waiting: Counter[tuple[RoleId, date]] = field(default_factory=Counter)
    """Pieces of work that waited for their owner at the end of each day, by role."""
    available: Counter[tuple[RoleId, date]] = field(default_factory=Counter)
    """Protected seconds by role and day; empty when capacity is unbounded."""
    worked: Counter[PersonId] = field(default_factory=Counter)
    """Seconds by person; the same place in several teams is one person here."""

    @classmethod
    def empty(cls, months: int) -> "Tally":
        """Begin with nothing."""
        return cls([MonthTally() for _ in range(months)])

    def merge(self, other: "Tally") -> None:
        """Add what was added up elsewhere."""
        for mine, theirs in zip(self.months, other.months, strict=True):
            mine.merge(theirs)
        self.waiting.update(other.waiting)
        self.available.update(other.available)
        self.worked.update(other.worked)

    def work_by_day(self) -> Counter[tuple[RoleId, date]]:
        """Give the seconds worked by role and day, of all months together."""
        found: Counter[tuple[RoleId, date]] = Counter()
        for month in self.months:
            found.update(month.totals.work)
        return found


def merged(tallies: Iterable[Tally], months: int) -> Tally:
    """Add tallies up, one after the other, in the order given."""
    whole = Tally.empty(months)
    for one in tallies:
        whole.merge(one)
    return whole
