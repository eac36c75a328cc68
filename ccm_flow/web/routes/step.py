"""The step page, where the work happens: its note, its outcomes, and what comes next."""

import asyncio
import uuid
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.desk_store import be_present
from ccm_flow.adapters.db.views_work import work_list
from ccm_flow.app.act import finish_step
from ccm_flow.app.care import ConsentRefusedError
from ccm_flow.app.care_plans import IncompleteCarePlanError
from ccm_flow.app.flow import ClickRefusedError, FlowUnavailableError
from ccm_flow.app.notes import NoteDraft, NoteIncompleteError
from ccm_flow.app.worklist import Wanted
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClickId, OutcomeId
from ccm_flow.core.plan import Channel
from ccm_flow.core.worklist import Place
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.spoken import plain_hint
from ccm_flow.web.step_check import KEPT, check, started_at
from ccm_flow.web.step_form import Typed, read_typed, work_of
from ccm_flow.web.step_page import Opened, Problems, open_step, said_here, show_step
from ccm_flow.web.visit import Visit, needs

router = APIRouter()
_ANSWER_SECONDS: Final = 20
"""A worker answers within a second; longer than this it is away."""
LONGEST_TEXT: Final = 2000
"""Characters of what is typed into the small forms."""
_SAVED: Final = {"said": "draft"}

Seeing = Annotated[Visit, needs(Permission.SEE_WORK)]
LookingOn = Annotated[Visit, needs(Permission.SEE_WORK, by_itself=True)]
Doing = Annotated[Visit, needs(Permission.DO_WORK)]


@router.get("/steps/{cycle}/{key}")
def show(request: Request, visit: Seeing, cycle: str, key: str) -> Response:
    """Show a step with everything that is needed to do it."""
    return show_step(request, visit, open_step(visit, cycle, key))


@router.post("/steps/{cycle}/{key}/finish")
async def finish(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """End the step with an outcome, or keep the result of an attempt; then show what is next."""
    sending = await read_step(request, visit, cycle, key)
    opened, typed = sending.opened, sending.typed
    outcome, click = OutcomeId(sending.text("outcome")), sending.click
    if not await run_in_threadpool(visit.parts.base.record.is_kept, click):
        found = await run_in_threadpool(check, visit, opened, typed, outcome)
        if found:
            return await refused(sending, found, status=422 if opened.step.is_open else 409)
    done = finish_step(
        await visit.parts.desk(),
        click=click,
        cycle=opened.step.cycle,
        step=opened.step.key,
        outcome=outcome,
        by=visit.visitor.person,
        work=work_of(typed, opened.step, started_at(opened, typed)),
        channel=Channel(typed.channel) if typed.channel in set(Channel) else None,
    )
    problem = await in_time(done)
    if isinstance(problem, FlowUnavailableError):
        return go_to(request, sending.here)
    if problem is not None:
        return await not_taken(sending, problem)
    return await run_in_threadpool(_go_on, sending, click)


@router.post("/steps/{cycle}/{key}/draft")
async def draft(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Keep what was typed so far; a page that does so by itself only hears that it worked."""
    sending = await read_step(request, visit, cycle, key)
    await run_in_threadpool(keep_typed, sending)
    if request.headers.get("x-by-itself"):
        return Response(status_code=204)
    language = sending.text("x.language")
    return go_to(request, sending.here, **({"language": language} if language else _SAVED))


@router.post("/steps/{cycle}/{key}/here")
def present(request: Request, visit: LookingOn, cycle: str, key: str) -> Response:
    """Say that the person has the step open; tells who else has."""
    opened = open_step(visit, cycle, key)
    base, step = visit.parts.base, opened.step
    others = be_present(base.engine, step.cycle, step.key, visit.visitor.person, base.clock.now())
    return page(request, "step_here", visit, others=others, step=step)


@dataclass(frozen=True)
class Sending:
    """What somebody sends from a step's page."""

    request: Request
    visit: Visit
    opened: Opened
    typed: Typed
    sent: Mapping[str, str]
    """Everything by its name in the form."""

    @property
    def here(self) -> str:
        """The step's page."""
        return f"/steps/{self.opened.step.cycle}/{self.opened.step.key}"

    @property
    def click(self) -> ClickId:
        """The id made when the page was shown, so that a form sent twice counts once."""
        return ClickId(self.text("click") or uuid.uuid4().hex)

    def text(self, name: str) -> str:
        """Give a text of the form."""
        return self.sent.get(name, "").strip()[:LONGEST_TEXT]


async def read_step(request: Request, visit: Visit, cycle: str, key: str) -> Sending:
    """Give the step that a form is about and what was typed into the form."""
    opened = await run_in_threadpool(open_step, visit, cycle, key, Permission.DO_WORK)
    form = await request.form()
    sent = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    return Sending(request, visit, opened, read_typed(form, opened.step), sent)


def keep_typed(sending: Sending, *, small: bool = True) -> None:
    """Keep what was typed as the person's draft; the small forms too unless one was sent."""
    base, step, typed = sending.visit.parts.base, sending.opened.step, sending.typed
    place = (step.cycle, step.key, sending.visit.visitor.person)
    if not typed.is_empty or base.record.draft(*place) is not None:
        kept = NoteDraft({**typed.fields, **(typed.small if small else {})}, typed.note)
        base.record.keep_draft(*place, kept, base.clock.now())


async def refused(sending: Sending, problems: Problems, *, status: int) -> Response:
    """Show the page again with everything that was typed, and keep it as a draft."""
    await run_in_threadpool(keep_typed, sending)
    return await run_in_threadpool(
        show_step,
        sending.request,
        sending.visit,
        sending.opened,
        sending.typed,
        problems,
        status=status,
    )


async def in_time(act: Awaitable[int]) -> CcmError | None:
    """Wait for what was passed on; gives what stood in the way, if anything did."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await act
    except TimeoutError:
        return FlowUnavailableError("no answer in time")
    except (
        ClickRefusedError,
        FlowUnavailableError,
        NoteIncompleteError,
        IncompleteCarePlanError,
        ConsentRefusedError,
    ) as problem:
        return problem
    return None


async def not_taken(sending: Sending, problem: CcmError) -> Response:
    """Show the step as it is now, with why it was not taken."""
    step = sending.opened.step
    again = await run_in_threadpool(
        open_step, sending.visit, step.cycle, step.key, Permission.DO_WORK
    )
    title, hint = await run_in_threadpool(_said_here, sending.visit, again, problem)
    found = Problems(title, hint or KEPT)
    return await refused(replace(sending, opened=again), found, status=409)


def _said_here(visit: Visit, opened: Opened, problem: CcmError) -> tuple[str, str]:
    """Write a problem and its hint as the page says them."""
    return said_here(visit, opened, str(problem)), said_here(
        visit, opened, plain_hint(problem.hint)
    )


def _go_on(sending: Sending, click: ClickId) -> Response:
    """Go to the next step of one's own that can be done now, or to the list."""
    request, step = sending.request, sending.opened.step
    base, mine = sending.visit.parts.base, Wanted(owner=sending.visit.visitor.person)
    work = work_list(base.engine, sending.opened.clinic, mine, base.clock.now())
    for place, rows in work.groups.items():
        for row in rows if place is not Place.WAITING else ():
            if (row.cycle, row.key) != (step.cycle, step.key):
                return go_to(request, f"/steps/{row.cycle}/{row.key}", done=click)
    return go_to(request, "/work", done=click)
