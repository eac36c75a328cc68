"""Gathers what an exploration shows: what happens at all, and what must never happen."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from ccm_flow.core.commands import (
    CloseStep,
    Command,
    EndCycle,
    MoveDeadline,
    MoveOwner,
    NotifyPerson,
    OpenStep,
    TellProgramOwner,
)
from ccm_flow.core.engine import MonthPlan, Refusal, wakes
from ccm_flow.core.events import PersonEvent, StepCompleted, Triggered
from ccm_flow.core.ids import SYSTEM, OutcomeId, RoleId, StepId
from ccm_flow.core.plan import Disposition, PlaybookKind, Reassign
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import CycleState, CycleStatus, Ending, StepState, StepStatus
from ccm_flow.proof.alike import Alike
from ccm_flow.proof.findings import Finding
from ccm_flow.proof.walk import Call, Course, Node, Walk, Watch

Key = TypeVar("Key")

_MUST_BE_NAMED = (Disposition.NOT_READY, Disposition.NOT_ENROLLED)


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that was seen, with the shortest course that leads to it."""

    course: Course
    at: datetime
    role: RoleId | None = None
    refusal: Refusal | None = None


class Evidence:
    """Watches all explorations of one plan."""

    def __init__(self, layout: MonthPlan) -> None:
        self._layout, self._plan = layout, layout.plan
        self._alike = Alike(layout.plan)
        self.calls = 0
        self.unusual = False
        """Set while courses are explored that do not show what happens in a month as planned:
        what opens only because the month was paused does not make up for what never opens."""
        self.opened: set[StepId] = set()
        self.outcomes: set[tuple[StepId, OutcomeId]] = set()
        self.endings: Counter[Disposition] = Counter()
        self.wrong: dict[tuple[Finding, StepId | None], Sight] = {}
        self.skipped: dict[StepId, Sight] = {}
        """Steps that came up when they were not needed."""
        self.refusals: dict[tuple[StepId, OutcomeId], Sight] = {}

    @property
    def watch(self) -> Watch:
        """Give what an explorer tells of its course."""
        return Watch(self._called, self._refused)

    # --- every call of the engine ---

    def _called(self, walk: Walk, call: Call) -> None:
        self.calls += 1
        for command in call.commands:
            self._look_at(command, walk, call)
        if call.at >= self._layout.closes_at and call.after.ending is None:
            self._see(Finding.NEVER_ENDS, None, call.at, walk.course)
        if not walk.open and self._is_silent(call.after) and self._is_long(call.at):
            self._see(Finding.NOBODY_HAS_IT, None, call.at, walk.course)

    def _look_at(self, command: Command, walk: Walk, call: Call) -> None:
        match command:
            case OpenStep(step=step):
                if not self.unusual:
                    self.opened.add(step.step)
                self._check_owner(step, walk, call)
                self._check_deadline(step, walk, call)
            case CloseStep(step=step):
                self._note_end(step, walk, call)
            case MoveDeadline(step=step):
                self._check_deadline(step, walk, call)
            case MoveOwner(step=step, by=by) if by == SYSTEM:
                self._check_new_owner(step, walk, call)
            case NotifyPerson(step=step, to=to, rung=rung):
                wanted = self._plan.step_of(step.step, step.risk).ladder[rung].act
                self._check_role(getattr(wanted, "role", to.role), to.role, step, walk, call)
            case TellProgramOwner(about=key):
                self._see(Finding.GOES_ROUND, call.after.steps[key].step, call.at, walk.course)
            case EndCycle(ending=ending):
                self._note_ending(ending, walk, call)
            case _:
                pass  # the other commands only keep a record

    def _check_owner(self, step: StepState, walk: Walk, call: Call) -> None:
        wanted = self._plan.step_of(step.step, step.risk).owner
        if isinstance(call.event, Triggered) and call.event.to is not None:
            wanted = call.event.to
        self._check_role(wanted, step.owner.role, step, walk, call)
        if step.owner.person not in call.after.team.values():
            self._see(Finding.NO_OWNER, step.step, call.at, walk.course, wanted)

    def _check_new_owner(self, step: StepState, walk: Walk, call: Call) -> None:
        act = self._plan.step_of(step.step, step.risk).ladder[step.rungs_passed - 1].act
        if isinstance(act, Reassign):
            self._check_role(act.role, step.owner.role, step, walk, call)

    def _check_role(
        self, wanted: RoleId, has: RoleId, step: StepState, walk: Walk, call: Call
    ) -> None:
        if wanted != has:
            self._see(Finding.NO_OWNER, step.step, call.at, walk.course, wanted)

    def _check_deadline(self, step: StepState, walk: Walk, call: Call) -> None:
        now = call.after.steps[step.key]
        if now.is_open and now.due_at is None and call.after.status is not CycleStatus.PAUSED:
            self._see(Finding.NO_DEADLINE, step.step, call.at, walk.course)

    def _note_end(self, step: StepState, walk: Walk, call: Call) -> None:
        seen = self.unusual or (step.step, step.outcome) in self.outcomes
        if step.outcome is not None and not seen:
            spec = self._plan.by_id[step.step]
            self.outcomes.update((step.step, id_) for id_ in self._alike.of(spec, step.outcome))
        never_open = step.key not in call.before.steps and step.ended_by == SYSTEM
        if never_open and step.status is StepStatus.SKIPPED and step.step not in self.opened:
            _keep_shortest(self.skipped, step.step, Sight(walk.course(), call.at))

    def _note_ending(self, ending: Ending, walk: Walk, call: Call) -> None:
        self.endings[ending.disposition] += 1
        if ending.disposition in _MUST_BE_NAMED and not ending.because:
            step = call.event.step if isinstance(call.event, StepCompleted) else None
            about = None if step is None else call.after.steps[step].step
            self._see(Finding.UNNAMED_ENDING, about, call.at, walk.course)

    # --- what follows from it ---

    def _refused(self, node: Node, event: PersonEvent, refusal: Refusal) -> None:
        if isinstance(event, StepCompleted):
            key = (node.state.steps[event.step].step, event.outcome)
            _keep_shortest(self.refusals, key, Sight(node.course(), node.now, refusal=refusal))

    def _is_silent(self, state: CycleState) -> bool:
        """Tell whether nothing is planned while nothing is open and the month is not ready."""
        if state.status is not CycleStatus.RUNNING:
            return False
        ahead = wakes(self._layout, state).values()
        return all(wake.at >= state.closes_at for wake in ahead) and not self._is_ready(state)

    def _is_ready(self, state: CycleState) -> bool:
        if self._plan.kind is not PlaybookKind.MONTHLY:
            return False
        return not find_blockers(self._plan.readiness, state.facts)

    def _is_long(self, since: datetime) -> bool:
        """Take a gap for long when a business day begins in it."""
        calendar = self._layout.calendar
        first, last = calendar.date_of(since), calendar.date_of(self._layout.closes_at)
        return calendar.business_days_between(first, last) > 0

    def _see(
        self,
        finding: Finding,
        step: StepId | None,
        at: datetime,
        course: Callable[[], Course],
        role: RoleId | None = None,
    ) -> None:
        _keep_shortest(self.wrong, (finding, step), Sight(course(), at, role))


def _keep_shortest(kept: dict[Key, Sight], key: Key, sight: Sight) -> None:
    before = kept.get(key)
    if before is None or (sight.course.length, sight.at) < (before.course.length, before.at):
        kept[key] = sight
