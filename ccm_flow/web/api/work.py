"""The queue and single steps."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.views import queue, transition_story
from ccm_flow.adapters.db.views_api import StepFacts, step_facts
from ccm_flow.app.act import Desk, act, finish_step
from ccm_flow.app.care import Click, Work
from ccm_flow.app.flow import ClickRefusedError
from ccm_flow.app.view_text import timeline_text, words
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import (
    DeadlineExtended,
    PersonEvent,
    StepReassigned,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.ids import ClickId, CycleId, OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.core.plan import Trigger, Urgency
from ccm_flow.core.scopes import Scope
from ccm_flow.core.state import StepStatus
from ccm_flow.language.phrases import PhraseError, parse_budget
from ccm_flow.web.api.caller import Caller, NotHereError, scoped
from ccm_flow.web.api.models import TEXT
from ccm_flow.web.api.models_work import (
    Complete,
    Done,
    Escalate,
    Extend,
    QueuePage,
    Reassign,
    Skip,
    Step,
    StepLine,
)
from ccm_flow.web.api.once import Key, once
from ccm_flow.web.api.paths import Cycle, Limit, Offset, StepName, part
from ccm_flow.web.api.problems import RESPONSES, WRITING

router = APIRouter(tags=["Work"])
Reading = Annotated[Caller, scoped(Scope.READ_WORK)]
Writing = Annotated[Caller, scoped(Scope.WRITE_WORK)]
Managing = Annotated[Caller, scoped(Scope.MANAGE_WORK)]


class BadAmountError(CcmError):
    """An amount of time that cannot be read."""

    exit_code = 2


@router.get("/queue", responses=RESPONSES)
def read_queue(
    caller: Reading,
    owner: Annotated[
        str | None, Query(max_length=200, pattern=TEXT, description="Only this person's.")
    ] = None,
    role: Annotated[
        str | None, Query(max_length=200, pattern=TEXT, description="Only this role's.")
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> QueuePage:
    """List the clinic's open steps: overdue ones first, then by deadline, paused ones last."""
    view = queue(
        caller.parts.base.engine,
        caller.clinic,
        now=caller.now,
        owner=PersonId(owner) if owner else None,
        role=RoleId(role) if role else None,
    )
    items, after = part(view.steps, limit, offset)
    return QueuePage(
        clinic=caller.clinic,
        as_of=view.as_of,
        total=len(view.steps),
        next_offset=after,
        items=[StepLine.model_validate({**_fields(row), "month": str(row.month)}) for row in items],
    )


def _fields(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in StepLine.model_fields}


@router.get("/steps/{cycle}/{key}", responses=RESPONSES)
def read_step(caller: Reading, cycle: Cycle, key: StepName) -> Step:
    """Give one step."""
    facts = _step(caller, cycle, key)
    fields = {name: getattr(facts, name) for name in Step.model_fields}
    return Step.model_validate({**fields, "month": str(facts.month)})


def _step(caller: Caller, cycle: str, key: str) -> StepFacts:
    facts = step_facts(caller.parts.base.engine, caller.clinic, CycleId(cycle), StepKey(key))
    if facts is None:
        raise NotHereError("step")
    return facts


@router.post("/steps/{cycle}/{key}/complete", responses=WRITING, response_model=Done)
async def complete(
    request: Request, caller: Writing, *, cycle: Cycle, key: StepName, body: Complete, once_key: Key
) -> Response:
    """
    End a step with an outcome, or keep what one try at contact came to.

    Note and minutes are kept in the name of the token's person, who signs the note themselves.
    """
    await run_in_threadpool(_step, caller, cycle, key)

    async def finish(click: ClickId) -> Done:
        desk = await caller.parts.desk()
        await run_in_threadpool(_check_outcome, caller, cycle, key, body.outcome, click)
        sequence = await finish_step(
            desk,
            click=click,
            cycle=CycleId(cycle),
            step=StepKey(key),
            outcome=OutcomeId(body.outcome),
            by=caller.person,
            work=_work_of(body),
            channel=body.channel,
        )
        return await run_in_threadpool(_done, caller, CycleId(cycle), sequence)

    return await once(request, caller, once_key, finish)


def _work_of(body: Complete) -> Work:
    return Work(
        time=timedelta(seconds=body.seconds),
        started_at=body.started_at,
        note=body.note,
        fields=dict(body.fields),
    )


