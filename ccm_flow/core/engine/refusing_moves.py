"""Why a running cycle cannot go on by another version of its playbook."""

from datetime import datetime

from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.refused import Refusal, cycle_ended
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import PlanChanged
from ccm_flow.core.state import CycleState

ALREADY_MOVED = "already_moved"
"""The code of the refusal that says: the cycle runs on that very version."""


def refuse_move(
    layout: MonthPlan, state: CycleState, event: PlanChanged, now: datetime
) -> Refusal | None:
    """
    Say why a cycle cannot go on by the version that `event` brings; None when it can.

    Whoever signed saw what would become of each step on the version that ran then: on another
    one it would be something else, so the cycle is left alone.
    """
    if state.ending is not None:
        return cycle_ended(state.ending)
    running = layout.plan
    if event.plan.sha256 == running.sha256:
        return Refusal(
            ALREADY_MOVED,
            f"This month runs on version {running.version} of {running.playbook} already.",
            "Nothing would change.",
        )
    if (event.plan.playbook, event.plan.kind) != (running.playbook, running.kind):
        return Refusal(
            "another_playbook",
            f"This month runs on {running.playbook}; {event.plan.playbook} is another playbook.",
            "Choose a version of the same playbook.",
        )
    if event.was.sha256 != running.sha256:
        return Refusal(
            "another_version",
            f"This month runs on version {running.version} by now, not on {event.was.version}.",
            "Look at what would become of its steps, then sign again.",
        )
    return _refuse_plan(layout.by(event.plan), state, now)


def _refuse_plan(new: MonthPlan, state: CycleState, now: datetime) -> Refusal | None:
    if new.plan.owner not in state.team:
        return Refusal(
            "no_program_owner",
            f"Nobody is named for '{new.plan.owner}', who answers for the new version.",
            "Name somebody for that role first.",
        )
    if not _fits(new):
        return Refusal(
            "calendar_too_short",
            "The new version has dates that lie outside this month's calendar.",
            "Let this month end on the version it runs on.",
        )
    if new.closes_at <= now:
        return Refusal(
            "closed_by_then",
            f"In the new version this month would have closed ({new.closes_at:%Y-%m-%d}).",
            "Let this month end on the version it runs on.",
        )
    return None


def _fits(new: MonthPlan) -> bool:
    """Tell whether the calendar that the cycle has reaches as far as the new version asks."""
    try:
        _ = new.closes_at, new.readiness_from, new.opening_dates, new.month_ends_at
    except CalendarTooShortError:
        return False
    return True
