"""Who may do what at a moment: the choices the proof tries, and the ordinary course of the rest."""

from collections.abc import Iterator
from datetime import datetime

from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    StepCompleted,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.plan import Outcome, Plan, PlanStep, Requirement
from ccm_flow.core.state import CycleState, CycleStatus, StepState
from ccm_flow.proof.moments import Moments
from ccm_flow.proof.record import met, recorded, results
from ccm_flow.proof.threads import Thread
from ccm_flow.proof.walk import Node

NOT_NEEDED = "not needed"
STAY = "hospital stay"


class Moves:
    """What can happen in one thread."""

    def __init__(self, plan: Plan, thread: Thread, moments: Moments) -> None:
        self._plan, self._thread, self._moments = plan, thread, moments

    # --- the thread's own steps: everything is tried ---

    def is_choice(self, node: Node) -> bool:
        """Tell whether anything but waiting can be chosen now."""
        return any(True for _ in self._doable(node.state, node.now)) or any(
            True for _ in self.from_outside(node)
        )

    def must_act(self, node: Node) -> bool:
        """Tell whether something has to be done now, since it is not to be late."""
        if node.state.status is CycleStatus.PAUSED:
            return False
        doable = self._doable(node.state, node.now)
        return any(step.step not in self._thread.late for step in doable)

    def of_steps(self, state: CycleState, now: datetime) -> Iterator[PersonEvent]:
        """Give every way in which the thread's open steps may be done now."""
        for step in self._doable(state, now):
            yield from self._ways_to_do(step)

    def _doable(self, state: CycleState, now: datetime) -> Iterator[StepState]:
        for step in state.steps.values():
            if step.is_open and step.step in self._thread.steps and now in self.moments_of(step):
                yield step

    def moments_of(self, step: StepState) -> tuple[datetime, ...]:
        """Give the instants at which one of the thread's open steps may be done."""
        return self._moments.of_step(step, may_be_late=step.step in self._thread.late)

    def _ways_to_do(self, state: StepState) -> Iterator[PersonEvent]:
        spec = self._plan.step_of(state.step, state.risk)
        key, by, role = state.key, state.owner.person, state.owner.role
        for outcome in spec.outcomes:
            if spec.attempts is None or outcome.id != spec.attempts.then:
                for facts in results(self._plan, spec, outcome):
                    yield StepCompleted(key, outcome.id, by, role, facts=facts or None)
        if spec.attempts is not None:
            # Every result leaves the step open in the same way, so one of them tells for all.
            yield AttemptMade(key, spec.attempts.results[0], by, role)
        if spec.optional:
            yield StepSkipped(key, by, role, NOT_NEEDED)

    # --- what comes from outside ---

    def from_outside(self, node: Node) -> Iterator[PersonEvent]:
        """Give what may happen to the month as a whole; each thing once in a course."""
        thread, state, now, paused_at = self._thread, node.state, node.now, node.paused_at
        if thread.trigger is not None and not node.triggered and now in self._moments.days:
            because = f"{thread.trigger.value.replace('_', ' ')} in this month"
            yield Triggered(thread.trigger, self._anybody(state), because, thread.urgency)
        if thread.endings and now in self._moments.days:
            yield PatientWithdrew(self._anybody(state), "moved away")
            yield PatientDied(self._anybody(state))
            yield MonthClosed(state.team[self._plan.owner])
        if state.status is CycleStatus.PAUSED:
            if paused_at is not None and now in self._moments.resumptions(paused_at):
                yield CycleResumed(self._anybody(state))
        elif thread.pause and paused_at is None and self._is_about_open(state, now):
            yield CyclePaused(self._anybody(state), STAY)

    def _is_about_open(self, state: CycleState, now: datetime) -> bool:
        """Tell whether the step this thread is about waits for somebody; pauses come then."""
        newest = state.newest(self._thread.about)
        waits = newest is not None and newest.is_open and not newest.attempts
        return waits and newest is not None and now in self.moments_of(newest)

    @staticmethod
    def _anybody(state: CycleState) -> PersonId:
        return next(iter(state.team.values()))

    # --- the rest of the month: its ordinary course ---

    def ordinary(self, state: CycleState, now: datetime) -> PersonEvent | None:
        """Give the next thing that is done about a step outside the thread, as soon as it can."""
        if state.status is CycleStatus.PAUSED:
            return None
        for step in state.open_steps:
            if step.step not in self._thread.steps and self.ordinary_moment(step) <= now:
                event = self._ordinary_way(step)
                if event is not None:
                    return event
        return None

    def ordinary_moment(self, step: StepState) -> datetime:
        """Say when a step outside the thread is done."""
        return self._moments.at_work(step.opened_at)

    def _ordinary_way(self, state: StepState) -> PersonEvent | None:
        spec = self._plan.step_of(state.step, state.risk)
        plain = next((each for each in spec.outcomes if self._is_ordinary(spec, each)), None)
        if plain is None:
            return None
        facts = recorded(plain)
        if spec.fixes is not None:
            facts.update(met(spec.fixes, self._plan))
        key, owner = state.key, state.owner
        return StepCompleted(key, plain.id, owner.person, owner.role, facts=facts or None)

    def _is_ordinary(self, spec: PlanStep, outcome: Outcome) -> bool:
        """Take an outcome that neither ends the month nor makes work; nor one we do without."""
        if outcome.end is not None or outcome.go is not None:
            return False
        if self._provides(spec, outcome):
            return False
        return spec.attempts is None or outcome.id != spec.attempts.then

    def _provides(self, spec: PlanStep, outcome: Outcome) -> bool:
        """Tell whether an outcome gives the month what this thread says is missing."""
        missing = self._thread.missing - {spec.fixes}
        if outcome.contact and Requirement.CONTACT in missing:
            return True
        wrong = [met(requirement, self._plan) for requirement in missing]
        return any(facts.items() <= recorded(outcome).items() for facts in wrong if facts)
