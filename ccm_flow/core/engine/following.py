"""The meaning of `after`: whether what a step waits for has happened, or never will."""

from ccm_flow.core.engine.view import View
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import READINESS, READY
from ccm_flow.core.state import StepState, StepStatus

_NOBODY: frozenset[StepId] = frozenset()
_DONE = (StepStatus.DONE, StepStatus.SKIPPED)


def came_true(view: View, expr: Expr, settled: StepState | None = None) -> bool:
    """
    Tell whether an `after` expression holds now.

    Of a step that is open several times at once, the opening that `settled` is the one asked about.
    """
    op = expr[0]
    if op == "and":
        return all(came_true(view, part, settled) for part in expr[1:])
    if op == "or":
        return any(came_true(view, part, settled) for part in expr[1:])
    step = expr[1]
    if step == READINESS:
        return _readiness_is(view, OutcomeId(expr[2]) if op == "outcome" else READY)
    if op == "ended":
        return is_over(view, step)
    if settled is not None and settled.step == step:
        return _answers(settled, expr)
    if step not in view.latest:
        return False
    newest = view.steps[view.latest[step]]
    return newest.status is not StepStatus.OPEN and _answers(newest, expr)


def _answers(ended: StepState, expr: Expr) -> bool:
    """Tell whether a step that ended did so as an expression asks."""
    if expr[0] == "done":
        return ended.status in _DONE
    return bool(ended.outcome == expr[2] or ended.status == expr[2])


def _readiness_is(view: View, outcome: OutcomeId) -> bool:
    if view.blockers is None:
        return False
    return (not view.find_blockers()) == (outcome == READY)


def is_over(view: View, step_id: StepId, asking: frozenset[StepId] = _NOBODY) -> bool:
    """
    Tell whether a step is over: it ended, or nothing in the flow can open it any more.

    Steps that start on an outside event count as over while none is open.
    """
    if view.opened(step_id) is not None:
        # What a step that settled just now leads to is drawn later in this turn.
        return not view.is_open(step_id) and not view.is_settled(step_id)
    step = view.plan.by_id[step_id]
    if step.on is not None or step.fixes is not None:
        return True
    if step_id in asking:
        return True  # a circle of steps that all wait for each other opens none of them
    asking |= {step_id}
    if step.after is not None and not _never_comes_true(view, step.after, asking):
        return False
    if step_id in view.plan.go_targets:
        return all(is_over(view, source.id, asking) for source in view.plan.senders[step_id])
    return step.after is not None


def _never_comes_true(view: View, expr: Expr, asking: frozenset[StepId]) -> bool:
    """Tell whether an `after` expression does not hold and cannot hold any more."""
    op = expr[0]
    if op == "and":
        return any(_never_comes_true(view, part, asking) for part in expr[1:])
    if op == "or":
        return all(_never_comes_true(view, part, asking) for part in expr[1:])
    step = expr[1]
    if step == READINESS or op == "ended":
        return False  # the check may turn at any time, and every step ends at some time
    newest = view.opened(step)
    if newest is None:
        return is_over(view, step, asking)
    return not newest.is_open and not _answers(newest, expr)
