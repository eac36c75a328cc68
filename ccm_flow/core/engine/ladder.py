"""Escalation ladders: remind, notify, reassign, expire, each rung once."""

from datetime import datetime
from typing import Final, assert_never

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.commands import MoveOwner, NotifyPerson, RemindOwner
from ccm_flow.core.deadlines import after, before
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.engine.view import wanted_for
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import SYSTEM, RoleId, StepId
from ccm_flow.core.plan import Expire, Notify, Reassign, Remind, Rung, When
from ccm_flow.core.state import StepState, StepStatus, changed

DEADLINE_PASSED: Final = "the deadline passed"
"""Why a ladder gives a step to another role."""


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
    due, number = state.due_at, state.rungs_passed
    if due is None:
        return None
    instants = layout.ladder_instants.get((state.step, state.risk, due))
    if instants is None:
        instants = _instants(layout, state.step, state.risk, due)
    return instants[number] if number < len(instants) else None


def _instants(
    layout: MonthPlan, step: StepId, risk: str | None, due: datetime
) -> tuple[datetime, ...]:
    """Give when each rung of a step's ladder fires for a deadline."""
    key = (step, risk, due)
    found = layout.ladder_instants.get(key)
    if found is None:
        ladder = layout.plan.step_of(step, risk).ladder
        found = tuple(rung_at(rung, due, layout.calendar) for rung in ladder)
        layout.ladder_instants[key] = found
    return found


def rungs_already_past(turn: Turn, step: StepId, risk: str | None, due: datetime) -> int:
    """Count the leading rungs that a new deadline leaves no time for; they do not fire."""
    past = 0
    for at in _instants(turn.layout, step, risk, due):
        if at > turn.now:
            break
        past += 1
    return past


def climb(turn: Turn) -> None:
    """Fire every rung that is due by now, of every open step, while the clocks run."""
    for step in turn.open_steps():
        at = next_rung_at(turn.layout, step)
        if at is not None and at <= turn.now:
            _climb_one(turn, step)


def _climb_one(turn: Turn, state: StepState) -> None:
    while state.is_open:
        at = next_rung_at(turn.layout, state)
        if at is None or at > turn.now:
            return
        number = state.rungs_passed
        turn.put(changed(state, rungs_passed=number + 1))
        _fire(turn, turn.steps[state.key], turn.spec(state).ladder[number], number)
        state = turn.steps[state.key]


def _pass_to(turn: Turn, state: StepState, role: RoleId, number: int) -> None:
    """Give a step to another role, asking of its owner what the step itself asks."""
    owner, found = turn.assign(wanted_for(turn.plan, turn.spec(state), role))
    if owner == state.owner:
        turn.emit(RemindOwner(state, number))
        return
    because = DEADLINE_PASSED
    assigned = because if found is None else f"{because}; {found.because}"
    moved = changed(state, owner=owner, assigned=assigned)
    turn.put(moved)
    turn.emit(MoveOwner(moved, state.owner, because, SYSTEM))


def _fire(turn: Turn, state: StepState, rung: Rung, number: int) -> None:
    match rung.act:
        case Remind():
            turn.emit(RemindOwner(state, number))
        case Notify(role=role):
            turn.emit(NotifyPerson(state, turn.owner(role), number))
        case Reassign(role=role):
            _pass_to(turn, state, role, number)
        case Expire(outcome=outcome):
            turn.close(state, StepStatus.EXPIRED, outcome=outcome, because="nobody did it in time")
        case _ as never:
            assert_never(never)
