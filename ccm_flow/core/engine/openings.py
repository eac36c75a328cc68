"""Which steps open, and when: `after`, `at`, `on`, `every`, `go` and `when`."""

from datetime import UTC, datetime, timedelta

from ccm_flow.core.commands import TellProgramOwner
from ccm_flow.core.contact import within_window
from ccm_flow.core.deadlines import spaced, to_the_minute
from ccm_flow.core.engine.following import came_true
from ccm_flow.core.engine.ladder import rungs_already_past
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.engine.view import View, wanted_for
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.expressions import Expr, holds
from ccm_flow.core.ids import SYSTEM, OutcomeId, RoleId, StepId, StepKey, step_key
from ccm_flow.core.plan import READINESS, PlanStep, Urgency, planned_channel
from ccm_flow.core.state import Owner, StepState, StepStatus, changed

NOBODY_ELSE = OutcomeId("nobody_else")
"""What the program owner is told with a step that nobody else could be given."""
MAX_ROUNDS = 12
"""
How often the flow may open one step in a cycle before the program owner is asked instead.

Asked once: a step that twelve rounds did not settle needs a person's decision, and a notice at
every further event would bury it. For a fixing step nothing is lost by that: its blocker stays on
the month's list, and a month that closes with it is not ready for that reason.
"""


_UNOPENED = StepState(
    step=StepId(""),
    key=StepKey(""),
    round=1,
    status=StepStatus.OPEN,
    owner=Owner(RoleId(""), SYSTEM),
    opened_at=datetime.min.replace(tzinfo=UTC),
    due_at=None,
)
"""What every opening is made from, which is quicker than to put seventeen values one by one."""


def open_step(
    turn: Turn,
    step: PlanStep,
    *,
    to: RoleId | None = None,
    by_agreement: bool = False,
    urgency: Urgency | None = None,
    because: str | None = None,
    repeated: bool = False,
) -> None:
    """
    Open a step for its owner; or skip it, when its condition does not hold now.

    A step that is `repeated` by its `every` is bounded by the calendar, not by the rounds.
    """
    newest = turn.newest(step.id)
    round_ = 1 if newest is None else newest.round + 1
    if newest is not None and round_ > MAX_ROUNDS and not repeated:
        _tell_too_many_rounds(turn, newest)
        return
    risk = str(turn.facts["risk"]) if step.variants else None
    if risk is not None:
        step = turn.plan.step_of(step.id, risk)
    unneeded = why_unneeded(turn, step)
    owner, assignment = turn.assign(wanted_for(turn.plan, step, to, by_agreement=by_agreement))
    deadline = None if unneeded is not None else _deadline(turn, step, urgency)
    opened = changed(
        _UNOPENED,
        step=step.id,
        key=step_key(step.id, round_),
        round=round_,
        owner=owner,
        opened_at=turn.now,
        due_at=None if turn.paused else deadline,
        rungs_passed=0 if deadline is None else rungs_already_past(turn, step.id, risk, deadline),
        not_before=None if deadline is None else _first_attempt_at(turn, step),
        because=because,
        urgency=urgency,
        risk=risk,
        time_left=_time_left(turn, deadline) if turn.paused and deadline is not None else None,
        assigned=None if assignment is None else assignment.because,
    )
    turn.add(opened if unneeded is None else _unopened(opened, unneeded))
    if unneeded is None and assignment is not None and assignment.last_resort:
        turn.emit(TellProgramOwner(owner, opened.key, NOBODY_ELSE))


def _unopened(opened: StepState, because: str) -> StepState:
    return changed(
        opened,
        status=StepStatus.SKIPPED,
        ended_at=opened.opened_at,
        ended_by=SYSTEM,
        because=because,
    )


def why_unneeded(turn: Turn, step: PlanStep) -> str | None:
    """Say why a step is skipped as it would open; None when it is needed."""
    if step.when is None and not step.skip_if:
        return None
    facts = turn.all_facts()
    if step.when is not None and not holds(step.when, facts):
        return "condition did not hold"
    return next((rule.because for rule in step.skip_if if holds(rule.when, facts)), None)


