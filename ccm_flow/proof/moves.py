"""Who may do what at a moment: the choices the proof tries, and the ordinary course of the rest."""

from collections.abc import Iterator
from datetime import datetime

from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    StepCompleted,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import OutcomeId, PersonId, StepId
from ccm_flow.core.plan import Outcome, Plan, PlanStep, Requirement
from ccm_flow.core.state import CycleState, CycleStatus, StepState
from ccm_flow.proof.alike import Alike
from ccm_flow.proof.moments import Moments
from ccm_flow.proof.record import met, recorded, results, unmet
from ccm_flow.proof.threads import Thread
from ccm_flow.proof.walk import Node, Walk

_Variant = tuple[StepId, str | None]
"""A step as it is for a tier of risk."""
_Result = tuple[OutcomeId, Facts | None]
"""How a step ends, and what the record says then."""
NOT_NEEDED = "not needed"
STAY = "hospital stay"


class Moves:
    """What can happen in one thread."""

    def __init__(self, plan: Plan, thread: Thread, moments: Moments) -> None:
        self._plan, self._thread, self._moments = plan, thread, moments
        self._alike = Alike(plan)
        self._results: dict[_Variant, list[_Result]] = {}
        self._plainly: dict[_Variant, _Result | None] = {}

    # --- the thread's own steps: everything is tried ---

    def is_choice(self, node: Node | Walk) -> bool:
        """Tell whether anything but waiting can be chosen now."""
        return any(True for _ in self.doable(node)) or any(True for _ in self.from_outside(node))

    def lates(self, node: Node, *, acted: bool) -> list[StepId | None]:
        """
        Say which step may be the late one when time passes now; nothing when it may not pass.

        Args:
            node: where the course stands.
            acted: whether something can be done now, which then has to be, if it is not to be late.
        """
        doable = {step.step for step in self.doable(node)}
        paused = node.state.status is CycleStatus.PAUSED
        if not self._thread.one_late:
            must_act = acted and not paused and not doable <= self._thread.late
            return [] if must_act else [None]
        if node.late is not None or not doable:
            on_time = doable <= {node.late}
            return [node.late] if paused or not acted or on_time else []
        named = sorted(doable & self._thread.late)
        if paused or not acted:
            return [None, *named]
        return named[:1] if len(doable) == 1 else []  # type: ignore[return-value] # names only

    def of_steps(self, node: Node) -> Iterator[PersonEvent]:
        """Give every way in which the thread's open steps may be done now."""
        for step in self.doable(node):
            yield from self._ways_to_do(step)

    def doable(self, node: Node | Walk) -> Iterator[StepState]:
        """Give the thread's steps that may be done now."""
        for step in node.open:
            if step.step in self._thread.steps and node.now in self.moments_of(step, node.late):
                yield step

    def moments_of(self, step: StepState, late: StepId | None) -> tuple[datetime, ...]:
        """Give the instants at which one of the thread's open steps may be done."""
        thread = self._thread
        may_be_late = step.step == late if thread.one_late else step.step in thread.late
        return self._moments.of_step(step, may_be_late=may_be_late)

    def _ways_to_do(self, state: StepState) -> Iterator[PersonEvent]:
        spec = self._plan.step_of(state.step, state.risk)
        key, by, role = state.key, state.owner.person, state.owner.role
        for outcome, facts in self._tried(state) if self._may_succeed(spec, state) else ():
            yield StepCompleted(key, outcome, by, role, None, facts)
        if spec.attempts is not None:
            # Every result leaves the step open in the same way, so one of them tells for all.
            yield AttemptMade(key, spec.attempts.results[0], by, role)
        if spec.optional:
            yield StepSkipped(key, by, role, NOT_NEEDED)

    def _tried(self, state: StepState) -> list[_Result]:
        """Give the outcomes of a step that are tried, each with what the record may say then."""
        variant = (state.step, state.risk)
        if variant not in self._results:
            spec = self._plan.step_of(*variant)
            self._results[variant] = [
                (outcome.id, facts or None)
                for outcome in self._alike.tried(spec)
                for facts in results(self._plan, spec, outcome)
            ]
        return self._results[variant]

    def _may_succeed(self, spec: PlanStep, state: StepState) -> bool:
        """Tell whether the contact may be made with this attempt."""
        if spec.attempts is None or not self._thread.few_attempts:
            return True
        return len(state.attempts) in (0, spec.attempts.max - 1)

    # --- what comes from outside ---

    def from_outside(self, node: Node | Walk) -> Iterator[PersonEvent]:
        """Give what may happen to the month as a whole; each thing once in a course."""
        thread, state, now, paused_at = self._thread, node.state, node.now, node.paused_at
        if thread.trigger is not None and not node.triggered and now in self._moments.days:
            because = f"{thread.trigger.value.replace('_', ' ')} in this month"
            yield Triggered(thread.trigger, self._anybody(state), because, thread.urgency)
        if thread.lost is not None and now in self._moments.days and self._may_be_lost(state):
            yield FactsChanged(unmet(thread.lost, self._plan))
        if thread.endings and now in self._moments.days:
            yield PatientWithdrew(self._anybody(state), "moved away")
            yield PatientDied(self._anybody(state))
            yield MonthClosed(state.team[self._plan.owner])
        if state.status is CycleStatus.PAUSED:
            if paused_at is not None and now in self._moments.resumptions(paused_at):
                yield CycleResumed(self._anybody(state))
        elif thread.pause and paused_at is None and self._is_about_open(node):
            yield CyclePaused(self._anybody(state), STAY)

    def _may_be_lost(self, state: CycleState) -> bool:
        """Tell whether the month is ready, and has not yet lost what this thread is about."""
        fixing = (step.id for step in self._plan.fixing if step.fixes is self._thread.lost)
        return state.blockers == () and not any(step in state.latest for step in fixing)

    def _is_about_open(self, node: Node | Walk) -> bool:
        """Tell whether the step this thread is about waits for somebody; pauses come then."""
        newest = node.state.newest(self._thread.about)
        waits = newest is not None and newest.is_open and not newest.attempts
        return waits and newest is not None and node.now in self.moments_of(newest, node.late)

    @staticmethod
    def _anybody(state: CycleState) -> PersonId:
        return next(iter(state.team.values()))

    # --- the rest of the month: its ordinary course ---

    def ordinary(self, walk: Walk) -> PersonEvent | None:
        """Give the next thing that is done about a step outside the thread, as soon as it can."""
        if walk.state.status is CycleStatus.PAUSED:
            return None
        for step in walk.open:
            if step.step not in self._thread.steps and self.ordinary_moment(step) <= walk.now:
                event = self._ordinary_way(step)
                if event is not None:
                    return event
        return None

    def ordinary_moment(self, step: StepState) -> datetime:
        """Say when a step outside the thread is done."""
        return self._moments.at_work(step.opened_at)

    def _ordinary_way(self, state: StepState) -> PersonEvent | None:
        variant = (state.step, state.risk)
        if variant not in self._plainly:
            self._plainly[variant] = self._ordinary_result(self._plan.step_of(*variant))
        plain = self._plainly[variant]
        if plain is None:
            return None
        outcome, facts = plain
        return StepCompleted(state.key, outcome, state.owner.person, state.owner.role, None, facts)

    def _ordinary_result(self, spec: PlanStep) -> _Result | None:
        plain = next((each for each in spec.outcomes if self._is_ordinary(spec, each)), None)
        if plain is None:
            return None
        facts = recorded(plain)
        if spec.fixes is not None:
            facts.update(met(spec.fixes, self._plan))
        return plain.id, facts or None

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
