"""My work: what is open, in the order that matters, always up to date."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.desk_store import work_version
from ccm_flow.adapters.db.views import StaffMember, staff_of
from ccm_flow.adapters.db.views_work import work_list
from ccm_flow.app.act import act
from ccm_flow.app.care import Click
from ccm_flow.app.flow import ClickRefusedError, NoSuchCycleError
from ccm_flow.app.worklist import Wanted
from ccm_flow.core.access import Permission
from ccm_flow.core.events import StepReassigned
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, PersonId, RoleId, StepKey
from ccm_flow.core.words import Phase
from ccm_flow.web.done import notice_of
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.paging import paged_groups
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
MINE: Final = "mine"
_LOOK_SECONDS: Final = 1.0
"""How often a page that is open asks whether something happened."""

Seeing = Annotated[Visit, needs(Permission.SEE_WORK)]
LookingOn = Annotated[Visit, needs(Permission.SEE_WORK, by_itself=True)]
Doing = Annotated[Visit, needs(Permission.DO_WORK)]
HandingOver = Annotated[Visit, needs(Permission.HAND_OVER_WORK)]


class Looking(BaseModel):
    """What the filters say; words that are not known are as good as none."""

    whose: str = MINE
    phase: str = ""
    find: str = Field(default="", max_length=200)
    said: str = Field(default="", max_length=500)
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    done: str = Field(default="", max_length=80)
    """The click that brought the person here."""


@router.get("/work")
def show_work(request: Request, visit: Seeing, looking: Annotated[Looking, Query()]) -> Response:
    """Show the open steps of the clinic: one's own, a colleague's or everybody's."""
    return _work(request, visit, "work", looking)


@router.get("/work/list")
def show_list(request: Request, visit: LookingOn, looking: Annotated[Looking, Query()]) -> Response:
    """Show the list alone, for a page that brings itself up to date."""
    return _work(request, visit, "work_list", looking)


@router.get("/work/news")
async def tell_news(request: Request, visit: LookingOn) -> Response:
    """Tell a page that is open each time something happened at the clinic."""
    clinic = _clinic(visit)

    async def changes() -> AsyncIterator[dict[str, str]]:
        last = await run_in_threadpool(work_version, visit.parts.base.engine, clinic)
        while not await request.is_disconnected():
            await asyncio.sleep(_LOOK_SECONDS)
            version = await run_in_threadpool(work_version, visit.parts.base.engine, clinic)
            if version != last:
                last = version
                yield {"event": "changed", "data": version}

    return EventSourceResponse(changes())


@router.post("/work/hand-over")
async def hand_over(
    request: Request,
    visit: HandingOver,
    *,
    click: Annotated[str, Form(min_length=1, max_length=64)],
    to: Annotated[str, Form(max_length=200)],
    because: Annotated[str, Form(min_length=1, max_length=500)],
    step: Annotated[list[str], Form(max_length=200)],
) -> Response:
    """
    Give several steps to somebody else; one that cannot be given does not stop the others.

    A step that is not there, or another clinic's, stops all of them before the first is given.
    """
    target, _, role = to.partition("|")
    chosen = await run_in_threadpool(_chosen, visit, step)
    desk, refused, done = await visit.parts.desk(), "", 0
    for number, (cycle, key) in enumerate(chosen):
        event = StepReassigned(key, PersonId(target), RoleId(role), visit.visitor.person, because)
        one = Click(ClickId(f"{click}-{number}"), cycle, visit.visitor.person, event, key)
        try:
            await act(desk, one)
            done += 1
        except ClickRefusedError as refusal:
            refused = str(refusal)
    return go_to(request, "/work", whose="all", said=_said(done, len(chosen), refused))


def _chosen(visit: Visit, sent: list[str]) -> list[tuple[CycleId, StepKey]]:
    """Read which steps are meant, each once; raises `NotFoundError` when one is not there."""
    chosen = []
    for text in dict.fromkeys(sent):
        cycle, _, key = text.partition("|")
        try:
            clinic = visit.parts.base.record.cycle(CycleId(cycle)).clinic
        except NoSuchCycleError:
            raise NotFoundError from None
        visit.at(clinic, Permission.HAND_OVER_WORK)
        chosen.append((CycleId(cycle), StepKey(key)))
    return chosen


def _said(done: int, of: int, refused: str) -> str:
    said = f"{done} of {of} step{'' if of == 1 else 's'} handed over."
    return f"{said} {refused}" if refused else said


def _work(request: Request, visit: Visit, name: str, looking: Looking) -> Response:
    clinic = _clinic(visit)
    view = visit.parts.base.record.clinic(clinic)
    staff = staff_of(visit.parts.base.engine, clinic)
    wanted = Wanted(
        owner=_owner(visit, looking.whose, staff),
        phase=looking.phase if looking.phase in set(Phase) else None,
        text=looking.find,
    )
    work = work_list(visit.parts.base.engine, view, wanted, visit.parts.base.clock.now())
    shown = paged_groups(work.groups, looking.page)
    return page(
        request,
        name,
        visit,
        work=work,
        shown=shown,
        staff=staff,
        phases=list(Phase),
        finished=notice_of(visit, looking.done),
        **{**looking.model_dump(), "page": shown.page},
    )


def _owner(visit: Visit, whose: str, staff: list[StaffMember]) -> PersonId | None:
    if whose == "all":
        return None
    known = {member.person for member in staff}
    return PersonId(whose) if whose in known else visit.visitor.person


def _clinic(visit: Visit) -> ClinicId:
    """Give the clinic that the person works on; raises `NotFoundError` when there is none."""
    if visit.clinic is None:
        raise NotFoundError
    return visit.at(visit.clinic, Permission.SEE_WORK)