def _first_attempt_at(turn: Turn, step: PlanStep) -> datetime | None:
    """Say until when the first attempt should wait; None when the patient may be called now."""
    if step.attempts is None or turn.plan.contact is None:
        return None
    channel = planned_channel(turn.plan, step.attempts, 1, turn.facts)
    start = within_window(turn.plan.contact, channel, turn.now, turn.calendar)
    return start if start > turn.now else None


def _tell_too_many_rounds(turn: Turn, newest: StepState) -> None:
    to = turn.owner(turn.plan.owner)
    told = TellProgramOwner(to, newest.key, OutcomeId("too_many_rounds"))
    if told not in turn.commands:
        turn.emit(told)


def _deadline(turn: Turn, step: PlanStep, urgency: Urgency | None) -> datetime:
    try:
        return within_cycle(turn, turn.layout.due_at(step.due_rule(urgency), turn.now))
    except CalendarTooShortError:
        return turn.closes_at  # beyond the calendar is beyond the cycle


def within_cycle(turn: Turn, deadline: datetime) -> datetime:
    """
    Keep a deadline inside the cycle and ahead of now.

    A date in the month may be over when its step opens; the owner then has one business day.
    """
    if deadline <= turn.now:
        deadline = turn.calendar.closing_after(turn.now, 1)
    return min(deadline, turn.closes_at)


def _time_left(turn: Turn, deadline: datetime) -> timedelta:
    return turn.calendar.working_time_between(to_the_minute(turn.now), deadline)


# --- what follows a settled step ---


def open_followers(turn: Turn, settled: StepState) -> None:
    """
    Open what was waiting for a step that has just ended.

    What follows a second round opens again, and so does what follows each outside event.
    """
    again = settled.round > 1 or turn.plan.by_id[settled.step].on is not None
    for step in turn.plan.followers.get(settled.step, ()):
        _open_if_due(turn, step, again=again, settled=settled)
    for step in turn.layout.always_watched:
        if turn.opened(step.id) is None:
            _open_if_due(turn, step, again=False)


def open_after_readiness(turn: Turn, *, again: bool) -> None:
    """Open what was waiting for the readiness check to turn to ready, or to not ready."""
    for step in turn.plan.followers.get(READINESS, ()):
        _open_if_due(turn, step, again=again)


def go_to(turn: Turn, target: StepId) -> None:
    """
    Open the step an outcome names, again if it was done before.

    A step for outside events takes each question by itself: a second one is never lost in a first
    that is still open.
    """
    newest, step = turn.newest(target), turn.plan.by_id[target]
    if newest is None or not newest.is_open or step.on is not None:
        open_step(turn, step)


def _open_if_due(
    turn: Turn, step: PlanStep, *, again: bool, settled: StepState | None = None
) -> None:
    newest = turn.opened(step.id)
    if newest is not None and (newest.is_open or not again):
        return
    if newest is not None and settled is not None and not _comes_from(turn, step.after, settled):
        return  # an older answer still holds; this step was opened for it already
    date_has_come = step.at is None or turn.layout.opening_dates[step.id] <= turn.now
    if date_has_come and came_true(turn, step.after, settled):
        open_step(turn, step)


def _comes_from(turn: Turn, expr: Expr, settled: StepState) -> bool:
    """Tell whether an `after` expression holds because of the step that has just ended."""
    op = expr[0]
    if op == "or":
        return any(_comes_from(turn, part, settled) for part in expr[1:])
    if op == "and":
        whole = came_true(turn, expr, settled)
        return whole and any(_comes_from(turn, part, settled) for part in expr[1:])
    return expr[1] == settled.step and came_true(turn, expr, settled)


def open_dated(turn: Turn) -> None:
    """Open steps whose date has come, and repeat those that come round again."""
    for step, opening in turn.layout.dated:
        if turn.opened(step.id) is not None or opening > turn.now:
            continue
        if step.after is None or came_true(turn, step.after):
            open_step(turn, step)
    for step in turn.layout.repeated:
        again = next_repeat(turn, step)
        if again is not None and again <= turn.now:
            open_step(turn, step, repeated=True)


def next_repeat(view: View, step: PlanStep) -> datetime | None:
    """Say when a repeated step opens next; None while it is open, or past the month's end."""
    newest = view.newest(step.id)
    if step.every is None or newest is None or newest.is_open:
        return None
    again = spaced(step.every, newest.opened_at, view.calendar)
    return again if again <= view.layout.month_ends_at else None
