"""A playbook laid on one month's calendar: every date it names, worked out once."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import (
    Anchor,
    DueRule,
    MonthDate,
    due_at,
    month_date,
    to_the_minute,
)
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import CalendarChanged, Event, PlanChanged
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlanStep
from ccm_flow.core.state import CycleStart


@dataclass(frozen=True)
class MonthPlan:
    """The plan, the calendar and the first instant of one cycle; another calendar makes another."""

    plan: Plan
    calendar: WorkCalendar
    month: Month
    opens_at: datetime

    @classmethod
    def of(cls, start: CycleStart) -> "MonthPlan":
        """Lay out the cycle that `start` describes."""
        return cls(start.plan, start.calendar, start.month, to_the_minute(start.opens_at))

    def on(self, calendar: WorkCalendar) -> "MonthPlan":
        """Lay the same cycle on another calendar, e.g. with one more closure day."""
        return MonthPlan(self.plan, calendar, self.month, self.opens_at)

    def by(self, plan: Plan) -> "MonthPlan":
        """Lay out the same cycle by another version of its playbook."""
        return MonthPlan(plan, self.calendar, self.month, self.opens_at)

    @cached_property
    def closes_at(self) -> datetime:
        """When the cycle ends whatever is still open."""
        return self.due_at(self.plan.closes, self.opens_at)

    def due_at(self, rule: DueRule, opened: datetime) -> datetime:
        """
        Derive the instant at which a rule that started at `opened` falls due.

        Raises:
            CalendarTooShortError: the date lies outside the calendar.
        """
        if not isinstance(rule, MonthDate):
            return due_at(rule, opened, self.month, self.calendar)
        found = self._dates.get(rule)
        if found is None:
            found = self._dates[rule] = due_at(rule, opened, self.month, self.calendar)
        return found

    def deadline(self, rule: DueRule, opened: datetime) -> datetime:
        """
        Derive the deadline that a step which opened then was given, inside the cycle.

        A date that was over when the step opened gave its owner one business day.
        """
        try:
            due = self.due_at(rule, opened)
            if due <= opened:
                day = self.calendar.business_day_after(self.calendar.date_of(opened), 1)
                due = self.calendar.closing(day)
        except CalendarTooShortError:
            return self.closes_at
        return min(due, self.closes_at)

    @cached_property
    def _dates(self) -> dict[MonthDate, datetime]:
        """Keep when a date in the month falls due: that hangs on nothing else."""
        return {}

    @cached_property
    def opening_dates(self) -> dict[StepId, datetime]:
        """For each step with `at`: when the clinic opens on that day."""
        return {step.id: self._opening(step) for step in self.plan.steps if step.at is not None}

    @cached_property
    def dated(self) -> tuple[tuple[PlanStep, datetime], ...]:
        """The steps that open on a date by themselves, with it, as the playbook has them."""
        steps = (step for step in self.plan.steps if step.at is not None and step.on is None)
        return tuple((step, self.opening_dates[step.id]) for step in steps)

    @cached_property
    def dated_by_time(self) -> tuple[tuple[PlanStep, datetime], ...]:
        """The same, the earliest first."""
        return tuple(sorted(self.dated, key=lambda pair: pair[1]))

    @cached_property
    def readiness_from(self) -> datetime | None:
        """When the readiness check starts."""
        if self.plan.readiness is None:
            return None
        rule = self.plan.readiness.from_
        if isinstance(rule, MonthDate):
            return self.calendar.opening(month_date(rule, self.month, self.calendar))
        return self.due_at(rule, self.opens_at)

    @cached_property
    def month_ends_at(self) -> datetime:
        """When the clinic closes on the month's last day; no repeated step opens after it."""
        return self.due_at(MonthDate(Anchor.MONTH_END), self.opens_at)

    @cached_property
    def always_watched(self) -> tuple[PlanStep, ...]:
        """Steps whose `after` may come true without a step it names being settled just now."""
        return tuple(step for step in self.plan.steps if _asks_whether_over(step.after))

    @cached_property
    def repeated(self) -> tuple[PlanStep, ...]:
        """Steps that come round again."""
        return tuple(step for step in self.plan.steps if step.every is not None)

    @cached_property
    def ladder_instants(self) -> dict[tuple[StepId, str | None, datetime], tuple[datetime, ...]]:
        """Keep when a ladder's rungs fire once it was derived: they stand with the deadline."""
        return {}

    def facts_on(self, day: date) -> Facts:
        """Give the facts that follow from the calendar alone."""
        found = self._facts_by_day.get(day)
        if found is None:
            found = self._facts_by_day[day] = self._count_days(day)
        return found

    @cached_property
    def _facts_by_day(self) -> dict[date, Facts]:
        return {}

    def _count_days(self, day: date) -> Facts:
        month, calendar = self.month, self.calendar
        before, last = month.previous.last_day, month.last_day
        within = min(max(day, before), last)
        left = calendar.business_days_between(within, last)
        if month.first_day <= day <= last and calendar.is_business_day(day):
            left += 1
        return {"days_left": left, "business_day": calendar.business_days_between(before, within)}

    @property
    def owner_role(self) -> RoleId:
        """The program owner's role."""
        return self.plan.owner

    def _opening(self, step: PlanStep) -> datetime:
        if isinstance(step.at, MonthDate):
            return self.calendar.opening(month_date(step.at, self.month, self.calendar))
        assert step.at is not None  # noqa: S101 - only dated steps are asked
        return self.due_at(step.at, self.opens_at)


def layout_after(layout: MonthPlan, event: Event) -> MonthPlan:
    """Give the layout that a cycle goes on by once it has taken an event."""
    match event:
        case CalendarChanged(calendar=calendar):
            return layout.on(calendar)
        case PlanChanged(plan=plan):
            return layout.by(plan)
        case _:
            return layout


def _asks_whether_over(after: object) -> bool:
    if not isinstance(after, (tuple, list)):
        return False
    return after[0] == "ended" or any(_asks_whether_over(part) for part in after[1:])
