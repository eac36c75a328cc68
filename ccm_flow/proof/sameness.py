"""When two moments of a month are the same: everything that can still happen is."""

from collections.abc import Callable, Hashable
from datetime import datetime
from operator import itemgetter

from ccm_flow.core.expressions import Expr, facts_used
from ccm_flow.core.facts import DEFAULTS, Facts
from ccm_flow.core.ids import SYSTEM, StepId
from ccm_flow.core.plan import Plan, Requirement, steps_named
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
        told = [name for name in DEFAULTS if name not in {"contacts", *loose}]
        self._told: Callable[[Facts], Key] = itemgetter(*told)
        self._repeated = frozenset(step.id for step in plan.steps if step.every is not None)
        self._fixing = frozenset(step.id for step in plan.fixing)

    def key(self, node: Node) -> Key:
        """Give the same key for two states in which the same can still happen."""
        state = node.state
        newest = [state.steps[key] for key in state.latest.values()]
        over = [self._over(state, step) for step in newest if step.status is not StepStatus.OPEN]
        missing = None
        if state.blockers is not None:
            missing = tuple(blocker.requirement for blocker in state.blockers)
        return (
            frozenset([self._open(step, node.now) for step in node.open]),
            frozenset(over),
            self._told(state.facts),
            min(int(state.facts["contacts"]), self._contacts_asked),
            state.status,
            missing,
        )

    def _open(self, step: StepState, now: datetime) -> Key:
        moments = self._moments.of_step(step, may_be_late=True)
        moves = self._moments.still_moves(step)
        return (
            step.step,
            min(step.round, self._rounds + 1),
            tuple([at for at in moments if at >= now]),
            step.due_at if moves else step.due_at is None,
            step.time_left,
            step.owner.role,
            len(step.attempts),
            step.opened_at if step.step in self._repeated else None,
            step.risk,
        )

    def _over(self, state: CycleState, step: StepState) -> Key:
        id_, by_person = step.step, None
        if id_ in self._fixing:
            by_person = step.status is StepStatus.SKIPPED and step.ended_by != SYSTEM
        if id_ not in self._asked:
            return id_, step.opened_at if id_ in self._repeated else None, by_person
        return (
            id_,
            # What only a step asks that has opened since is of no account any more.
            tuple([held for asker, held in self._all_answers(step) if asker not in state.latest]),
            step.opened_at if id_ in self._repeated else None,
            by_person,
        )

    def _all_answers(self, step: StepState) -> tuple[tuple[StepId | None, bool], ...]:
        """Answer all that some `after` may ask about a step that is over, and say which one."""
        key = (step.step, step.status, step.outcome)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = tuple(
                (None if beside_others else asker, _answer(atom, step))
                for asker, atom, beside_others in self._asked[step.step]
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
