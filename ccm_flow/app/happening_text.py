"""Sentences about what a happening led to."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from ccm_flow.app.happenings import CycleHere, EnrollmentChange
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.core.events import (
    CyclePaused,
    CycleResumed,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    Triggered,
)
from ccm_flow.core.ids import PersonId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind, Trigger
from ccm_flow.core.state import CycleState, StepState, StepStatus

Name = Callable[[PersonId], str]


def month_name(month: Month) -> str:
    """Write a month as people say it: `December 2026`."""
    return f"{month.first_day:%B %Y}"


def goes_on_text(cycle: CycleHere) -> str:
    """Say that a month that was over before a death or a withdrawal is still documented."""
    return (
        f"{cycle_name(cycle)} goes on until it is documented: its services were given before. "
        "Nobody calls the patient for it any more."
    )


def cycle_name(cycle: CycleHere) -> str:
    """Name a cycle at the start of a sentence."""
    match cycle.kind:
        case PlaybookKind.MONTHLY:
            return month_name(cycle.month)
        case PlaybookKind.ENROLLMENT:
            return "The way into the program"
        case PlaybookKind.EPISODE:
            return cycle.plan.title


def day_and_time(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant with its weekday: `Wed Dec 9 17:00`."""
    return f"{at.astimezone(zone):%a} {clinic_time(at, zone)}"


def open_step_text(step: StepState, plan: Plan, name: Name, zone: ZoneInfo) -> str:
    """Say what is to be done, until when and by whom."""
    title = plan.by_id[StepId(step.step)].title
    until = f", by {day_and_time(step.due_at, zone)}" if step.due_at else ", its clock stands still"
    return f"{title}{until}, owner {name(step.owner.person)}"


def led_to(
    event: PersonEvent, cycle: CycleHere, state: CycleState, name: Name, zone: ZoneInfo
) -> str:
    """Say what an event that was taken led to in a cycle."""
    what, still = cycle_name(cycle), len(state.open_steps)
    match event:
        case CyclePaused():
            stand = "stands" if still == 1 else "stand"
            return f"{what} is paused; {_steps(still)} {stand} still."
        case CycleResumed():
            clocks = "clock runs" if still == 1 else "clocks run"
            return f"{what} goes on; {_steps(still)}, whose {clocks} again."
        case Triggered(trigger=trigger):
            return _opened(cycle, trigger, state, name, zone)
        case PatientDied() | PatientWithdrew() | MonthClosed():
            ended = sum(step.status is StepStatus.WITHDRAWN for step in state.steps.values())
            how = words(state.ending.disposition) if state.ending else "ended"
            return f"{what} has ended ({how}); {_steps(ended)} taken off the list."
        case _:
            return f"{what} took it."


def _opened(
    cycle: CycleHere, trigger: Trigger, state: CycleState, name: Name, zone: ZoneInfo
) -> str:
    starts = [step.id for step in cycle.plan.steps if step.on is trigger]
    newest = [state.newest(step) for step in starts]
    shown = [
        open_step_text(step, cycle.plan, name, zone)
        for step in newest
        if step is not None and step.is_open
    ]
    return f"{cycle_name(cycle)}: {'; '.join(shown) or 'nothing new to do'}."


def refused_text(cycle: CycleHere, sentence: str) -> str:
    """Say that a cycle did not take something, in its own words."""
    return f"{cycle_name(cycle)} did not take it: {sentence}"


def changed_text(change: EnrollmentChange) -> str:
    """Say how an enrollment changed."""
    if change.after is EnrollmentStatus.ENDED:
        return "The patient is out of the program (deceased); no month opens any more."
    if change.after is EnrollmentStatus.WITHDRAWN:
        return "The patient is out of the program (withdrawn); no month opens any more."
    return f"The patient is in the program again ({words(change.after)})."


def _steps(number: int) -> str:
    return f"{number} open step" + ("" if number == 1 else "s")
