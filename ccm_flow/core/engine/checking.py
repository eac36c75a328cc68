"""The readiness check: keep the list of blockers, and a fixing step open for each."""

from ccm_flow.core.commands import RecordReadiness
from ccm_flow.core.engine.openings import (
    MAX_ROUNDS,
    open_after_readiness,
    open_step,
    why_unneeded,
)
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.ids import SYSTEM
from ccm_flow.core.plan import PlanStep, Requirement
from ccm_flow.core.state import StepState, StepStatus


def check_readiness(turn: Turn) -> None:
    """Check the month once its time has come, and again whenever something happened."""
    start = turn.layout.readiness_from
    if start is None or start > turn.now:
        return
    before, blockers = turn.blockers, turn.find_blockers()
    if blockers != before:
        turn.blockers = blockers
        turn.emit(RecordReadiness(blockers))
        if not blockers:
            turn.ready_round += 1
        if before is None or bool(before) != bool(blockers):
            open_after_readiness(turn, again=before is not None)
    if not turn.paused and (blockers or not turn.plan.fixing_ids.isdisjoint(turn.latest)):
        _keep_fixing(turn, frozenset(blocker.requirement for blocker in blockers))


def _keep_fixing(turn: Turn, missing: frozenset[Requirement]) -> None:
    for step in turn.plan.fixing:
        newest = turn.newest(step.id)
        if newest is None and step.fixes not in missing:
            continue
        is_open = newest is not None and newest.is_open
        if step.fixes in missing and not is_open and _may_open(turn, step, newest):
            open_step(turn, step)
        elif newest is not None and is_open and step.fixes not in missing:
            turn.close(newest, StepStatus.SKIPPED, because="no longer stops the month")


def _goes_on_elsewhere(turn: Turn, step: PlanStep, newest: StepState) -> bool:
    """Tell whether the step's outcome sent the work to a step that is still open."""
    outcome = None if newest.outcome is None else step.outcome(newest.outcome)
    target = None if outcome is None or outcome.go is None else turn.newest(outcome.go)
    return target is not None and target.is_open


def _may_open(turn: Turn, step: PlanStep, newest: StepState | None) -> bool:
    """
    Tell whether a fixing step may open (again): while it is needed.

    Not after a person skipped it, nor while another step deals with what it came to; and past the
    last round the program owner is told only once.
    """
    if newest is not None:
        if _goes_on_elsewhere(turn, step, newest):
            return False
        if newest.status is StepStatus.SKIPPED and newest.ended_by != SYSTEM:
            return False
        before = turn.state.steps.get(newest.key)
        ended_earlier = before is not None and not before.is_open
        if newest.round >= MAX_ROUNDS and ended_earlier:
            return False
    return why_unneeded(turn, step) is None