def _check_outcome(caller: Caller, cycle: str, key: str, outcome: str, click: ClickId) -> None:
    """Refuse what is plainly impossible before a note and minutes are kept with it."""
    record = caller.parts.base.record
    if record.is_kept(click):
        return
    facts = _step(caller, cycle, key)
    if facts.status is not StepStatus.OPEN:
        raise ClickRefusedError(
            "step_ended", f"The step '{key}' has ended.", "List the open steps with GET /queue."
        )
    if outcome not in facts.outcomes:
        known = ", ".join(facts.outcomes)
        raise ClickRefusedError(
            "no_such_outcome", f"'{outcome}' is not an outcome of '{key}'.", f"Choose: {known}."
        )
    held = record.roles_of(caller.person, caller.clinic)
    if not {facts.role, record.cycle(CycleId(cycle)).plan.owner} & held:
        raise ClickRefusedError(
            "not_in_role",
            f"The step '{key}' belongs to the {words(facts.role)}.",
            "Use a token of somebody who has the role, or have the step handed over.",
        )


@router.post("/steps/{cycle}/{key}/escalate", responses=WRITING, response_model=Done)
async def escalate(
    request: Request, caller: Writing, *, cycle: Cycle, key: StepName, body: Escalate, once_key: Key
) -> Response:
    """Put a question about a step to somebody else, with a clock for the reply."""
    event = Triggered(
        trigger=Trigger.ESCALATION,
        by=caller.person,
        because=body.because,
        urgency=Urgency.URGENT if body.urgent else Urgency.ROUTINE,
        to=RoleId(body.to) if body.to else None,
    )
    return await _do(request, caller, cycle=cycle, key=key, event=event, once_key=once_key)


@router.post("/steps/{cycle}/{key}/skip", responses=WRITING, response_model=Done)
async def skip(
    request: Request, caller: Writing, *, cycle: Cycle, key: StepName, body: Skip, once_key: Key
) -> Response:
    """Leave an optional step out; its owner's role decides."""
    facts = await run_in_threadpool(_step, caller, cycle, key)
    held = await run_in_threadpool(caller.parts.base.record.roles_of, caller.person, caller.clinic)
    role = facts.role if facts.role in held else min(held, default=facts.role)
    event = StepSkipped(StepKey(key), caller.person, role, body.because)
    return await _do(request, caller, cycle=cycle, key=key, event=event, once_key=once_key)


@router.post("/steps/{cycle}/{key}/extend", responses=WRITING, response_model=Done)
async def extend(
    request: Request, caller: Managing, *, cycle: Cycle, key: StepName, body: Extend, once_key: Key
) -> Response:
    """Give a step more time, counted from now."""
    try:
        extra = parse_budget(body.extra)
    except PhraseError as error:
        raise BadAmountError(error.message, error.hint) from error
    event = DeadlineExtended(StepKey(key), caller.person, body.because, extra)
    return await _do(request, caller, cycle=cycle, key=key, event=event, once_key=once_key)


@router.post("/steps/{cycle}/{key}/reassign", responses=WRITING, response_model=Done)
async def reassign(
    request: Request,
    caller: Managing,
    *,
    cycle: Cycle,
    key: StepName,
    body: Reassign,
    once_key: Key,
) -> Response:
    """Give a step to somebody else of the clinic, in a role they have."""
    event = StepReassigned(
        StepKey(key), PersonId(body.to), RoleId(body.role), caller.person, body.because
    )
    return await _do(request, caller, cycle=cycle, key=key, event=event, once_key=once_key)


async def _do(
    request: Request,
    caller: Caller,
    *,
    cycle: str,
    key: str,
    event: PersonEvent,
    once_key: str,
) -> Response:
    await run_in_threadpool(_step, caller, cycle, key)

    async def work(click: ClickId) -> Done:
        desk: Desk = await caller.parts.desk()
        sent = Click(click, CycleId(cycle), caller.person, event, StepKey(key))
        sequence = await act(desk, sent)
        return await run_in_threadpool(_done, caller, CycleId(cycle), sequence)

    return await once(request, caller, once_key, work)


def _done(caller: Caller, cycle: CycleId, sequence: int) -> Done:
    base = caller.parts.base
    zone = clinic_zone(base.record.clinic(caller.clinic).hours.time_zone)
    story = transition_story(base.engine, cycle, sequence)
    said = [timeline_text(entry, zone) for entry in story]
    return Done(cycle=cycle, sequence=sequence, led_to=said)
