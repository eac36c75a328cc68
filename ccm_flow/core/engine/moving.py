"""
Moving a running cycle to another version of its playbook: an explicit act, never a side effect.

What ended stays as it was. What is open keeps its owner, its attempts and the rungs that fired;
its deadline is derived anew only where the rule itself changed, so an extension somebody gave
stands. Nothing is lost: what the new version does not know is withdrawn, with a line in the ledger.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ccm_flow.core.commands import Command, MoveDeadline, MoveOwner
from ccm_flow.core.deadlines import DueRule, due_at, to_the_minute
from ccm_flow.core.engine.advance import Advance
from ccm_flow.core.engine.checking import check_readiness
from ccm_flow.core.engine.following import came_true
from ccm_flow.core.engine.ladder import climb, rungs_already_past
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.openings import open_dated, open_step, within_cycle
from ccm_flow.core.engine.refusal import Refusal, cycle_ended
from ccm_flow.core.engine.turn import Turn
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import PersonId, StepKey
from ccm_flow.core.plan import PlanStep, Urgency
from ccm_flow.core.state import CycleState, StepState, StepStatus, changed

BECAUSE: Final = "the playbook changed"


class Fate(StrEnum):
    """What becomes of one opening of a step when its cycle is moved."""

    KEPT = "kept"
    DEADLINE_MOVED = "deadline_moved"
    OWNER_MOVED = "owner_moved"
    WITHDRAWN = "withdrawn"
    """The new version has no such step."""
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class StepMove:
    """One open step, before and after."""

    key: StepKey
    fate: Fate
    was_due: datetime | None
    due: datetime | None

    @property
    def dues(self) -> tuple[datetime | None, datetime | None]:
        """Give the deadline before and after."""
        return self.was_due, self.due


def refuse_move(old: MonthPlan, new: MonthPlan, state: CycleState, now: datetime) -> Refusal | None:
    """Say why a cycle cannot be moved to another plan; None when it can."""
    if state.ending is not None:
        return cycle_ended(state.ending)
    if (new.plan.playbook, new.plan.kind) != (old.plan.playbook, old.plan.kind):
        return Refusal(
            "another_playbook",
            f"This month runs on {old.plan.playbook}; {new.plan.playbook} is another playbook.",
            "Choose a version of the same playbook.",
        )
    if new.plan.owner not in state.team:
        return Refusal(
            "no_program_owner",
            f"Nobody is named for '{new.plan.owner}', who answers for the new version.",
            "Name somebody for that role first.",
        )
    if new.closes_at <= now:
        return Refusal(
            "closed_by_then",
            f"In the new version this month would have closed ({new.closes_at:%Y-%m-%d}).",
            "Let this month end on the version it runs on.",
        )
    return None


def move(old: MonthPlan, new: MonthPlan, state: CycleState, now: datetime, by: PersonId) -> Advance:
    """
    Go on with a cycle on another plan from now on; see `refuse_move`.

    A rung that fired does not fire again, and one that the new deadline leaves no time for does
    not fire late. Steps that wait for nothing any more open.
    """
    turn = Turn(new, replace(state, closes_at=new.closes_at), now)
    for step in turn.open_steps():
        if step.step not in new.plan.by_id:
            turn.close(step, StepStatus.WITHDRAWN, by=by, because=BECAUSE)
            continue
        _carry(turn, old, step, by)
    turn.settled.clear()  # a step that is withdrawn leads to nothing
    _open_what_waits_no_more(turn)
    if not turn.paused:
        climb(turn)
        open_dated(turn)
    check_readiness(turn)
    return Advance(replace(turn.result(), closes_at=new.closes_at), tuple(turn.commands))


def _carry(turn: Turn, old: MonthPlan, step: StepState, by: PersonId) -> None:
    """Go on with an open step as the new version has it."""
    was, spec = old.plan.step_of(step.step, step.risk), turn.spec(step)
    moved = _with_deadline(turn, step, was, spec)
    moved = changed(moved, rungs_passed=_rungs(turn, moved, was, spec, step.rungs_passed))
    turn.put(moved)
    if (moved.due_at, moved.time_left) != (step.due_at, step.time_left):
        turn.emit(MoveDeadline(moved, BECAUSE, by))
    if spec.owner != was.owner and step.owner.role == was.owner:
        handed = changed(moved, owner=turn.owner(spec.owner))
        if handed.owner != moved.owner:
            turn.put(handed)
            turn.emit(MoveOwner(handed, moved.owner, BECAUSE, by))


def _with_deadline(turn: Turn, step: StepState, was: PlanStep, spec: PlanStep) -> StepState:
    """Derive the deadline anew where its rule changed; otherwise it stands as it is."""
    if _rule(spec, step) == _rule(was, step):
        due = step.due_at and min(step.due_at, turn.closes_at)
        return changed(step, due_at=due)
    try:
        due = due_at(_rule(spec, step), step.opened_at, turn.month, turn.calendar)
    except CalendarTooShortError:
        due = turn.closes_at
    due = within_cycle(turn, due)
    if not turn.paused:
        return changed(step, due_at=due)
    left = turn.calendar.working_time_between(to_the_minute(turn.now), due)
    return changed(step, due_at=None, time_left=left)


def _rule(spec: PlanStep, step: StepState) -> DueRule:
    urgent = step.urgency is Urgency.URGENT and spec.urgent_due is not None
    return spec.urgent_due if urgent and spec.urgent_due is not None else spec.due


def _rungs(turn: Turn, step: StepState, was: PlanStep, spec: PlanStep, passed: int) -> int:
    """Count the rungs that are behind: those that fired, and those there is no time left for."""
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


def _open_what_waits_no_more(turn: Turn) -> None:
    """Open the new version's steps for which everything has happened already."""
    for step in turn.plan.steps:
        if step.id in turn.latest or step.on is not None or step.fixes is not None:
            continue
        if step.at is not None and turn.layout.opening_dates[step.id] > turn.now:
            continue
        waits_for_nothing = turn.plan.opens_at_start(step)
        if waits_for_nothing or (step.after is not None and came_true(turn, step.after)):
            open_step(turn, step)
    turn.settled.clear()


def moves_of(
    before: CycleState, commands: tuple[Command, ...], after: CycleState
) -> list[StepMove]:
    """List what becomes of every step that was open, or is opened by the move."""
    handed = {one.step.key for one in commands if isinstance(one, MoveOwner)}
    found = []
    for key, step in after.steps.items():
        known = before.steps.get(key)
        if known is None:
            if step.is_open:
                found.append(StepMove(key, Fate.ADDED, None, step.due_at))
        elif known.is_open:
            fate = Fate.OWNER_MOVED if step.is_open and key in handed else _fate(known, step)
            found.append(StepMove(key, fate, known.due_at, step.due_at))
    return found


def _fate(before: StepState, after: StepState) -> Fate:
    if not after.is_open:
        return Fate.WITHDRAWN
    same = (before.due_at, before.time_left) == (after.due_at, after.time_left)
    return Fate.KEPT if same else Fate.DEADLINE_MOVED
