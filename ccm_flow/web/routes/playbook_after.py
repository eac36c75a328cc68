"""After a version went live: its forecast beside what happened, and the way back."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.answer_store import SqlAnswers
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.views_playbooks import Span, shelf
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.app.drafts import NoSuchVersionError
from ccm_flow.app.forecasts import ForecastResult, NoForecastError, compare_forecast
from ccm_flow.app.roll_back import Wish, roll_back
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.rehearsal.words import amount, wording
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import Place, desk_of, here, place_of
from ccm_flow.web.routes.playbooks import ShownVersion, show_page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter(prefix="/playbooks/versions/{sha256}")
Seeing = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS)]
Editing = Annotated[Visit, needs(Permission.EDIT_PLAYBOOKS)]


@router.get("/compared")
def show_compared(request: Request, visit: Seeing, sha256: str, month: str = "") -> Response:
    """Show what was forecast of a version beside a month that ran on it."""
    clinic = here(visit, Permission.SEE_PLAYBOOKS)
    plan, _, place = _version(visit, clinic, sha256)
    spans = [one for one in _spans(visit, clinic, plan) if one.version.sha256 == sha256]
    months = tuple(one for span in spans for one in _over(span, place.running))
    answer = SqlAnswers(visit.parts.base.engine).of(clinic, sha256)
    first = answer.result.month if answer else next(iter(months), place.running)
    wanted = place.month(month) if month else first
    result, problem = None, None
    if answer is not None and wanted == answer.result.month:
        result = answer.result
    else:
        answer = None
        try:
            result = _compare(visit, clinic, plan, wanted)
        except CcmError as refusal:
            problem = refusal
    return page(
        request,
        "playbook_compared",
        visit,
        status=422 if problem else 200,
        plan=plan,
        months=months,
        month=wanted,
        result=result,
        answer=answer,
        problem=problem,
        words=wording(plan.kind),
        amount=amount,
        zone=clinic_zone(place.clinic.hours.time_zone),
        now=visit.parts.base.clock.now(),
    )


@router.post("/back")
def go_back(
    request: Request,
    visit: Editing,
    sha256: str,
    *,
    month: Annotated[str, Form()],
    former: Annotated[str, Form(min_length=1, max_length=64)],
    note: Annotated[str, Form(min_length=1, max_length=2_000)],
) -> Response:
    """Use the version that the page offered again, from a month on."""
    clinic = here(visit, Permission.EDIT_PLAYBOOKS)
    plan, source, place = _version(visit, clinic, sha256)
    used = shelf(visit.parts.base.engine, clinic).used(plan.kind)
    try:
        wish = Wish(plan.playbook, Month.parse(month), note, to=former, instead_of=sha256)
        done = roll_back(
            desk_of(visit), clinic, used, wish, running=place.running, by=visit.visitor.person
        )
    except CcmError as problem:
        shown = ShownVersion(plan, source, place, place.running.next, problem=problem, note=note)
        return show_page(request, visit, shown)
    said = f"{plan.title}, version {done.version}, is in use again {done.months}."
    if done.instead_of is None:
        said = f"{plan.title}, version {done.version}, is in use {done.months}, as it was before."
    return go_to(request, "/playbooks", said=said)


def _version(visit: Visit, clinic: ClinicId, sha256: str) -> tuple[Plan, str, Place]:
    try:
        plan, source = SqlDrafts(visit.parts.base.engine).used(clinic, sha256)
    except NoSuchVersionError:
        raise NotFoundError from None
    return plan, source, place_of(visit, clinic)


def _spans(visit: Visit, clinic: ClinicId, plan: Plan) -> list[Span]:
    known = shelf(visit.parts.base.engine, clinic).spans
    return [one for one in known if one.version.playbook == plan.playbook]


def _over(span: Span, running: Month) -> list[Month]:
    """List the months of a span that are over, at most a year of them, the newest first."""
    month = running.previous
    found: list[Month] = []
    while month >= span.first and len(found) < 12:
        if span.last is None or month <= span.last:
            found.append(month)
        month = month.previous
    return found


def _compare(visit: Visit, clinic: ClinicId, plan: Plan, month: Month) -> ForecastResult:
    engine = visit.parts.base.engine
    forecast = SqlForecasts(engine).published_on(clinic, plan.sha256)
    if forecast is None:
        raise NoForecastError(f"{plan.title}, version {plan.version}")
    visit.parts.trials.take(visit.session.token_hash, visit.parts.wall.now())
    return compare_forecast(SqlRecordedClinic(engine), forecast, month, plan.kind)
