"""Capacity: what the months ahead take and bring, and what would be if things were otherwise."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.app import capacity as app
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.web.capacity_ground import TEAMS, Ground, ground_of
from ccm_flow.web.capacity_page import balance_of, charts_of, find_largest, sentence_of, sliders_of
from ccm_flow.web.errands import Errand
from ccm_flow.web.forms import Typed
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_CAPACITY)]
LookingOn = Annotated[Visit, needs(Permission.SEE_CAPACITY, by_itself=True)]
_ABOUT = "capacity"


@router.get("/capacity")
def go_there(request: Request, visit: Seeing) -> Response:
    """Go to the clinic that the person works on."""
    if visit.clinic is None:
        raise NotFoundError
    clinic = visit.at(visit.clinic, Permission.SEE_CAPACITY)
    return go_to(request, _path(clinic))


@router.get("/clinics/{clinic}/capacity")
def show_capacity(request: Request, visit: Seeing, clinic: str) -> Response:
    """Show the months ahead, with the sliders where they were put."""
    there = visit.at(ClinicId(clinic), Permission.SEE_CAPACITY)
    return _show(request, visit, there, dict(request.query_params))


@router.post("/clinics/{clinic}/capacity/largest")
async def search_largest(request: Request, visit: Seeing, clinic: str) -> Response:
    """Begin to search for the largest panel, beside the pages."""
    typed = await Typed.of(request)
    return await run_in_threadpool(_search, request, visit, clinic, typed)


@router.get("/clinics/{clinic}/capacity/largest/{search}")
def show_search(request: Request, visit: LookingOn, clinic: str, search: str) -> Response:
    """Show the search alone, for a page that brings itself up to date."""
    there = visit.at(ClinicId(clinic), Permission.SEE_CAPACITY)
    errand = visit.parts.errands.find(search, there, _ABOUT)
    return page(request, "capacity_search", visit, here=_path(there), search=errand)


def _search(request: Request, visit: Visit, clinic: str, typed: Typed) -> Response:
    there = visit.at(ClinicId(clinic), Permission.SEE_CAPACITY)
    own = {"form_token", "click"}
    values = {name: value for name, value in typed.values.items() if name not in own}
    try:
        click = typed.click
        typed.check()
        visit.parts.trials.take(visit.session.token_hash, visit.parts.wall.now())
        ground = ground_of(visit, there, values.get("team", ""))
        sliders, problem = sliders_of(ground, values)
        if problem is not None:
            raise problem
        errand = Errand(
            id=click,
            person=visit.visitor.person,
            clinic=there,
            about=_ABOUT,
            begun_at=visit.parts.base.clock.now(),
            typed=values,
        )
        if ground.staff is not None:
            visit.parts.errands.begin(errand, lambda: find_largest(ground, sliders))
    except CcmError as refusal:
        return _show(request, visit, there, values, refusal)
    return go_to(request, _path(there), **{**values, "search": click})


def _show(
    request: Request,
    visit: Visit,
    clinic: ClinicId,
    typed: Mapping[str, str],
    problem: CcmError | None = None,
) -> Response:
    try:
        ground = ground_of(visit, clinic, typed.get("team", ""))
    except CcmError as refusal:
        return page(request, "capacity_none", visit, status=422, problem=refusal)
    return _figures(request, visit, ground, typed, problem)


def _figures(
    request: Request,
    visit: Visit,
    ground: Ground,
    typed: Mapping[str, str],
    problem: CcmError | None,
) -> Response:
    sliders, wrong = sliders_of(ground, typed)
    problem = problem or wrong
    result = app.forecast(ground.prepared, ground.panel, sliders.what_if(), ground.said)
    return page(
        request,
        "capacity",
        visit,
        status=422 if problem else 200,
        problem=problem,
        ground=ground,
        here=_path(ground.clinic.clinic),
        section="/capacity",
        teams=TEAMS,
        sliders=sliders,
        result=result,
        charts=charts_of(result),
        balance=balance_of(result, sliders),
        axis={day: n for n, day in enumerate(sorted({one.day for one in result.days}))},
        sentence=sentence_of(ground, result),
        search=_asked(visit, ground.clinic.clinic, typed.get("search", "")),
    )


def _asked(visit: Visit, clinic: ClinicId, search: str) -> Errand | None:
    """Give the search that an address names; where it names none, the person's newest one."""
    if search:
        return visit.parts.errands.find(search, clinic, _ABOUT)
    own = visit.visitor.person
    asked = visit.parts.errands.about(clinic, _ABOUT)
    return next((one for one in asked if one.person == own), None)


def _path(clinic: ClinicId) -> str:
    return f"/clinics/{clinic}/capacity"
