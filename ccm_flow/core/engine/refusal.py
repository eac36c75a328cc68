"""Why the engine does not take something a person wants to do: a sentence, never a traceback."""

from datetime import datetime
from typing import assert_never

from ccm_flow.core.deadlines import after
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.refused import Refusal, cycle_ended
from ccm_flow.core.engine.refusing_moves import refuse_move
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import (
    AttemptMade,
    CalendarChanged,
    CyclePaused,
    CycleResumed,
    DeadlineExtended,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    PlanChanged,
    StaffChanged,
    StepCompleted,
    StepReassigned,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.facts import FACTS, Facts, FactType, FactValue
from ccm_flow.core.ids import OutcomeId, RoleId, StepId, StepKey
from ccm_flow.core.plan import Disposition, PlanStep
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import CycleState, CycleStatus, StepState, StepStatus


def refuse(
    layout: MonthPlan, state: CycleState, event: PersonEvent, now: datetime
) -> Refusal | None:
    """
    Say why an event cannot be taken now; None when it can, and `advance` then takes it.

    Changes nothing; an event that is refused must not be handed to `advance`.
    """
    if state.ending is not None:
        return cycle_ended(state.ending)
    return _bad_facts(getattr(event, "facts", None)) or _refuse_event(layout, state, event, now)


def _refuse_event(
    layout: MonthPlan, state: CycleState, event: PersonEvent, now: datetime
) -> Refusal | None:
    match event:
        case (
            StepCompleted() | AttemptMade() | StepSkipped() | StepReassigned() | DeadlineExtended()
        ):
            return _refuse_step(layout, state, event, now)
        case Triggered():
            return _refuse_trigger(layout, event)
        case CyclePaused() | CycleResumed():
            return _refuse_clock(state, event)
        case PlanChanged():
            return refuse_move(layout, state, event, now)
        case FactsChanged() | PatientWithdrew() | PatientDied() | MonthClosed() | StaffChanged():
            return None
        case CalendarChanged(told_at=told_at):
            return _refuse_calendar(state, told_at)
        case _ as never:
            assert_never(never)


def _refuse_clock(state: CycleState, event: CyclePaused | CycleResumed) -> Refusal | None:
    paused = state.status is CycleStatus.PAUSED
    if isinstance(event, CyclePaused) and paused:
        return Refusal("already_paused", "This month is already paused.", "Resume it when it ends.")
    if isinstance(event, CycleResumed) and not paused:
        return Refusal("not_paused", "This month is not paused.", "There is nothing to resume.")
    return None


def _refuse_calendar(state: CycleState, told_at: datetime | None) -> Refusal | None:
    """Let no change of hours that waited for the server undo a newer one."""
    newest = state.calendar_told_at
    if newest is None or (told_at is not None and told_at >= newest):
        return None
    return Refusal(
        "newer_calendar",
        "The clinic's hours were changed again since.",
        "There is nothing to do: the newer hours are in force.",
    )


def _bad_facts(facts: Facts | None) -> Refusal | None:
    if not facts:
        return None
    unknown = sorted(set(facts) - set(FACTS))
    if unknown:
        return Refusal(
            "unknown_fact",
            f"Unknown facts: {', '.join(unknown)}.",
            f"The facts are: {', '.join(FACTS)}.",
        )
    wrong = sorted(name for name, value in facts.items() if not _fits(FACTS[name].type, value))
    if not wrong:
        return None
    wanted = ", ".join(f"{name}: {FACTS[name].type.value}" for name in wrong)
    return Refusal("wrong_fact", f"Wrong values for facts: {', '.join(wrong)}.", f"Give {wanted}.")


def _fits(type_: FactType, value: FactValue) -> bool:
    match type_:
        case FactType.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
        case FactType.YES_NO:
            return isinstance(value, bool)
        case FactType.TEXT:
            return isinstance(value, str)
        case _ as never:
            assert_never(never)


_StepEvent = StepCompleted | AttemptMade | StepSkipped | StepReassigned | DeadlineExtended


def _refuse_step(
    layout: MonthPlan, state: CycleState, event: _StepEvent, now: datetime
) -> Refusal | None:
    step = state.steps.get(event.step)
    if step is None:
        return _unknown_step(layout, state, event.step)
    if not step.is_open:
        return _closed_step(step)
    plan = layout.plan.step_of(step.step, step.risk)
    match event:
        case StepCompleted():
            return (
                _wrong_role(layout, step, event.role)
                or _wrong_outcome(plan, event.outcome)
                or _still_blocked(layout, state, plan, event)
            )
        case AttemptMade():
            return _wrong_role(layout, step, event.role) or _wrong_result(plan, event.result)
        case StepSkipped():
            return _wrong_role(layout, step, event.role) or _not_optional(plan)
        case StepReassigned():
            return _unknown_role(layout, event.role)
        case DeadlineExtended():
            return _not_later(layout, state, step, event, now)
        case _ as never:
            assert_never(never)


def _unknown_step(layout: MonthPlan, state: CycleState, key: StepKey) -> Refusal:
    opened = ", ".join(step.key for step in state.open_steps) or "none"
    if StepId(key) in layout.plan.by_id:
        return Refusal(
            "not_open_yet", f"The step '{key}' has not opened yet.", f"Open steps now: {opened}."
        )
    return Refusal(
        "unknown_step", f"There is no step '{key}' in this cycle.", f"Open steps now: {opened}."
    )


_ENDED_WORDS = {
    StepStatus.DONE: "was already done",
    StepStatus.SKIPPED: "was skipped",
    StepStatus.EXPIRED: "expired undone",
    StepStatus.WITHDRAWN: "was withdrawn",
}


def _closed_step(step: StepState) -> Refusal:
    how = _ENDED_WORDS[step.status]
    outcome = f" as '{step.outcome}'" if step.outcome else ""
    return Refusal(
        "step_closed",
        f"The step '{step.key}' {how}{outcome} at {step.ended_at:%Y-%m-%d %H:%M} UTC "
        f"by {step.ended_by}.",
        "Nothing was changed. Your note and minutes are kept.",
    )


def _wrong_role(layout: MonthPlan, step: StepState, role: RoleId) -> Refusal | None:
    if role in (step.owner.role, layout.owner_role):
        return None
    return Refusal(
        "wrong_role",
        f"The step '{step.key}' belongs to the {step.owner.role}; you act as {role}.",
        f"Ask the {step.owner.role}, or have the step reassigned to you.",
    )


def _wrong_outcome(plan: PlanStep, outcome: OutcomeId) -> Refusal | None:
    if plan.outcome(outcome) is not None:
        return None
    return Refusal(
        "unknown_outcome",
        f"'{outcome}' is not an outcome of '{plan.id}'.",
        f"Choose one of: {_choices(plan)}.",
    )


def _still_blocked(
    layout: MonthPlan, state: CycleState, plan: PlanStep, event: StepCompleted
) -> Refusal | None:
    """Refuse an outcome that would call a month ready while something stops it."""
    outcome = plan.outcome(event.outcome)
    if outcome is None or outcome.end is not Disposition.READY:
        return None
    blockers = find_blockers(layout.plan.readiness, {**state.facts, **(event.facts or {})})
    if not blockers:
        return None
    return Refusal(
        "blocked",
        f"The month is not ready: {'; '.join(blocker.detail for blocker in blockers)}.",
        "Fix what is missing first, or choose another outcome.",
    )


def _wrong_result(plan: PlanStep, result: OutcomeId) -> Refusal | None:
    if plan.takes_result(result):
        return None
    return Refusal(
        "unknown_outcome",
        f"'{result}' is not the result of an attempt at '{plan.id}'.",
        f"Choose one of: {_choices(plan)}.",
    )


def _choices(plan: PlanStep) -> str:
    results = plan.attempts.results if plan.attempts else ()
    return ", ".join([outcome.id for outcome in plan.outcomes] + list(results))


def _not_optional(plan: PlanStep) -> Refusal | None:
    if plan.optional:
        return None
    return Refusal(
        "not_optional",
        f"The step '{plan.id}' is not optional.",
        "Complete it with an outcome, or ask the program owner.",
    )


def _unknown_role(layout: MonthPlan, role: RoleId) -> Refusal | None:
    known = [plan_role.id for plan_role in layout.plan.roles]
    if role in known:
        return None
    return Refusal(
        "unknown_role",
        f"The playbook has no role '{role}'.",
        f"Choose one of: {', '.join(known)}.",
    )


def _not_later(
    layout: MonthPlan, state: CycleState, step: StepState, event: DeadlineExtended, now: datetime
) -> Refusal | None:
    new = _extended(layout, event, now)
    if new is None or new > state.closes_at:
        return Refusal(
            "after_close",
            f"That is after the month closes ({state.closes_at:%Y-%m-%d}).",
            "Choose a shorter extension.",
        )
    if step.due_at is not None and new <= step.due_at:
        return Refusal(
            "not_later",
            f"That is not later than the deadline the step has ({step.due_at:%Y-%m-%d %H:%M} UTC).",
            "Choose a longer extension.",
        )
    left = layout.calendar.working_time_between(now, new)
    if step.time_left is not None and left <= step.time_left:
        return Refusal(
            "not_later",
            "That is not more time than the step has left once its clock runs again.",
            "Choose a longer extension.",
        )
    return None


def _extended(layout: MonthPlan, event: DeadlineExtended, now: datetime) -> datetime | None:
    """Give the deadline an extension asks for; None when no calendar reaches that far."""
    try:
        return after(event.extra, now, layout.calendar)
    except (CalendarTooShortError, OverflowError):
        return None


def _refuse_trigger(layout: MonthPlan, event: Triggered) -> Refusal | None:
    if not any(step.on is event.trigger for step in layout.plan.steps):
        return Refusal(
            "nothing_starts",
            f"No step of this playbook starts on '{event.trigger.value}'.",
            f"Tell the program owner; a step with `on: {event.trigger.value}` would take it.",
        )
    return None if event.to is None else _unknown_role(layout, event.to)
