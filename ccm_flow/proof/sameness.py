"""When two moments of a month are the same: everything that can still happen is."""

from collections.abc import Callable, Hashable

from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.expressions import Expr, facts_used
from ccm_flow.core.ids import SYSTEM, StepId
from ccm_flow.core.plan import Plan, Requirement, steps_named
from ccm_flow.core.state import CycleState, StepState, StepStatus

Key = Hashable


def sameness(layout: MonthPlan, rounds: int) -> Callable[[CycleState], Key]:
    """
    Give the function that tells states of a plan apart, relative to what the plan still asks.

    How a step ended counts only while some step may ask about it; how often one was opened counts
    up to `rounds`; texts and names never count.
    """
    return _Sameness(layout, rounds).key


class _Sameness:
    def __init__(self, layout: MonthPlan, rounds: int) -> None:
        self._plan = layout.plan
        self._rounds = rounds
        self._together = _asked_together(self._plan)
        self._contacts_asked = _most_contacts_asked(self._plan)

    def key(self, state: CycleState) -> Key:
        open_, over = [], []
        for step in state.steps.values():
            if step.is_open:
                open_.append(self._open(step))
            elif state.latest[step.step] == step.key:
                over.append(self._over(state, step))
        facts = dict(state.facts)
        facts["contacts"] = min(int(facts["contacts"]), self._contacts_asked)
        missing = state.blockers and tuple(blocker.requirement for blocker in state.blockers)
        return (
            frozenset(open_),
            frozenset(over),
            tuple(sorted(facts.items())),
            state.status,
            missing,
        )

    def _open(self, step: StepState) -> Key:
        return (
            step.step,
            min(step.round, self._rounds + 1),
            step.due_at,
            step.time_left,
            step.rungs_passed,
            step.owner.role,
            len(step.attempts),
            step.not_before,
            step.attempts[-1].at if step.attempts else step.opened_at,
        )

    def _over(self, state: CycleState, step: StepState) -> Key:
        spec = self._plan.by_id[step.step]
        by_person = step.status is StepStatus.SKIPPED and step.ended_by != SYSTEM
        return (
            step.step,
            min(step.round, self._rounds + 1),
            (step.status, step.outcome) if self._is_asked(state, step.step) else None,
            step.opened_at if spec.every is not None else None,
            by_person if spec.fixes is not None else None,
        )

    def _is_asked(self, state: CycleState, step: StepId) -> bool:
        if step in self._together:
            return True
        followers = self._plan.followers.get(step, ())
        return any(state.newest(follower.id) is None for follower in followers)


def _asked_together(plan: Plan) -> frozenset[StepId]:
    """Name the steps some `after` asks about beside others: their ending may count again."""
    asks = (steps_named(step.after) for step in plan.steps)
    return frozenset(step for named in asks if len(named) > 1 for step in named)


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
