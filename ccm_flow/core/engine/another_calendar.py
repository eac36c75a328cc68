"""A clinic's calendar changes while a cycle runs: a closure day is added, hours move."""

from datetime import datetime

from ccm_flow.core.commands import MoveDeadline
from ccm_flow.core.deadlines import to_the_minute
from ccm_flow.core.engine.ladder import rungs_already_past
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.openings import within_cycle
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import CalendarChanged
from ccm_flow.core.state import StepState, changed


def move_deadlines(turn: Turn, event: CalendarChanged) -> None:
    """
    Work out what lies ahead anew: deadlines, planned attempts, the cycle's close.

    A deadline that has passed stays where it was, for late is late. Rungs that fired do not fire
    again. A clock that stands still keeps the open time it has left.
    """
    before = turn.layout
    turn.move_to(event.calendar)
    turn.calendar_told_at = event.told_at
    for step in turn.open_steps():
        moved = _moved(turn, step, before)
        if moved != step:
            turn.put(moved)
            turn.emit(MoveDeadline(moved, event.because, event.by))


def _moved(turn: Turn, step: StepState, before: MonthPlan) -> StepState:
    due = step.due_at
    if due is None or due <= turn.now:
        return step
    new = _new_deadline(turn, step, due, before)
    past = rungs_already_past(turn, step.step, step.risk, new)
    return changed(
        step,
        due_at=new,
        rungs_passed=max(step.rungs_passed, past) if new != due else step.rungs_passed,
        not_before=_next_open(turn, step.not_before),
    )


def _new_deadline(turn: Turn, step: StepState, due: datetime, before: MonthPlan) -> datetime:
    """Derive it by its rule; one that a person or a pause moved keeps its open time."""
    rule = turn.spec(step).due_rule(step.urgency)
    if before.deadline(rule, step.opened_at) == due:
        return within_cycle(turn, turn.layout.deadline(rule, step.opened_at))
    now = to_the_minute(turn.now)
    try:
        left = before.calendar.working_time_between(now, due)
        return within_cycle(turn, turn.calendar.add_working_time(now, left))
    except CalendarTooShortError:
        return turn.closes_at


def _next_open(turn: Turn, instant: datetime | None) -> datetime | None:
    """Put off an attempt that is planned for a day on which the clinic is closed now."""
    if instant is None or instant <= turn.now:
        return instant
    day = turn.calendar.date_of(instant)
    if turn.calendar.is_business_day(day):
        return instant
    return turn.calendar.opening(turn.calendar.business_day_after(day, 1))
