"""Rehearsing a draft: replaying it on a closed month, and reading what would have come of it."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.rehearsal_names import names_of
from ccm_flow.adapters.db.views_board import patients_of
from ccm_flow.app.drafts import Draft
from ccm_flow.app.forecasts import Forecast, result_of
from ccm_flow.app.rehearse import RehearsalResult
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.web.errands import Errand
from ccm_flow.web.forms import Typed
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import draft_at, library_of, place_of
from ccm_flow.web.rehearsal_desk import LEFT_OUT, offer_of, replay_of
from ccm_flow.web.rehearsal_figures import figures_of
from ccm_flow.web.visit import Visit, needs

router = APIRouter(prefix="/playbooks/drafts/{draft}")
Seeing = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS)]
Rehearsing = Annotated[Visit, needs(Permission.REHEARSE_PLAYBOOKS)]
LookingOn = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS, by_itself=True)]


@router.get("/rehearse")
def ask_what(request: Request, visit: Seeing, draft: str, against: str = "") -> Response:
    """Ask on which closed month, and what takes the place of steps that are gone."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    return _form(request, visit, found, against=against)


@router.post("/rehearse")
async def begin(request: Request, visit: Rehearsing, draft: str) -> Response:
    """Begin a rehearsal beside the pages, and go to where its result will be."""
    typed = await Typed.of(request)
    return await run_in_threadpool(_begin, request, visit, draft, typed)


@router.get("/rehearsals/{rehearsal}")
def show_result(request: Request, visit: Seeing, draft: str, rehearsal: str) -> Response:
    """Show what came of a rehearsal, or that it still runs."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    errand = visit.parts.errands.find(rehearsal, found.clinic, found.id)
    if errand is not None and errand.runs:
        return page(request, "rehearsal_runs", visit, draft=found, errand=errand)
    if errand is not None and errand.problem is not None:
        typed, problem = errand.typed, errand.problem
        against = typed.get("against", "")
        return _form(
            request, visit, found, against=against, typed=typed, problem=problem, status=200
        )
    forecast = _forecast(visit, found, rehearsal)
    if forecast is None:
        return go_to(request, f"/playbooks/drafts/{draft}/rehearse")
    kept = errand.result if errand is not None else None
    result = kept if isinstance(kept, RehearsalResult) else result_of(forecast)
    return _result(request, visit, found, forecast, result)


@router.get("/rehearsals/{rehearsal}/running")
def tell_running(request: Request, visit: LookingOn, draft: str, rehearsal: str) -> Response:
    """Tell a page that is open to show what came of a rehearsal, once it no longer runs."""
    found = draft_at(visit, draft, Permission.SEE_PLAYBOOKS)
    errand = visit.parts.errands.find(rehearsal, found.clinic, found.id)
    if errand is not None and errand.runs:
        return Response(status_code=204)
    return go_to(request, f"/playbooks/drafts/{found.id}/rehearsals/{rehearsal}")


def _begin(request: Request, visit: Visit, draft: str, typed: Typed) -> Response:
    found = draft_at(visit, draft, Permission.REHEARSE_PLAYBOOKS)
    values = typed.values
    try:
        click = typed.click
        typed.check()
        visit.parts.trials.take(visit.session.token_hash, visit.parts.wall.now())
        wanted = offer_of(visit, found, values.get("against", "")).wanted(found, values)
        errand = Errand(
            id=click,
            person=visit.visitor.person,
            clinic=found.clinic,
            about=found.id,
            begun_at=visit.parts.base.clock.now(),
            typed=values,
        )
        visit.parts.errands.begin(errand, lambda: replay_of(visit, found, wanted, click))
    except CcmError as problem:
        against = values.get("against", "")
        return _form(request, visit, found, against=against, typed=values, problem=problem)
    return go_to(request, f"/playbooks/drafts/{draft}/rehearsals/{click}")


def _form(
    request: Request,
    visit: Visit,
    draft: Draft,
    *,
    against: str = "",
    typed: Mapping[str, str] | None = None,
    problem: CcmError | None = None,
    status: int | None = None,
) -> Response:
    offer = None
    try:
        offer = offer_of(visit, draft, against)
    except CcmError as refusal:
        problem = problem or refusal
    return page(
        request,
        "rehearse",
        visit,
        status=status or (422 if problem else 200),
        draft=draft,
        offer=offer,
        typed=typed or {},
        problem=problem,
        left_out=LEFT_OUT,
    )


def _forecast(visit: Visit, draft: Draft, rehearsal: str) -> Forecast | None:
    known = SqlForecasts(visit.parts.base.engine).of_draft(draft.id)
    return next((one for one in known if one.id == rehearsal), None)


def _result(
    request: Request, visit: Visit, draft: Draft, forecast: Forecast, result: RehearsalResult
) -> Response:
    plan = library_of(visit).resolve(draft.clinic, draft.text).plan
    return page(
        request,
        "rehearsal",
        visit,
        draft=draft,
        forecast=forecast,
        result=result,
        is_newest=plan is not None and plan.sha256 == forecast.sha256,
        may_see=visit.visitor.may(Permission.SEE_PATIENTS, draft.clinic),
        names=_names(visit, draft, result),
        figures=figures_of(result, plan),
        moment_zone=clinic_zone(place_of(visit, draft.clinic).clinic.hours.time_zone),
        now=visit.parts.base.clock.now(),
    )


def _names(visit: Visit, draft: Draft, result: RehearsalResult) -> Mapping[EnrollmentId, str]:
    """
    Name the patients whose month would end otherwise, to whoever may see patients there.

    Each is written into the access log.
    """
    if not visit.visitor.may(Permission.SEE_PATIENTS, draft.clinic):
        return {}
    engine = visit.parts.base.engine
    affected = [one.enrollment for one in result.affected]
    for patient in patients_of(engine, draft.clinic, affected).values():
        visit.saw(patient, draft.clinic)
    return names_of(engine, draft.clinic, affected)
