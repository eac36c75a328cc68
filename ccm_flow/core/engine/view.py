"""What the engine's rules read: one state of a cycle, laid on its calendar, at an instant."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from ccm_flow.core.assignment import Assignment, ForWhom, Wanted, choose_owner
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.facts import Facts, FactValue
from ccm_flow.core.ids import RoleId, StepId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlanStep
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import (
    Blocker,
    CycleState,
    CycleStatus,
    Ending,
    Owner,
    StepState,
    StepStatus,
)


def wanted_for(
    plan: Plan, step: PlanStep, role: RoleId | None = None, *, by_agreement: bool = False
) -> Wanted:
    """
    Say what a step asks of its owner, in its own role unless another is given.

    With `by_agreement` another role than its own is whose the agreement says.
    """
    window = None
    if step.attempts is not None and plan.contact is not None:
        window = (plan.contact.start, plan.contact.end)
    own = role in (None, step.owner) or not by_agreement
    return Wanted(role or step.owner, step.id, step.responsibility if own else None, window)


class View:
    """A state as it is; a `Turn` goes on from it."""

    settled: Collection[StepState] = ()
    """Steps that ended in this turn and whose consequences are still to be drawn."""
    _missing: tuple[Blocker, ...] = ()
    _missing_in: Facts | None = None
    """The facts in which they are missing."""

    def __init__(self, layout: MonthPlan, state: CycleState, now: datetime) -> None:
        self.layout = layout
        self.plan: Plan = layout.plan
        self.calendar: WorkCalendar = layout.calendar
        self.now = now
        self.state = state
        self.steps: Mapping[StepKey, StepState] = state.steps
        self.latest: Mapping[StepId, StepKey] = state.latest
        self.facts: Facts = state.facts
        self.status = state.status
        self.blockers: tuple[Blocker, ...] | None = state.blockers
        self.ending: Ending | None = state.ending
        self.pool = state.pool
        self._closes_at = state.closes_at

    @property
    def ended(self) -> bool:
        """Tell whether the cycle is over."""
        return self.ending is not None

    @property
    def paused(self) -> bool:
        """Tell whether the clocks stand still."""
        return self.status is CycleStatus.PAUSED

    @property
    def closes_at(self) -> datetime:
        """When the cycle ends at the latest."""
        return self._closes_at

    @property
    def month(self) -> Month:
        """The cycle's month."""
        return self.state.month

    def newest(self, step: StepId) -> StepState | None:
        """Give the newest opening of a step."""
        key = self.latest.get(step)
        return None if key is None else self.steps[key]

    def open_now(self) -> Iterable[StepState]:
        """Give the steps that are open, in the order in which they were opened."""
        return self.state.open_steps

    def is_open(self, step: StepId) -> bool:
        """Tell whether any opening of a step is open."""
        newest = self.newest(step)
        if newest is None or newest.status is StepStatus.OPEN:
            return newest is not None
        return newest.round > 1 and any(state.step == step for state in self.open_now())

    def opened(self, step: StepId) -> StepState | None:
        """
        Give the newest opening of a step that counts as one.

        What was withdrawn while the cycle runs does not: a version of the playbook without the
        step took it off the list, and a later version may bring it back.
        """
        newest = self.newest(step)
        return None if newest is None or newest.status is StepStatus.WITHDRAWN else newest

    def is_settled(self, step: StepId) -> bool:
        """Tell whether a step ended in this turn, and what it leads to is still to be drawn."""
        return bool(self.settled) and any(state.step == step for state in self.settled)

    def find_blockers(self) -> tuple[Blocker, ...]:
        """List everything that stops the month now."""
        if self._missing_in is not self.facts:
            self._missing = find_blockers(self.plan.readiness, self.facts)
            self._missing_in = self.facts
        return self._missing

    def spec(self, state: StepState) -> PlanStep:
        """Give an opened step's definition, as it is for this patient."""
        return self.plan.step_of(state.step, state.risk)

    def owner(self, role: RoleId) -> Owner:
        """Name the owner for a role: its person, or the program owner as the last resort."""
        if self.pool is not None:
            return self.assign(Wanted(role))[0]
        person = self.state.team.get(role)
        if person is not None:
            return Owner(role, person)
        return Owner(self.plan.owner, self.state.team[self.plan.owner])

    def assign(self, step: Wanted) -> tuple[Owner, Assignment | None]:
        """Give a step its owner, with the reason; without one where no pool is known."""
        if self.pool is None:
            return self.owner(step.role), None
        day = self.calendar.date_of(self.now)
        patient = ForWhom(str(self.facts["language"]), self.state.cycle)
        found = choose_owner(self.pool, step, patient, day)
        role = self.plan.owner if found.last_resort else step.role
        return Owner(role, found.person), found

    def all_facts(self) -> Mapping[str, FactValue]:
        """Give the record's facts and those that follow from the calendar."""
        return {**self.facts, **self.layout.facts_on(self.calendar.date_of(self.now))}
