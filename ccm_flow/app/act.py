"""What a person does to a step or a month: kept first, then passed to the running cycle."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccm_flow.app.care import (
    CareRecord,
    Click,
    ConsentRefusedError,
    CycleView,
    NotInThisClinicError,
    Work,
)
from ccm_flow.app.documenting import check_work
from ccm_flow.app.flow import ClickRefusedError, Clock, Flow, NoSuchCycleError
from ccm_flow.core.consent import ConsentTerms, confirmed, consent_problem
from ccm_flow.core.events import (
    AttemptMade,
    MonthClosed,
    PersonEvent,
    StaffChanged,
    StepCompleted,
    StepReassigned,
    Triggered,
)
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.plan import Channel, PlanStep, Recorded


@dataclass(frozen=True, slots=True)
class Desk:
    """What the use cases work with."""

    record: CareRecord
    flow: Flow
    clock: Clock


async def act(desk: Desk, click: Click) -> int:
    """
    Do what a person asks; returns the transition's sequence.

    Their note and minutes are kept first: they stay whether the step takes the outcome or not,
    and also when the server is away. The same click twice is one click.

    Raises:
        NotInThisClinicError: the person has no role at the patient's clinic.
        ConsentRefusedError: a consent lacks what makes it count; nothing was kept.
        ClickRefusedError: it cannot be done now; the sentence says why.
        FlowUnavailableError: the server is away; the click is kept as pending.
    """
    return await _act_in(desk, click, await asyncio.to_thread(desk.record.cycle, click.cycle))


async def _act_in(desk: Desk, click: Click, cycle: CycleView) -> int:
    await asyncio.to_thread(_check, desk, click, cycle)
    await asyncio.to_thread(desk.record.keep, click, desk.clock.now())
    return await _pass_on_to(desk, click, cycle)


async def pass_on(desk: Desk, click: Click) -> int:
    """Pass a kept click on to the running cycle and keep what became of it."""
    return await _pass_on_to(desk, click, await asyncio.to_thread(desk.record.cycle, click.cycle))


async def _pass_on_to(desk: Desk, click: Click, cycle: CycleView) -> int:
    event = await asyncio.to_thread(_informed, desk, click, cycle)
    try:
        sequence = await desk.flow.click(click.cycle, click.id, event)
    except ClickRefusedError as refusal:
        await asyncio.to_thread(desk.record.settle, click.id, f"{refusal} {refusal.hint}")
        raise
    await asyncio.to_thread(desk.record.settle, click.id, None)
    return sequence


def _facts(desk: Desk, click: Click, cycle: CycleView, now: datetime) -> Facts:
    """Give what the record says once the click is taken, so that the flow is told no wish."""
    if click.records:
        return desk.record.facts_if_taken(click.id, cycle.month, now)
    return desk.record.facts(cycle.enrollment, cycle.month, now)


async def pass_on_pending(desk: Desk, older_than: timedelta) -> int:
    """
    Pass on what was kept while the server was away; returns how many clicks were settled.

    Each was kept with an id, so one that had arrived after all counts once.
    """
    settled = 0
    waiting = await asyncio.to_thread(desk.record.pending, desk.clock.now() - older_than)
    for click in waiting:
        try:
            await pass_on(desk, click)
        except ClickRefusedError:
            pass  # kept with its sentence; the person sees it in their list
        except NoSuchCycleError as lost:
            await asyncio.to_thread(desk.record.settle, click.id, f"{lost} {lost.hint}")
        settled += 1
    return settled


async def finish_step(
    desk: Desk,
    *,
    click: ClickId,
    cycle: CycleId,
    step: StepKey,
    outcome: OutcomeId,
    by: PersonId,
    work: Work | None = None,
    channel: Channel | None = None,
) -> int:
    """
    End a step with an outcome, or keep the result of one attempt at contact.

    The person acts in the step's own role when they hold it, otherwise as program owner.

    Raises:
        NoteIncompleteError: the outcome needs a note whose form is not filled in; what was typed
            is kept as a draft.
        IncompleteCarePlanError: it would record a care plan that lacks something; the same.
    """
    view = await asyncio.to_thread(desk.record.cycle, cycle)
    plan = view.plan.by_id.get(StepId(step.partition("~")[0]))
    role = await asyncio.to_thread(_acting_role, desk, view, step, by)
    event: PersonEvent
    if plan is not None and plan.takes_result(outcome):
        event = AttemptMade(step, outcome, by, role, channel)
    else:
        event = StepCompleted(step, outcome, by, role, channel)
    records = _records(plan, outcome)
    sent = Click(click, cycle, by, event, step, work or Work(), records)
    await asyncio.to_thread(check_work, desk.record, desk.clock, sent, view)
    return await _act_in(desk, sent, view)


def _records(plan: PlanStep | None, outcome: OutcomeId) -> tuple[Recorded, ...]:
    chosen = plan.outcome(outcome) if plan is not None else None
    return chosen.records if chosen is not None else ()


def _acting_role(desk: Desk, view: CycleView, step: StepKey, by: PersonId) -> RoleId:
    held = desk.record.roles_of(by, view.clinic)
    wanted = desk.record.owner_role(view.cycle, step)
    if wanted is not None and wanted in held:
        return wanted
    if view.plan.owner in held or not held:
        return view.plan.owner if held else RoleId("nobody")
    return min(held)


def _check(desk: Desk, click: Click, view: CycleView) -> None:
    """Deny whoever has no role at the clinic, and owners who lack the role they are given."""
    if not desk.record.roles_of(click.by, view.clinic):
        raise NotInThisClinicError(click.cycle)
    if Recorded.CONSENT in click.records:
        terms = desk.record.consent_terms(view.enrollment, desk.clock.now())
        check_consent(click.work, terms)
    event = click.event
    if isinstance(event, StepReassigned) and event.role not in desk.record.roles_of(
        event.to, view.clinic
    ):
        raise ClickRefusedError(
            "not_in_role",
            f"'{event.to}' does not have the role {event.role} at this clinic.",
            "Choose somebody who has it.",
        )


def check_consent(work: Work, terms: ConsentTerms) -> None:
    """
    Refuse a consent that would not count, before anything of it is kept.

    Raises:
        ConsentRefusedError: a statement was not read, or it may not be given by word.
    """
    said = confirmed(work.statements, work.fields)
    problem = consent_problem(said, work.consent_mode, terms)
    if problem:
        raise ConsentRefusedError(problem)


def _informed(desk: Desk, click: Click, cycle: CycleView) -> PersonEvent:
    """Give the event with what the record knows: facts, and who may get steps now."""
    event, now = click.event, desk.clock.now()
    match event:
        case Triggered():
            pool = desk.record.pool(cycle.enrollment, now)
            facts = _facts(desk, click, cycle, now)
            return replace(event, facts=facts, pool=pool, by_agreement=True)
        case StepCompleted() | AttemptMade() | MonthClosed():
            pool = desk.record.pool(cycle.enrollment, now)
            return replace(event, facts=_facts(desk, click, cycle, now), pool=pool)
        case StepReassigned() | StaffChanged():
            return replace(event, pool=desk.record.pool(cycle.enrollment, now))
        case _:
            return event
