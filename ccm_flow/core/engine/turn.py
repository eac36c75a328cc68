"""One turn of the engine: a working copy of the state, and the commands it gives rise to."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime

from ccm_flow.core.assignment import Pool
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.commands import CloseStep, Command, EndCycle, OpenStep
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.view import View
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import SYSTEM, OutcomeId, PersonId, StepId, StepKey
from ccm_flow.core.plan import Disposition, Plan
from ccm_flow.core.state import (
    CycleState,
    CycleStatus,
    Ending,
    StepState,
    StepStatus,
    changed,
    moved_on,
)


class Turn(View):
    """
    Mutable for the length of one event only; what comes out is frozen again.

    Rules read `steps` and `facts` here, and change the cycle only through the methods, which
    keep state and commands in step.
    """

    def __init__(self, layout: MonthPlan, state: CycleState, now: datetime) -> None:
        super().__init__(layout, state, now)
        self.steps: dict[StepKey, StepState] = dict(state.steps)
        self.latest: dict[StepId, StepKey] = dict(state.latest)
        self.settled: deque[StepState] = deque()
        self._open = {step.key: step for step in state.open_steps}
        self.ready_round = state.ready_round
        self.calendar_told_at = state.calendar_told_at
        self.commands: list[Command] = []

    def open_now(self) -> Iterable[StepState]:
        """Give the steps that are open, in the order in which they were opened."""
        return self._open.values()

    def open_steps(self) -> list[StepState]:
        """Give the same as a list, so that they may be changed meanwhile."""
        return list(self._open.values())

    def add_facts(self, facts: Facts | None) -> None:
        """Take in what the event knows of the record."""
        if facts:
            self.facts = {**self.facts, **facts}

    def add_pool(self, pool: Pool | None) -> None:
        """Take in who may get steps now."""
        if pool is not None:
            self.pool = pool

    def move_to(self, calendar: WorkCalendar) -> None:
        """Go on by another calendar, from this instant."""
        self.layout = self.layout.on(calendar)
        self.calendar = calendar
        self._closes_at = self.layout.closes_at

    def go_on_by(self, plan: Plan) -> None:
        """Go on by another version of the playbook, from this instant."""
        self.layout = self.layout.by(plan)
        self.plan = plan
        self._closes_at = self.layout.closes_at
        self._missing_in = None  # what stops the month is another question now

    def emit(self, command: Command) -> None:
        """Ask for something to be done."""
        self.commands.append(command)

    def put(self, step: StepState) -> None:
        """Keep the new state of an open step."""
        self.steps[step.key] = self._open[step.key] = step

    def add(self, step: StepState) -> None:
        """Keep a newly opened step and tell its owner; or one that was skipped instead."""
        self.steps[step.key] = step
        self.latest[step.step] = step.key
        if step.status is StepStatus.OPEN:
            self._open[step.key] = step
            self.commands.append(OpenStep(step))
        else:
            self.commands.append(CloseStep(step))
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
        self.steps[closed.key] = closed
        self._open.pop(closed.key, None)
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
        if self.ending is not None:
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
        return moved_on(
            self.state,
            closes_at=self.closes_at,
            steps=self.steps,
            latest=self.latest,
            facts=self.facts,
            status=self.status,
            blockers=self.blockers,
            ready_round=self.ready_round,
            ending=self.ending,
            sequence=self.state.sequence + 1,
            pool=self.pool,
            calendar_told_at=self.calendar_told_at,
            open_steps=tuple(self._open.values()),
        )
