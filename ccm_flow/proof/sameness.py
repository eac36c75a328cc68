"""When two moments of a month are the same: everything that can still happen is."""

from collections.abc import Hashable
from datetime import datetime

from ccm_flow.core.expressions import Expr, facts_used
from ccm_flow.core.ids import SYSTEM, StepId
from ccm_flow.core.plan import Expire, Plan, Reassign, Requirement, steps_named
from ccm_flow.core.state import CycleState, StepState, StepStatus
from ccm_flow.proof.moments import Moments
from ccm_flow.proof.walk import Node
from ccm_flow.proof.ways import atoms

Key = Hashable


class Sameness:
    """
    Tells states of a plan apart, relative to what the plan still asks.

    Of an open step count the moments that lie ahead of it; how a step ended counts only while
    some step may ask about it; how often one was opened counts up to `rounds`; texts and names
    never count, nor the reminders that went out, nor facts that are `loose` in `record`.
    """

    def __init__(
        self, plan: Plan, moments: Moments, rounds: int, loose: frozenset[str] = frozenset()
    ) -> None:
        self._plan, self._moments = plan, moments
        self._rounds = rounds
        self._loose = loose
        self._asked = _all_asked(plan)
        self._answers: dict[Key, tuple[tuple[StepId | None, bool], ...]] = {}
        self._contacts_asked = _most_contacts_asked(self._plan)

    def key(self, node: Node) -> Key:
        """Give the same key for two states in which the same can still happen."""
        state = node.state
        over = [
            self._over(state, state.steps[key])
            for key in state.latest.values()
            if state.steps[key].status is not StepStatus.OPEN
        ]
        facts = {**state.facts}  # always in the same order
        facts["contacts"] = min(int(facts["contacts"]), self._contacts_asked)
        for name in self._loose:
            del facts[name]
        missing = None
        if state.blockers is not None:
            missing = tuple(blocker.requirement for blocker in state.blockers)
        return (
            frozenset(self._open(step, node.now) for step in node.open),
            frozenset(over),
            tuple(facts.values()),
            state.status,
            missing,
        )

    def _open(self, step: StepState, now: datetime) -> Key:
        ahead = tuple(at for at in self._moments.of_step(step, may_be_late=True) if at >= now)
        ladder = self._plan.step_of(step.step, step.risk).ladder[step.rungs_passed :]
        moves = any(isinstance(rung.act, Reassign | Expire) for rung in ladder)
        return (
            step.step,
            min(step.round, self._rounds + 1),
            ahead,
            step.due_at if moves else step.due_at is None,
            step.time_left,
            step.owner.role,
            len(step.attempts),
            step.opened_at if self._plan.by_id[step.step].every is not None else None,
            step.risk,
        )

    def _over(self, state: CycleState, step: StepState) -> Key:
        spec = self._plan.by_id[step.step]
        by_person = step.status is StepStatus.SKIPPED and step.ended_by != SYSTEM
        answers = self._all_answers(step)
        return (
            step.step,
            # What only a step asks that has opened since is of no account any more.
            tuple([held for asker, held in answers if asker not in state.latest]),
            step.opened_at if spec.every is not None else None,
            by_person if spec.fixes is not None else None,
        )

    def _all_answers(self, step: StepState) -> tuple[tuple[StepId | None, bool], ...]:
        """Answer all that some `after` may ask about a step that is over, and say which one."""
        key = (step.step, step.status, step.outcome)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = tuple(
                (None if beside_others else asker, _answer(atom, step))
                for asker, atom, beside_others in self._asked.get(step.step, ())
            )
        return found


_Asked = tuple[StepId, tuple[str, ...], bool]
"""Who asks, what, and whether beside other steps, so that the answer may count again."""


def _all_asked(plan: Plan) -> dict[StepId, list[_Asked]]:
    found: dict[StepId, list[_Asked]] = {}
    for step in plan.steps:
        together = len(steps_named(step.after)) > 1
        for atom in dict.fromkeys(atoms(step.after)):
            found.setdefault(StepId(atom[1]), []).append((step.id, atom, together))
    return found


def _answer(atom: tuple[str, ...], step: StepState) -> bool:
    """Tell whether one part of an `after` holds for a step that is over."""
    if atom[0] == "outcome":
        return atom[2] in (step.outcome, step.status)
    return atom[0] == "ended" or step.status in (StepStatus.DONE, StepStatus.SKIPPED)


def _most_contacts_asked(plan: Plan) -> int:
    """Give the number of contacts from which on more of them make no difference."""
    most = 0
    if plan.readiness is not None and Requirement.CONTACT in plan.readiness.requires:
        most = 1
    for step in plan.steps:
        for expr in (step.when, *(rule.when for rule in step.skip_if)):
            if "contacts" in facts_used(expr):
                most = max(most, 1 + max(_numbers(expr), default=0))
    return most


def _numbers(expr: Expr) -> list[int]:
    if isinstance(expr, tuple):
        return [number for part in expr[1:] for number in _numbers(part)]
    return [expr] if isinstance(expr, int) else []
