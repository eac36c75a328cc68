"""`advance`: one event in, a new state and commands out."""

from datetime import datetime
from typing import NamedTuple, assert_never

from ccm_flow.core.commands import Command
from ccm_flow.core.deadlines import due_at, to_the_minute
from ccm_flow.core.engine import people
from ccm_flow.core.engine.another_calendar import move_deadlines
from ccm_flow.core.engine.checking import check_readiness
from ccm_flow.core.engine.ladder import climb
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.moving import go_on_by
from ccm_flow.core.engine.openings import go_to, open_dated, open_followers, open_step
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import (
    AttemptMade,
    CalendarChanged,
    CycleOpened,
    CyclePaused,
    CycleResumed,
    DeadlineExtended,
    Event,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PlanChanged,
    StaffChanged,
    StepCompleted,
    StepReassigned,
    StepSkipped,
    TimePassed,
    Triggered,
)
from ccm_flow.core.facts import DEFAULTS
from ccm_flow.core.plan import Disposition, Outcome, PlaybookKind
from ccm_flow.core.state import CycleStart, CycleState, StepState


class Advance(NamedTuple):
    """What one event led to."""

    state: CycleState
    commands: tuple[Command, ...]


class NoProgramOwnerError(CcmError):
    """A cycle may not start without the person who answers for steps nobody else can own."""

    hint = "Name the clinic's program owner, then open the month again."

    def __init__(self, role: str) -> None:
        super().__init__(f"No person is named for the program owner's role '{role}'.")


def open_cycle(start: CycleStart) -> CycleState:
    """
    Make a cycle's first state; `CycleOpened` then opens its first steps.

    Raises:
        NoProgramOwnerError: the team does not name the program owner.
        CalendarTooShortError: the calendar ends before the cycle does.
    """
    if start.plan.owner not in start.team:
        raise NoProgramOwnerError(start.plan.owner)
    plan, opens_at = start.plan, to_the_minute(start.opens_at)
    return CycleState(
        cycle=start.cycle,
        month=start.month,
        team=start.team,
        closes_at=due_at(plan.closes, opens_at, start.month, start.calendar),
        facts={**DEFAULTS, **start.facts},
        pool=start.pool,
    )


def advance(layout: MonthPlan, state: CycleState, event: Event, now: datetime) -> Advance:
    """
    Move a cycle on by one event at the instant `now`.

    First the event itself, then all that follows from it, then everything that has fallen due
    by now: each rung fires once however late the clock is looked at. An ended cycle does not
    change any more. The next event wants the layout that `layout_after` gives.
    """
    if state.ending is not None:
        return Advance(state, ())
    turn = Turn(layout, state, now)
    turn.add_facts(getattr(event, "facts", None))
    turn.add_pool(getattr(event, "pool", None))
    _apply(turn, event)
    if turn.settled:
        _draw_consequences(turn)
    if turn.ending is None:
        _catch_up(turn)
    return Advance(turn.result(), tuple(turn.commands))


def _apply(turn: Turn, event: Event) -> None:  # noqa: C901 - one line for each kind of event
    match event:
        case CycleOpened():
            _open_first(turn)
        case TimePassed() | FactsChanged() | StaffChanged():
            pass  # what has fallen due is found below
        case StepCompleted():
            people.complete(turn, event)
        case AttemptMade():
            people.try_contact(turn, event)
        case StepSkipped():
            people.skip(turn, event)
        case StepReassigned():
            people.reassign(turn, event)
        case DeadlineExtended():
            people.extend(turn, event)
        case Triggered():
            people.trigger(turn, event)
        case CyclePaused():
            people.pause(turn, event)
        case CycleResumed():
            people.resume(turn, event)
        case PatientWithdrew(because=because):
            turn.end(Disposition.WITHDRAWN, because)
        case PatientDied():
            turn.end(Disposition.DECEASED, None)
        case MonthClosed():
            _close_month(turn)
        case CalendarChanged():
            move_deadlines(turn, event)
        case PlanChanged():
            go_on_by(turn, event)
        case _ as never:
            assert_never(never)


def _open_first(turn: Turn) -> None:
    for step in turn.plan.at_start:
        open_step(turn, step)


def _draw_consequences(turn: Turn) -> None:
    """Follow each settled step to what it opens or ends, until nothing new settles."""
    while turn.settled and turn.ending is None:
        _follow(turn, turn.settled.popleft())


def _follow(turn: Turn, settled: StepState) -> None:
    outcome = _outcome(turn, settled)
    if outcome is not None and outcome.end is not None:
        turn.end(outcome.end, outcome.because)
        return
    if outcome is not None and outcome.go is not None:
        go_to(turn, outcome.go)
    open_followers(turn, settled)


def _outcome(turn: Turn, settled: StepState) -> Outcome | None:
    if settled.outcome is None:
        return None
    return turn.plan.by_id[settled.step].outcome(settled.outcome)


def _catch_up(turn: Turn) -> None:
    """Do everything that has fallen due by now."""
    if turn.now >= turn.closes_at:
        _close_month(turn)
        return
    if not turn.paused:
        climb(turn)
        open_dated(turn)
    check_readiness(turn)
    if turn.settled:
        _draw_consequences(turn)
        if turn.ending is None:
            _catch_up(turn)


def _close_month(turn: Turn) -> None:
    """End the cycle at its close: ready when nothing blocks it, otherwise a named not-ready."""
    if turn.plan.kind is PlaybookKind.ENROLLMENT:
        turn.end(Disposition.NOT_ENROLLED, "not_finished")
        return
    if turn.plan.kind is PlaybookKind.EPISODE:
        turn.end(Disposition.NOT_READY, "not_finished")
        return
    blockers = turn.find_blockers()
    if blockers:
        turn.end(Disposition.NOT_READY, str(blockers[0].requirement))
    else:
        turn.end(Disposition.READY, None)
