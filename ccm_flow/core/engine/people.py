"""What people do to steps and cycles: complete, try, skip, hand over, extend, pause."""

from datetime import datetime, timedelta

from ccm_flow.core.attempts import next_attempt_at
from ccm_flow.core.commands import (
    MoveDeadline,
    MoveOwner,
    PauseCycle,
    RecordAttempt,
    ResumeCycle,
)
from ccm_flow.core.deadlines import after, to_the_minute
from ccm_flow.core.engine.ladder import rungs_already_past
from ccm_flow.core.engine.openings import open_step, within_cycle
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    DeadlineExtended,
    StepCompleted,
    StepReassigned,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.ids import SYSTEM, OutcomeId
from ccm_flow.core.plan import AttemptPlan, planned_channel
from ccm_flow.core.state import Attempt, CycleStatus, Owner, StepState, StepStatus, changed


def complete(turn: Turn, event: StepCompleted) -> None:
    """End a step with an outcome; for a step with attempts that was the last of them."""
    state = turn.steps[event.step]
    attempts = turn.spec(state).attempts
    if attempts is not None:
        made = _attempt(turn, attempts, state, event.outcome, event)
        state = changed(state, attempts=(*state.attempts, made))
    turn.close(state, StepStatus.DONE, by=event.by, outcome=event.outcome)


def try_contact(turn: Turn, event: AttemptMade) -> None:
    """Keep a failed attempt and plan the next; the last one ends the step."""
    state = turn.steps[event.step]
    plan = turn.spec(state).attempts
    assert plan is not None  # noqa: S101 - refused before, for a step without attempts
    made = _attempt(turn, plan, state, event.result, event)
    state = changed(
        state,
        attempts=(*state.attempts, made),
        not_before=(
            next_attempt_at(turn.plan, plan, made.number, turn.now, turn.calendar)
            if made.number < plan.max
            else None
        ),
    )
    turn.put(state)
    turn.emit(RecordAttempt(state, made))
    if made.number >= plan.max:
        turn.close(state, StepStatus.DONE, by=event.by, outcome=plan.then)


def _attempt(
    turn: Turn,
    plan: AttemptPlan,
    state: StepState,
    result: OutcomeId,
    event: StepCompleted | AttemptMade,
) -> Attempt:
    number = len(state.attempts) + 1
    channel = event.channel or planned_channel(turn.plan, plan, number, turn.facts)
    return Attempt(number, turn.now, channel, result, event.by)


def skip(turn: Turn, event: StepSkipped) -> None:
    """Close an optional step as not needed."""
    turn.close(turn.steps[event.step], StepStatus.SKIPPED, by=event.by, because=event.because)


def reassign(turn: Turn, event: StepReassigned) -> None:
    """Give a step to another person."""
    state = turn.steps[event.step]
    moved = changed(state, owner=Owner(event.role, event.to), assigned=event.because)
    turn.put(moved)
    turn.emit(MoveOwner(moved, state.owner, event.because, event.by))


def extend(turn: Turn, event: DeadlineExtended) -> None:
    """Move a deadline to a budget from now; the ladder starts anew for what lies ahead."""
    state = turn.steps[event.step]
    due = within_cycle(turn, after(event.extra, turn.now, turn.calendar))
    if turn.paused:
        left = turn.calendar.working_time_between(to_the_minute(turn.now), due)
        moved = changed(state, time_left=left, rungs_passed=0)
    else:
        passed = rungs_already_past(turn, state.step, state.risk, due)
        moved = changed(state, due_at=due, rungs_passed=passed)
    turn.put(moved)
    turn.emit(MoveDeadline(moved, event.because, event.by))


def trigger(turn: Turn, event: Triggered) -> None:
    """Open every step that starts on this; several may be open at once."""
    for step in turn.plan.steps:
        if step.on is event.trigger:
            open_step(
                turn,
                step,
                to=event.to,
                by_agreement=event.by_agreement,
                urgency=event.urgency,
                because=event.because or None,
            )


def pause(turn: Turn, event: CyclePaused) -> None:
    """Stop every open step's clock and keep how much of it was left."""
    turn.status = CycleStatus.PAUSED
    turn.emit(PauseCycle(event.because, event.by))
    for step in [step for step in turn.open_steps() if step.due_at]:
        assert step.due_at is not None  # noqa: S101 - filtered above
        left = turn.calendar.working_time_between(to_the_minute(turn.now), step.due_at)
        stopped = changed(step, due_at=None, time_left=left)
        turn.put(stopped)
        turn.emit(MoveDeadline(stopped, event.because, event.by))


def resume(turn: Turn, event: CycleResumed) -> None:
    """
    Start the clocks again where they stopped; a deadline never returns in the past.

    Reminders that the new deadline leaves no time for do not fire: the owner is told of it now.
    """
    turn.status = CycleStatus.RUNNING
    turn.emit(ResumeCycle(event.by))
    for step in [step for step in turn.open_steps() if step.due_at is None]:
        left = step.time_left
        assert left is not None  # noqa: S101 - kept when the clock stopped
        due = _restarted(turn, left)
        past = rungs_already_past(turn, step.step, step.risk, due)
        passed = max(step.rungs_passed, past)
        going = changed(step, due_at=due, time_left=None, rungs_passed=passed)
        turn.put(going)
        turn.emit(MoveDeadline(going, "clocks run again", SYSTEM))


def _restarted(turn: Turn, left: timedelta) -> datetime:
    """Give the deadline that `left` open time from now leads to, at most the cycle's end."""
    now = to_the_minute(turn.now)
    if left > turn.calendar.working_time_between(now, turn.closes_at):
        return turn.closes_at
    return within_cycle(turn, turn.calendar.add_working_time(now, left) if left else now)
