"""What else can be done with a step: ask somebody, more time, hand over, put off, leave out."""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.desk_store import NotAheadError, put_off
from ccm_flow.app.act import act
from ccm_flow.app.care import Click
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.access import Permission
from ccm_flow.core.deadlines import Budget, Unit
from ccm_flow.core.events import (
    DeadlineExtended,
    PersonEvent,
    StepReassigned,
    StepSkipped,
    Triggered,
)
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.plan import Trigger, Urgency
from ccm_flow.web.forms import in_clinic_time
from ccm_flow.web.pages import go_to
from ccm_flow.web.routes.step import Sending, in_time, keep_typed, not_taken, read_step, refused
from ccm_flow.web.step_check import KEPT, closed_problem
from ccm_flow.web.step_form import read_moment
from ccm_flow.web.step_page import Problems
from ccm_flow.web.visit import Visit, needs

router = APIRouter()
UNITS: Final = {
    "hours": Unit.BUSINESS_HOURS,
    "days": Unit.BUSINESS_DAYS,
    "weeks": Unit.WEEKS,
}

Doing = Annotated[Visit, needs(Permission.DO_WORK)]
Leading = Annotated[Visit, needs(Permission.HAND_OVER_WORK)]


@router.post("/steps/{cycle}/{key}/escalate")
async def escalate(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Put a question to somebody; its reply clock runs from now on."""
    sending = await read_step(request, visit, cycle, key)
    because = sending.text("x.question")
    if not because:
        return await _lacks(sending, "x.question", "What is the question?")
    role = sending.text("x.ask")
    known = {one.role for one in sending.opened.step.roles}
    event = Triggered(
        trigger=Trigger.ESCALATION,
        by=visit.visitor.person,
        because=because,
        urgency=Urgency.URGENT if sending.text("x.urgency") == "urgent" else Urgency.ROUTINE,
        to=RoleId(role) if role in known else None,
    )
    return await _do(sending, event, said="escalated")


@router.post("/steps/{cycle}/{key}/extend")
async def extend(request: Request, visit: Leading, cycle: str, key: str) -> Response:
    """Give the step more time, counted from now."""
    sending = await read_step(request, visit, cycle, key)
    visit.at(sending.opened.clinic.clinic, Permission.HAND_OVER_WORK)
    count, unit = sending.text("x.count"), UNITS.get(sending.text("x.unit"))
    if not (count.isdecimal() and 0 < int(count) <= 100 and unit):
        return await _lacks(sending, "x.count", "How much more time?")
    because = sending.text("x.extend_because")
    if not because:
        return await _lacks(sending, "x.extend_because", "Why?")
    budget = Budget(int(count), unit)
    event = DeadlineExtended(sending.opened.step.key, visit.visitor.person, because, budget)
    return await _do(sending, event, said="extended")


@router.post("/steps/{cycle}/{key}/skip")
async def skip(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Leave an optional step out, with a reason."""
    sending = await read_step(request, visit, cycle, key)
    because = sending.text("x.skip_because")
    if not because:
        return await _lacks(sending, "x.skip_because", "Why?")
    step = sending.opened.step
    role = step.role if step.role in sending.opened.roles else sending.opened.program_owner
    event = StepSkipped(step.key, visit.visitor.person, role, because)
    return await _do(sending, event)


@router.post("/steps/{cycle}/{key}/hand-over")
async def hand_over(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Give the step to somebody else: one's own, or anybody's for those who may."""
    sending = await read_step(request, visit, cycle, key)
    theirs = sending.opened.step.owner == visit.visitor.person
    if not theirs and not visit.visitor.may(
        Permission.HAND_OVER_WORK, sending.opened.clinic.clinic
    ):
        return await _lacks(sending, "x.to", "Only its owner or a lead hands this step over.")
    person, _, role = sending.text("x.to").partition("|")
    if not person or not role:
        return await _lacks(sending, "x.to", "To whom?")
    because = sending.text("x.hand_over_because")
    if not because:
        return await _lacks(sending, "x.hand_over_because", "Why?")
    me = visit.visitor.person
    event = StepReassigned(sending.opened.step.key, PersonId(person), RoleId(role), me, because)
    return await _do(sending, event, said="handed_over")


@router.post("/steps/{cycle}/{key}/take")
async def take(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Take the step over from a colleague, in the role that it is in."""
    sending = await read_step(request, visit, cycle, key)
    if sending.opened.step.role not in sending.opened.roles:
        return await _lacks(sending, "x.to", "You do not have the role that this step is in.")
    me, step = visit.visitor.person, sending.opened.step
    event = StepReassigned(step.key, me, step.role, me, "taken over on the step's page")
    return await _do(sending, event)


@router.post("/steps/{cycle}/{key}/put-off")
async def put_step_off(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Put one's own step off; its deadline stays where it is."""
    sending = await read_step(request, visit, cycle, key)
    until, because = read_moment(sending.text("x.until")), sending.text("x.put_off_because")
    if until is None:
        return await _lacks(sending, "x.until", "Until when?")
    if not because:
        return await _lacks(sending, "x.put_off_because", "Why?")
    base, step = visit.parts.base, sending.opened.step
    await run_in_threadpool(keep_typed, sending)
    try:
        await run_in_threadpool(
            put_off,
            base.engine,
            sending.opened.clinic.clinic,
            step.cycle,
            step.key,
            until=in_clinic_time(sending.opened.clinic, until),
            because=because,
            by=visit.visitor.person,
            now=base.clock.now(),
        )
    except NotAheadError as passed:
        return await _lacks(sending, "x.until", str(passed))
    await run_in_threadpool(keep_typed, sending, small=False)
    return go_to(request, "/work")


async def _lacks(sending: Sending, where: str, what: str) -> Response:
    found = Problems(what, KEPT)
    found.at[where].append(what)
    return await refused(sending, found, status=422)


async def _do(sending: Sending, event: PersonEvent, *, said: str = "") -> Response:
    """Do it, and show the step again with what was typed kept."""
    visit, step, click = sending.visit, sending.opened.step, sending.click
    kept = await run_in_threadpool(visit.parts.base.record.is_kept, click)
    if not step.is_open and not kept:
        return await refused(sending, closed_problem(sending.opened), status=409)
    await run_in_threadpool(keep_typed, sending)
    one = Click(click, step.cycle, visit.visitor.person, event, step.key)
    problem = await in_time(act(await visit.parts.desk(), one))
    if problem is not None and not isinstance(problem, FlowUnavailableError):
        return await not_taken(sending, problem)
    await run_in_threadpool(keep_typed, sending, small=False)
    known = {"said": said} if said and problem is None else {}
    return go_to(sending.request, sending.here, **known)
