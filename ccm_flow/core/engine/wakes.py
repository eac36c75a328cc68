"""When a cycle must be looked at again, if nobody does anything before."""

from datetime import datetime
from typing import Final, NamedTuple

from ccm_flow.core.engine.following import came_true
from ccm_flow.core.engine.ladder import next_rung_at
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.openings import next_repeat
from ccm_flow.core.engine.view import View
from ccm_flow.core.ids import StepKey
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import CycleState, CycleStatus, StepStatus

CYCLE: Final = StepKey("cycle")
"""The key of the cycle's own wake, beside those of its open steps."""


class Wake(NamedTuple):
    """An instant to be woken at, and whether fresh facts are needed then."""

    at: datetime
    needs_facts: bool


def wakes(layout: MonthPlan, state: CycleState) -> dict[StepKey, Wake]:
    """Give at most one wake for each open step (its next rung) and one for the cycle."""
    if state.ending is not None:
        return {}
    found = {CYCLE: _cycle_wake(layout, state)}
    if state.status is CycleStatus.PAUSED:
        return found
    for step in state.open_steps:
        at = next_rung_at(layout, step)
        if at is not None and at < state.closes_at:
            found[step.key] = Wake(at, needs_facts=False)
    return found


def _cycle_wake(layout: MonthPlan, state: CycleState) -> Wake:
    at = state.closes_at
    if state.blockers is None and layout.readiness_from is not None:
        at = min(at, layout.readiness_from)
    if state.status is not CycleStatus.PAUSED:
        at = _opening_before(layout, state, at)
    return Wake(at, needs_facts=True)


def _opening_before(layout: MonthPlan, state: CycleState, at: datetime) -> datetime:
    """Give the first instant at which a step opens by its date or once more, or else `at`."""
    for step, opening in layout.dated_by_time:
        if opening >= at:
            break
        if not _has_opened(state, step) and (step.after is None or _may_open(layout, state, step)):
            at = opening
            break
    for step in layout.repeated:
        again = next_repeat(View(layout, state, layout.opens_at), step)
        if again is not None and again < at:
            at = again
    return at


def _has_opened(state: CycleState, step: PlanStep) -> bool:
    """Tell whether a step has had an opening that counts; see `View.opened`."""
    newest = state.newest(step.id)
    return newest is not None and newest.status is not StepStatus.WITHDRAWN


def _may_open(layout: MonthPlan, state: CycleState, step: PlanStep) -> bool:
    """Tell whether what a step waits for has happened."""
    return came_true(View(layout, state, layout.opens_at), step.after)
