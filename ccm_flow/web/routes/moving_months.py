"""Running months go on by a version: what it would do, the signature, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.move_store import SqlMoveOrders
from ccm_flow.adapters.db.running_cycles import SqlRunningCycles
from ccm_flow.app.drafts import NoSuchVersionError
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.migrate import CycleMove, RunningCycle, preview_moves
from ccm_flow.app.move_months import (
    Answered,
    MoveOrder,
    MoveWish,
    carry_out,
    months_mark,
    sign_move,
    statement,
)
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClickId, ClinicId
from ccm_flow.core.plan import Plan
from ccm_flow.web.forms import Typed
from ccm_flow.web.moving_page import ANSWERS, FATES, shown_preview, shown_result
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import Place, here, place_of
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter(prefix="/playbooks/versions/{sha256}")
Editing = Annotated[Visit, needs(Permission.EDIT_PLAYBOOKS)]


@dataclass(frozen=True)
class Moving:
    """A version at a clinic, and the months that run on another one."""

    clinic: ClinicId
    plan: Plan
    place: Place
    running: Sequence[RunningCycle]


@dataclass(frozen=True)
class Looked:
    """What the page before the signature shows."""

    moves: Sequence[CycleMove] | None
    """None while the server is away."""
    problem: CcmError | None
    name: str
    """As it was typed."""


@router.get("/move")
async def show_preview(request: Request, visit: Editing, sha256: str) -> Response:
    """Show what would become of each open step, and ask for the signature."""
    moving = await run_in_threadpool(_moving, visit, sha256)
    return await _preview(request, visit, moving)


@router.post("/move")
async def sign(request: Request, visit: Editing, sha256: str) -> Response:
    """Take the signature and tell every month."""
    typed = await Typed.of(request)
    moving = await run_in_threadpool(_moving, visit, sha256)
    try:
        order = await run_in_threadpool(_sign, visit, moving, typed)
    except CcmError as problem:
        return await _preview(request, visit, moving, problem, typed.values.get("name", ""))
    await carry_out(await visit.parts.desk(), _orders(visit), order)
    return go_to(request, f"/playbooks/versions/{sha256}/moves/{order.id}")


@router.post("/moves/{order}/on")
async def go_on(request: Request, visit: Editing, sha256: str, order: str) -> Response:
    """Tell the months that were not reached."""
    moving = await run_in_threadpool(_moving, visit, sha256)
    found = await run_in_threadpool(_order, visit, moving, order)
    if found is None:
        return go_to(request, f"/playbooks/versions/{sha256}")
    await carry_out(await visit.parts.desk(), _orders(visit), found)
    return go_to(request, f"/playbooks/versions/{sha256}/moves/{order}")


@router.get("/moves/{order}")
def show_result(request: Request, visit: Editing, sha256: str, order: str) -> Response:
    """Show what came of a signature."""
    moving = _moving(visit, sha256)
    found = _order(visit, moving, order)
    if found is None:
        return go_to(request, f"/playbooks/versions/{sha256}")
    result = _orders(visit).result(found)
    return page(
        request,
        "playbook_moved",
        visit,
        plan=moving.plan,
        order=found,
        counts_by_answer=[
            (ANSWERS[one], result.count(one)) for one in Answered if result.count(one)
        ],
        untold=result.count(Answered.NOT_REACHED),
        shown=shown_result(visit, result),
        fates=FATES,
        **_times(visit, moving),
    )


async def _preview(
    request: Request,
    visit: Visit,
    moving: Moving,
    problem: CcmError | None = None,
    name: str = "",
) -> Response:
    looked = Looked(None, problem, name)
    try:
        moves = await preview_moves(
            await visit.parts.desk(),
            moving.running,
            moving.plan,
            lambda month: month_calendar(moving.place.clinic.hours, month, moving.plan.kind),
            visit.parts.base.clock.now(),
        )
        looked = Looked(moves, problem, name)
    except FlowUnavailableError as away:
        looked = Looked(None, problem or away, name)
    return await run_in_threadpool(_preview_page, request, visit, moving, looked)


def _preview_page(request: Request, visit: Visit, moving: Moving, looked: Looked) -> Response:
    plan, running, moves = moving.plan, moving.running, looked.moves
    me = visit.visitor.person
    return page(
        request,
        "playbook_move",
        visit,
        status=422 if looked.problem else 200,
        plan=plan,
        problem=looked.problem,
        typed_name=looked.name,
        running=running,
        shown=None if moves is None else shown_preview(visit, moving.clinic, plan, running, moves),
        approved=_orders(visit).is_approved(moving.clinic, plan.sha256, me),
        statement=statement(plan, running) if running else "",
        seen=months_mark(plan, running),
        fates=FATES,
        **_times(visit, moving),
    )


def _times(visit: Visit, moving: Moving) -> dict[str, Any]:
    zone = clinic_zone(moving.place.clinic.hours.time_zone)
    return {"zone": zone, "now": visit.parts.base.clock.now()}


def _moving(visit: Visit, sha256: str) -> Moving:
    clinic = here(visit, Permission.EDIT_PLAYBOOKS)
    engine = visit.parts.base.engine
    try:
        plan, _ = SqlDrafts(engine).used(clinic, sha256)
    except NoSuchVersionError:
        raise NotFoundError from None
    running = SqlRunningCycles(engine).running(clinic, plan)
    return Moving(clinic, plan, place_of(visit, clinic), running)


def _sign(visit: Visit, moving: Moving, typed: Typed) -> MoveOrder:
    click, name = typed.click, typed.text("name", "Your name", most=200)
    seen = typed.text("seen", "What you looked at", most=64)
    typed.check()
    wish = MoveWish(ClickId(click), moving.clinic, moving.plan, name, seen)
    now = visit.parts.base.clock.now()
    return sign_move(_orders(visit), visit.visitor, wish, moving.running, now)


def _order(visit: Visit, moving: Moving, id_: str) -> MoveOrder | None:
    found = _orders(visit).order(ClickId(id_))
    if found is None or found.clinic != moving.clinic or found.plan.sha256 != moving.plan.sha256:
        return None
    return found


def _orders(visit: Visit) -> SqlMoveOrders:
    return SqlMoveOrders(visit.parts.base.engine)
