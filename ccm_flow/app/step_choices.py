"""The ways to end a step, in words, each with what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from ccm_flow.app.step_view import Asking, Choice
from ccm_flow.app.view_text import words
from ccm_flow.core.attempts import next_attempt_at
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import DueRule, due_at
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import AttemptPlan, Plan, PlanStep, Trigger
from ccm_flow.core.what_follows import Following, Opening, Settled, what_follows
from ccm_flow.core.words import Disposition, Recorded


@dataclass(frozen=True, slots=True)
class StepNow:
    """A step as it stands, and what its outcomes can lead to."""

    plan: Plan
    step: PlanStep
    made: int
    """Attempts so far."""
    again: bool
    """It was opened before."""
    known: Mapping[StepId, Settled]
    risk: str | None
    owners: Mapping[RoleId, str]
    """The name of whoever has each role for the patient."""
    calendar: WorkCalendar
    at: datetime


def choices_of(now: StepNow) -> tuple[Choice, ...]:
    """List what a person may choose: ways to end the step, then results of an attempt."""
    attempts = now.step.attempts
    ends = [outcome for outcome in now.step.outcomes if not _by_attempts_only(now, outcome.id)]
    found = [
        Choice(
            id=outcome.id,
            title=outcome.title,
            follows=following_text(_following(now, outcome.id), now.owners),
            needs_note=now.step.needs_note(outcome.id),
            records=outcome.records,
        )
        for outcome in ends
    ]
    results = attempts.results if attempts else ()
    return (*found, *(_result(now, attempts, one) for one in results if attempts))


def _by_attempts_only(now: StepNow, outcome: OutcomeId) -> bool:
    """Tell whether an outcome is the one that the last failed attempt leads to, and not yet."""
    attempts = now.step.attempts
    return attempts is not None and attempts.then == outcome and now.made + 1 < attempts.max


def _following(now: StepNow, outcome: OutcomeId) -> Following:
    return what_follows(now.plan, now.step, outcome, now.known, risk=now.risk, again=now.again)


def _result(now: StepNow, attempts: AttemptPlan, result: OutcomeId) -> Choice:
    title = words(result).capitalize()
    made = now.made + 1
    if made < attempts.max:
        at = next_attempt_at(now.plan, attempts, made, now.at, now.calendar)
        return Choice(
            result, title, next_at=at, next_channel=attempts.channel(made + 1), is_attempt=True
        )
    then = now.step.outcome(attempts.then)
    last = f"the last attempt: ends as {then.title if then else words(attempts.then)}"
    follows = following_text(_following(now, attempts.then), now.owners)
    return Choice(result, title, follows=(last, *follows), is_attempt=True)


def following_text(following: Following, owners: Mapping[RoleId, str]) -> tuple[str, ...]:
    """Say what follows, each thing as a few words."""
    found = [_opening_text(one, owners) for one in following.opens]
    if following.ends is not None:
        because = f" ({words(following.because)})" if following.because else ""
        found.append(f"ends {_what_ends(following.ends)}{because}")
    return (*found, *(_recorded_text(one) for one in following.records))


def _opening_text(one: Opening, owners: Mapping[RoleId, str]) -> str:
    start = "may open" if one.if_needed else "opens"
    return f"{start} {one.title}, owner {owners.get(one.owner, words(one.owner))}"


def _what_ends(ending: Disposition) -> str:
    match ending:
        case Disposition.READY:
            return "the month: ready for billing"
        case Disposition.NOT_READY:
            return "the month: not ready"
        case Disposition.WITHDRAWN:
            return "the program for the patient"
        case Disposition.DECEASED:
            return "the month: deceased"
        case Disposition.ENROLLED:
            return "the enrollment: enrolled"
        case Disposition.NOT_ENROLLED:
            return "the enrollment: not enrolled"
        case _ as never:
            assert_never(never)


def _recorded_text(record: Recorded) -> str:
    match record:
        case Recorded.INTRODUCTION:
            return "records the introduction"
        case Recorded.CONSENT:
            return "records the consent"
        case Recorded.REFUSAL:
            return "records that the patient declined"
        case Recorded.REVOCATION:
            return "records that the consent ends with the month"
        case Recorded.CARE_PLAN:
            return "writes a new version of the care plan"
        case Recorded.CARE_PLAN_SHARED:
            return "records that the patient got a copy"
        case Recorded.INITIATING_VISIT:
            return "records the initiating visit"
        case Recorded.SIGNATURE:
            return "signs your open notes of this patient"
        case _ as never:
            assert_never(never)


def asking(plan: Plan, month: Month, now: datetime, calendar: WorkCalendar) -> Asking | None:
    """Say who answers a question and by when; None where the playbook takes none."""
    answering = next((step for step in plan.steps if step.on is Trigger.ESCALATION), None)
    if answering is None:
        return None
    urgent = answering.urgent_due
    return Asking(
        role=answering.owner,
        routine_by=_due(answering.due, now, month, calendar),
        urgent_by=_due(urgent, now, month, calendar) if urgent else None,
    )


def _due(rule: DueRule, now: datetime, month: Month, calendar: WorkCalendar) -> datetime | None:
    try:
        return due_at(rule, now, month, calendar)
    except CalendarTooShortError:
        return None
