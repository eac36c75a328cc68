"""What happens to a patient outside the playbook, and what stops and starts the clocks."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.views import find_cycles
from ccm_flow.app.act import act as send
from ccm_flow.app.care import Click, Work
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.happen import carry_out, tell
from ccm_flow.app.happenings import Happening
from ccm_flow.bootstrap import outside
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import CyclePaused, CycleResumed, PersonEvent
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClickId, HappeningId
from ccm_flow.core.state import CycleStatus
from ccm_flow.web.forms import Typed
from ccm_flow.web.patient_acts import Doing, Form, Here, Leading, do, here_of
from ccm_flow.web.patient_tabs import Tab
from ccm_flow.web.visit import NotFoundError

router = APIRouter()
_ANSWER_SECONDS: Final = 30


class NothingRunsError(CcmError):
    """There is no month whose clocks could be stopped or started."""

    exit_code = 4


@router.post("/patients/{enrollment}/happenings")
async def record_happening(request: Request, visit: Doing, enrollment: str) -> Response:
    """Record what happened and act on it; leaving the program takes an operations lead."""

    async def act(here: Here, typed: Typed) -> str:
        kind = typed.word("kind", "What happened", HappeningKind)
        at = typed.moment("at", "When it happened", here.zone, here.now)
        leaves = kind is HappeningKind.WITHDRAWAL
        detail = typed.text("detail", "The reason", needed=leaves, most=1000)
        click = typed.click
        typed.check()
        assert kind is not None  # noqa: S101 - checked
        if leaves:
            here.visit.at(here.ref.clinic, Permission.HAND_OVER_WORK)
        return await _tell(
            here,
            Happening(
                id=HappeningId(click),
                clinic=here.ref.clinic,
                patient=here.ref.patient,
                kind=kind,
                at=at,
                told_by=here.me,
                enrollment=here.enrollment if leaves else None,
                detail=detail,
            ),
        )

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.OUTSIDE, "happening"), act)


@router.post("/patients/{enrollment}/happenings/{told}/take-back")
async def take_back(request: Request, visit: Doing, enrollment: str, told: str) -> Response:
    """Take back what was told by mistake; it stays, with the reason."""

    async def act(here: Here, typed: Typed) -> str:
        because, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        record = SqlHappenings(here.visit.parts.base.engine)
        if not await run_in_threadpool(record.was_told, HappeningId(told)):
            raise NotFoundError
        wrong = await run_in_threadpool(record.happening, HappeningId(told))
        if wrong.patient != here.ref.patient or wrong.voids is not None:
            raise NotFoundError
        if wrong.kind is HappeningKind.WITHDRAWAL:
            here.visit.at(here.ref.clinic, Permission.HAND_OVER_WORK)
        return await _tell(
            here,
            Happening(
                id=HappeningId(click),
                clinic=wrong.clinic,
                patient=wrong.patient,
                kind=wrong.kind,
                at=here.now,
                told_by=here.me,
                enrollment=wrong.enrollment,
                detail=because,
                voids=wrong.id,
            ),
        )

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.OUTSIDE, f"back-{told}"), act)


async def _tell(here: Here, told: Happening) -> str:
    """Keep it first; when the server is away it is acted on later."""
    base = here.visit.parts.base
    kept = await run_in_threadpool(tell, SqlHappenings(base.engine), told, here.now)
    if kept.patient != here.ref.patient:
        raise NotFoundError  # the form's id was used for somebody else
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await carry_out(outside(base, await here.visit.parts.desk()), kept)
    except (FlowUnavailableError, TimeoutError):
        return "kept"
    return "happening"


@router.post("/patients/{enrollment}/pause")
async def pause(request: Request, visit: Leading, enrollment: str) -> Response:
    """Stop the clocks of every month that is running."""

    async def act(here: Here, typed: Typed) -> str:
        because, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        await _each(here, CycleStatus.RUNNING, click, CyclePaused(here.me, because))
        return "paused"

    here = await here_of(visit, enrollment, Permission.HAND_OVER_WORK)
    return await do(request, here, Form(Tab.MONTH, "pause"), act)


@router.post("/patients/{enrollment}/resume")
async def resume(request: Request, visit: Leading, enrollment: str) -> Response:
    """Let the clocks of every month that is paused run again."""

    async def act(here: Here, typed: Typed) -> str:
        because, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        await _each(here, CycleStatus.PAUSED, click, CycleResumed(here.me), note=because)
        return "resumed"

    here = await here_of(visit, enrollment, Permission.HAND_OVER_WORK)
    return await do(request, here, Form(Tab.MONTH, "resume"), act)


async def _each(
    here: Here,
    standing: CycleStatus,
    click: str,
    event: PersonEvent,
    *,
    note: str = "",
) -> None:
    """Do the same to each cycle that stands like this; only the first keeps the note."""
    engine = here.visit.parts.base.engine
    cycles = await run_in_threadpool(find_cycles, engine, here.enrollment)
    wanted = [one for one in cycles if one.status is standing]
    record = here.visit.parts.base.record
    ids = {one.cycle: ClickId(f"{click}-{one.cycle}") for one in cycles}
    for id_ in ids.values():
        if not wanted and await run_in_threadpool(record.is_kept, id_):
            return  # the form was sent twice
    if not wanted:
        said = "running" if standing is CycleStatus.RUNNING else "paused"
        raise NothingRunsError(f"No month of the patient is {said}.", "Look at the page again.")
    desk = await here.visit.parts.desk()
    for number, cycle in enumerate(wanted):
        work = Work(note=note, sign=True) if note and number == 0 else Work()
        await send(desk, Click(ids[cycle.cycle], cycle.cycle, here.me, event, work=work))
