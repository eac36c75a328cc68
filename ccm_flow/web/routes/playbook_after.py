"""After a version went live: its forecast beside what happened, and the way back."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.answer_store import SqlAnswers
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.views_playbooks import Span, shelf
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.app.answers import Answer
from ccm_flow.app.drafts import NoSuchVersionError
from ccm_flow.app.forecasts import ForecastResult, NoForecastError, compare_forecast
from ccm_flow.app.roll_back import Wish, roll_back
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.rehearsal.words import amount, wording
from ccm_flow.web.errands import Errand
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import Place, desk_of, here, place_of
from ccm_flow.web.routes.playbooks import ShownVersion, show_page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter(prefix="/playbooks/versions/{sha256}")
Seeing = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS)]
LookingOn = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS, by_itself=True)]
Editing = Annotated[Visit, needs(Permission.EDIT_PLAYBOOKS)]


@router.get("/compared")
def show_compared(request: Request, visit: Seeing, sha256: str, month: str = "") -> Response:
    """Show what was forecast of a version beside a month that ran on it, once worked out."""
    clinic = here(visit, Permission.SEE_PLAYBOOKS)
    version = _version(visit, clinic, sha256)
    answer = SqlAnswers(visit.parts.base.engine).of(clinic, sha256)
    wanted = version.wanted(month) if month or answer is None else answer.result.month
    errand = _newest(visit, clinic, sha256, wanted)
    if errand is None and answer is not None and wanted == answer.result.month:
        return _compared(request, visit, version, wanted, answer=answer)
    problem = errand.problem if errand is not None else _unforecast(visit, clinic, version)
    return _compared(request, visit, version, wanted, errand=errand, problem=problem)


@router.post("/compared")
def compare(
    request: Request,
    visit: Seeing,
    sha256: str,
    *,
    click: Annotated[str, Form(min_length=1, max_length=64)],
    month: Annotated[str, Form(max_length=40)],
) -> Response:
    """Begin to compare: the month is read and measured beside the pages."""
    clinic = here(visit, Permission.SEE_PLAYBOOKS)
    version = _version(visit, clinic, sha256)
    wanted = version.wanted(month)
    try:
        visit.parts.trials.take(visit.session.token_hash, visit.parts.wall.now())
        errand = Errand(
            id=click,
            person=visit.visitor.person,
            clinic=clinic,
            about=_about(sha256, wanted),
            begun_at=visit.parts.base.clock.now(),
        )
        visit.parts.errands.begin(errand, lambda: _compare(visit, clinic, version.plan, wanted))
    except CcmError as problem:
        return _compared(request, visit, version, wanted, problem=problem)
    return go_to(request, f"/playbooks/versions/{sha256}/compared", month=str(wanted))


@router.get("/compared/running")
def tell_running(request: Request, visit: LookingOn, sha256: str, month: str = "") -> Response:
    """Tell a page that is open to show what came of a comparison, once it no longer runs."""
    clinic = here(visit, Permission.SEE_PLAYBOOKS)
    wanted = _version(visit, clinic, sha256).wanted(month)
    errand = _newest(visit, clinic, sha256, wanted)
    if errand is not None and errand.runs:
        return Response(status_code=204)
    return go_to(request, f"/playbooks/versions/{sha256}/compared", month=str(wanted))


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
    version = _version(visit, clinic, sha256)
    plan, source, place = version.plan, version.source, version.place
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


@dataclass(frozen=True)
class _Version:
    """A version that the clinic uses or used."""

    plan: Plan
    source: str
    place: Place
    months: tuple[Month, ...]
    """Months that ran on it and are over, the newest first."""

    def wanted(self, month: str) -> Month:
        """Read which month is asked for; the newest when none is, or one that is not offered."""
        known = {str(one): one for one in self.months}
        return known.get(month) or next(iter(self.months), self.place.running)


def _version(visit: Visit, clinic: ClinicId, sha256: str) -> _Version:
    try:
        plan, source = SqlDrafts(visit.parts.base.engine).used(clinic, sha256)
    except NoSuchVersionError:
        raise NotFoundError from None
    place = place_of(visit, clinic)
    spans = [one for one in _spans(visit, clinic, plan) if one.version.sha256 == sha256]
    months = tuple(one for span in spans for one in _over(span, place.running))
    return _Version(plan, source, place, months)


def _about(sha256: str, month: Month) -> str:
    return f"{sha256} compared over {month}"


def _newest(visit: Visit, clinic: ClinicId, sha256: str, month: Month) -> Errand | None:
    return next(iter(visit.parts.errands.about(clinic, _about(sha256, month))), None)


def _compared(
    request: Request,
    visit: Visit,
    version: _Version,
    month: Month,
    *,
    errand: Errand | None = None,
    answer: Answer | None = None,
    problem: CcmError | None = None,
) -> Response:
    return page(
        request,
        "playbook_compared",
        visit,
        status=422 if problem else 200,
        plan=version.plan,
        months=version.months,
        month=month,
        runs=errand is not None and errand.runs,
        result=answer.result if answer is not None else errand.result if errand else None,
        problem=problem,
        answer=answer,
        words=wording(version.plan.kind),
        amount=amount,
        zone=clinic_zone(version.place.clinic.hours.time_zone),
        now=visit.parts.base.clock.now(),
    )


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


def _unforecast(visit: Visit, clinic: ClinicId, version: _Version) -> CcmError | None:
    """Say that there is nothing to compare with; None when there is."""
    plan = version.plan
    if SqlForecasts(visit.parts.base.engine).published_on(clinic, plan.sha256) is not None:
        return None
    return NoForecastError(f"{plan.title}, version {plan.version}")


def _compare(visit: Visit, clinic: ClinicId, plan: Plan, month: Month) -> ForecastResult:
    engine = visit.parts.base.engine
    forecast = SqlForecasts(engine).published_on(clinic, plan.sha256)
    if forecast is None:
        raise NoForecastError(f"{plan.title}, version {plan.version}")
    return compare_forecast(SqlRecordedClinic(engine), forecast, month, plan.kind)
