"""One turn of the engine: a working copy of the state, and the commands it gives rise to."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.commands import CloseStep, Command, EndCycle, OpenStep
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.facts import Facts, FactValue
from ccm_flow.core.ids import SYSTEM, OutcomeId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition, Plan, PlanStep
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import (
    Blocker,
    CycleState,
    CycleStatus,
    Ending,
    Owner,
    StepState,
    StepStatus,
    changed,
)


class Turn:
    """
    Mutable for the length of one event only; what comes out is frozen again.

    Rules read `steps` and `facts` here, and change the cycle only through the methods, which
    keep state and commands in step.
    """

    def __init__(self, layout: MonthPlan, state: CycleState, now: datetime) -> None:
        self.layout = layout
        self.plan: Plan = layout.plan
        self.calendar: WorkCalendar = layout.calendar
        self.now = now
        self.state = state
        self.steps: dict[StepKey, StepState] = dict(state.steps)
        self.latest: dict[StepId, StepKey] = dict(state.latest)
        self._open = {
            key: step for key, step in state.steps.items() if step.status is StepStatus.OPEN
        }
        self.facts: Facts = state.facts
        self.status = state.status
        self.blockers: tuple[Blocker, ...] | None = state.blockers
        self.ready_round = state.ready_round
        self.ending: Ending | None = state.ending
        self.commands: list[Command] = []
        self.settled: deque[StepState] = deque()
        """Steps that ended in this turn and whose consequences are still to be drawn."""
        self._missing: tuple[Blocker, ...] = ()
        self._missing_in: Facts | None = None
        """The facts in which they are missing."""

    # --- reading ---

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
        return self.state.closes_at

    @property
    def month(self) -> Month:
        """The cycle's month."""
        return self.state.month

    def newest(self, step: StepId) -> StepState | None:
        """Give the newest opening of a step."""
        key = self.latest.get(step)
        return None if key is None else self.steps[key]

    def open_steps(self) -> list[StepState]:
        """Give the steps that are open now, in the order in which they were opened."""
        return list(self._open.values())

    def is_open(self, step: StepId) -> bool:
        """Tell whether any opening of a step is open."""
        return any(state.step == step for state in self._open.values())

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
        person = self.state.team.get(role)
        if person is not None:
            return Owner(role, person)
        return Owner(self.plan.owner, self.state.team[self.plan.owner])

    def all_facts(self) -> Mapping[str, FactValue]:
        """Give the record's facts and those that follow from the calendar."""
        today = self.calendar.date_of(self.now)
        month = self.state.month
        within = min(max(today, month.previous.last_day), month.last_day)
        left = self.calendar.business_days_between(within, month.last_day)
        if month.first_day <= today <= month.last_day and self.calendar.is_business_day(today):
            left += 1
        begun = self.calendar.business_days_between(month.previous.last_day, within)
        return {**self.facts, "days_left": left, "business_day": begun}

    # --- changing ---

    def add_facts(self, facts: Facts | None) -> None:
        """Take in what the event knows of the record."""
        if facts:
            self.facts = {**self.facts, **facts}

    def emit(self, command: Command) -> None:
        """Ask for something to be done."""
        self.commands.append(command)

    def put(self, step: StepState) -> None:
        """Keep a step's new state."""
        self.steps[step.key] = step
        if step.status is StepStatus.OPEN:
            self._open[step.key] = step
        else:
            self._open.pop(step.key, None)

    def add(self, step: StepState) -> None:
        """Keep a newly opened step and tell its owner."""
        self.put(step)
        self.latest[step.step] = step.key
        if step.is_open:
            self.emit(OpenStep(step))
        else:
            self.emit(CloseStep(step))
            self.settled.append(step)

    def close(
        self,
        step: StepState,
        status: StepStatus,
        *,
        by: PersonId = SYSTEM,
        outcome: OutcomeId | None = None,
        because: str | None = None,
    ) -> None:
        """End a step; its consequences are drawn before the turn is over."""
        closed = changed(
            step,
            status=status,
            ended_at=self.now,
            ended_by=by,
            outcome=outcome,
            because=because if because is not None else step.because,
            not_before=None,
        )
        self.put(closed)
        self._count_contact(closed)
        self.emit(CloseStep(closed))
        self.settled.append(closed)

    def _count_contact(self, closed: StepState) -> None:
        """Keep the one fact the flow itself knows: how often the patient was reached."""
        if closed.outcome is None or closed.status is not StepStatus.DONE:
            return
        outcome = self.plan.by_id[closed.step].outcome(closed.outcome)
        if outcome is not None and outcome.contact:
            self.facts = {**self.facts, "contacts": int(self.facts["contacts"]) + 1}

    def end(self, disposition: Disposition, because: str | None) -> None:
        """End the cycle: every open step is withdrawn, and the month is judged a last time."""
        if self.ended:
            return
        for step in self.open_steps():
            self.close(step, StepStatus.WITHDRAWN)
        self.settled.clear()
        blockers = self.find_blockers()
        self.status = CycleStatus.ENDED
        self.ending = Ending(disposition, because, self.now, blockers)
        self.emit(EndCycle(self.ending))

    def result(self) -> CycleState:
        """Freeze the turn."""
        before = self.state
        return CycleState(
            cycle=before.cycle,
            month=before.month,
            team=before.team,
            closes_at=before.closes_at,
            steps=self.steps,
            latest=self.latest,
            facts=self.facts,
            status=self.status,
            blockers=self.blockers,
            ready_round=self.ready_round,
            ending=self.ending,
            sequence=before.sequence + 1,
        )
