"""
A running cycle goes on by another version of its playbook: a signed act, never a side effect.

What ended stays as it was. What is open keeps its owner, its attempts and the rungs that fired;
its deadline is derived anew only where the rule gives another one, and more time that somebody
gave stands. What the new version does not know is withdrawn, with a line in the ledger, and what
it waits for no more opens: wherever the flow has come to, somebody has it in hand.
"""

from datetime import datetime, timedelta

from ccm_flow.core.commands import MoveDeadline, MoveOwner, TellProgramOwner
from ccm_flow.core.deadlines import to_the_minute
from ccm_flow.core.engine.following import came_true
from ccm_flow.core.engine.ladder import rungs_already_past
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.openings import NOBODY_ELSE, open_step, within_cycle
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.engine.view import wanted_for
from ccm_flow.core.events import PlanChanged
from ccm_flow.core.ids import PersonId
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import StepState, StepStatus, changed


def go_on_by(turn: Turn, event: PlanChanged) -> None:
    """
    Go on by another version from now on; see `refuse_move`.

    A rung that fired does not fire again, and one that the new deadline leaves no time for does
    not fire late. What follows from this, and what has fallen due, comes after it in the turn.
    """
    old = turn.layout
    turn.go_on_by(event.plan)
    for step in turn.open_steps():
        if step.step in turn.plan.by_id:
            _carry(turn, old, step, event.by)
        else:
            because = f"version {turn.plan.version} of the playbook has no such step"
            turn.close(step, StepStatus.WITHDRAWN, by=event.by, because=because)
    turn.settled.clear()  # a step that is withdrawn leads to nothing
    _check_when_its_time_comes(turn)
    _open_what_waits_no_more(turn)


def _because(turn: Turn) -> str:
    return f"version {turn.plan.version} of the playbook"


def _carry(turn: Turn, old: MonthPlan, step: StepState, by: PersonId) -> None:
    """Go on with an open step as the new version has it."""
    was, spec = old.plan.step_of(step.step, step.risk), turn.spec(step)
    moved = _with_deadline(turn, old, step)
    moved = changed(moved, rungs_passed=_rungs(turn, moved, was, spec))
    turn.put(moved)
    if (moved.due_at, moved.time_left) != (step.due_at, step.time_left):
        turn.emit(MoveDeadline(moved, _because(turn), by))
    if spec.owner != was.owner and step.owner.role == was.owner:
        _hand_over(turn, moved, spec, by)


def _hand_over(turn: Turn, step: StepState, spec: PlanStep, by: PersonId) -> None:
    """Give a step that is still its first role's to the role that has it now."""
    owner, found = turn.assign(wanted_for(turn.plan, spec))
    if owner == step.owner:
        return
    handed = changed(step, owner=owner, assigned=None if found is None else found.because)
    turn.put(handed)
    turn.emit(MoveOwner(handed, step.owner, _because(turn), by))
    if found is not None and found.last_resort:
        turn.emit(TellProgramOwner(owner, handed.key, NOBODY_ELSE))


def _with_deadline(turn: Turn, old: MonthPlan, step: StepState) -> StepState:
    """Derive the deadline anew where the rule gives another one; otherwise it stands."""
    was, spec = old.plan.step_of(step.step, step.risk), turn.spec(step)
    before = old.deadline(was.due_rule(step.urgency), step.opened_at)
    after = turn.layout.deadline(spec.due_rule(step.urgency), step.opened_at)
    if step.due_at is None:
        return step if before == after else changed(step, time_left=_left(turn, step, after))
    if before == after:
        return changed(step, due_at=min(step.due_at, turn.closes_at))
    return changed(step, due_at=_new_deadline(turn, step.due_at, before, after))


def _new_deadline(turn: Turn, due: datetime, before: datetime, after: datetime) -> datetime:
    """
    Give the deadline that stands after the move.

    One that passed stays where it was unless the new rule gives time, for late is late. One that
    somebody moved, or a pause, is never brought forward.
    """
    wanted = after if due == before else max(due, after)
    if max(due, wanted) <= turn.now:
        return due
    return within_cycle(turn, wanted)


def _left(turn: Turn, step: StepState, after: datetime) -> timedelta:
    """While the clocks stand still: give the open time that is left, never less than it was."""
    due = within_cycle(turn, after)
    left = turn.calendar.working_time_between(to_the_minute(turn.now), due)
    return left if step.time_left is None else max(left, step.time_left)


def _rungs(turn: Turn, step: StepState, was: PlanStep, spec: PlanStep) -> int:
    """Count the rungs that are behind: those that fired, and those there is no time left for."""
    passed = step.rungs_passed
    if was.ladder == spec.ladder and step.due_at == turn.state.steps[step.key].due_at:
        return passed
    fired = [rung.act for rung in was.ladder[:passed]]
    behind = 0
    for number, rung in enumerate(spec.ladder, start=1):
        if rung.act in fired:
            fired.remove(rung.act)
            behind = number
    if step.due_at is None:
        return behind
    return max(behind, rungs_already_past(turn, step.step, step.risk, step.due_at))


def _check_when_its_time_comes(turn: Turn) -> None:
    """Forget what a readiness check found that the new version makes later, or not at all."""
    start = turn.layout.readiness_from
    if start is None or start > turn.now:
        turn.blockers = None


def _open_what_waits_no_more(turn: Turn) -> None:
    """Open the new version's steps that the flow has reached already."""
    for step in turn.plan.steps:
        if turn.opened(step.id) is None and _is_reached(turn, step):
            open_step(turn, step)


def _is_reached(turn: Turn, step: PlanStep) -> bool:
    """Tell whether nothing is left that a step waits for; outside events and blockers come yet."""
    if step.on is not None or step.fixes is not None:
        return False
    if step.at is not None and turn.layout.opening_dates[step.id] > turn.now:
        return False
    if step.after is not None and came_true(turn, step.after):
        return True
    return turn.plan.opens_at_start(step) or _is_sent_to(turn, step)


def _is_sent_to(turn: Turn, step: PlanStep) -> bool:
    """Tell whether an outcome that was given leads to a step in this version."""
    for sender in turn.plan.senders.get(step.id, ()):
        newest = turn.newest(sender.id)
        if newest is None or newest.is_open or newest.outcome is None:
            continue
        outcome = sender.outcome(newest.outcome)
        if outcome is not None and outcome.go == step.id:
            return True
    return False
