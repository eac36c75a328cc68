"""Escalation ladders: remind, notify, reassign, expire, each rung once."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.commands import MoveOwner, NotifyPerson, RemindOwner
from ccm_flow.core.deadlines import after, before
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import SYSTEM
from ccm_flow.core.plan import Expire, Notify, PlanStep, Reassign, Remind, Rung, When
from ccm_flow.core.state import StepState, StepStatus


def rung_at(rung: Rung, due: datetime, calendar: WorkCalendar) -> datetime:
    """Derive the instant a rung fires for a deadline."""
    try:
        return _rung_at(rung, due, calendar)
    except CalendarTooShortError:  # beyond the calendar is beyond the cycle
        early = rung.when is When.BEFORE
        return calendar.start_of(calendar.first) if early else calendar.closing(calendar.last)


def _rung_at(rung: Rung, due: datetime, calendar: WorkCalendar) -> datetime:
    if rung.offset is None:
        return due
    match rung.when:
        case When.BEFORE:
            return before(rung.offset, due, calendar)
        case When.LATE:
            return after(rung.offset, due, calendar)
        case When.DUE:
            return due
        case _ as never:
            assert_never(never)


def next_rung_at(layout: MonthPlan, state: StepState) -> datetime | None:
    """Say when the next rung of an open step fires; None when its clock stands or none is left."""
    ladder = layout.plan.step_of(state.step, state.risk).ladder
    if state.due_at is None or state.rungs_passed >= len(ladder):
        return None
    key = (state.step, state.risk, state.rungs_passed, state.due_at)
    at = layout.rung_instants.get(key)
    if at is None:
        at = rung_at(ladder[state.rungs_passed], state.due_at, layout.calendar)
        layout.rung_instants[key] = at
    return at


def rungs_already_past(turn: Turn, step: PlanStep, due: datetime) -> int:
    """Count the leading rungs that a new deadline leaves no time for; they do not fire."""
    past = 0
    for rung in step.ladder:
        if rung_at(rung, due, turn.calendar) > turn.now:
            break
        past += 1
    return past


def climb(turn: Turn) -> None:
    """Fire every rung that is due by now, of every open step."""
    if turn.paused:
        return
    for key in [step.key for step in turn.steps.values() if step.is_open]:
        _climb_one(turn, turn.steps[key])


def _climb_one(turn: Turn, state: StepState) -> None:
    step = turn.spec(state)
    while state.is_open:
        at = next_rung_at(turn.layout, state)
        if at is None or at > turn.now:
            return
        number = state.rungs_passed
        turn.put(replace(state, rungs_passed=number + 1))
        _fire(turn, turn.steps[state.key], step.ladder[number], number)
        state = turn.steps[state.key]


def _fire(turn: Turn, state: StepState, rung: Rung, number: int) -> None:
    match rung.act:
        case Remind():
            turn.emit(RemindOwner(state, number))
        case Notify(role=role):
            turn.emit(NotifyPerson(state, turn.owner(role), number))
        case Reassign(role=role):
            if turn.owner(role) == state.owner:
                turn.emit(RemindOwner(state, number))
                return
            moved = replace(state, owner=turn.owner(role))
            turn.put(moved)
            turn.emit(MoveOwner(moved, state.owner, "the deadline passed", SYSTEM))
        case Expire(outcome=outcome):
            turn.close(state, StepStatus.EXPIRED, outcome=outcome, because="nobody did it in time")
        case _ as never:
            assert_never(never)
