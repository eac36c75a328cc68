"""The clinic's playbooks: what is in use, every version from all sides, going back to one."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, Response

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.answer_store import SqlAnswers
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.move_store import SqlMoveOrders
from ccm_flow.adapters.db.running_cycles import SqlRunningCycles
from ccm_flow.adapters.db.views_playbooks import Shelf, shelf
from ccm_flow.adapters.handbooks import clinic_page, handbook_of, write_handbook
from ccm_flow.adapters.playbook_library import shipped_playbooks
from ccm_flow.app.drafts import NoSuchVersionError
from ccm_flow.app.publish_playbook import earliest, publish_again
from ccm_flow.app.roll_back import way_back
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.language import json_schema
from ccm_flow.language.explain import explain
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.playbook_desk import (
    Place,
    desk_of,
    flow_picture,
    here,
    library_of,
    month_picture,
    months_from,
    place_of,
)
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter(prefix="/playbooks")
Seeing = Annotated[Visit, needs(Permission.SEE_PLAYBOOKS)]
Editing = Annotated[Visit, needs(Permission.EDIT_PLAYBOOKS)]


@router.get("")
def show_playbooks(request: Request, visit: Seeing, said: str = "") -> Response:
    """List what is in use, the drafts, and who published what."""
    clinic = here(visit, Permission.SEE_PLAYBOOKS)
    return _list(request, visit, clinic, said=said)


@router.get("/schema.json")
def show_schema(visit: Seeing) -> Response:
    """Give the schema that the editor completes from."""
    return JSONResponse(json_schema(templates=visit.parts.templates))


@router.get("/versions/{sha256}")
def show_version(request: Request, visit: Seeing, sha256: str, month: str = "") -> Response:
    """Show a version: picture, dates, steps in words, origins, text."""
    plan, source, place = _version(visit, sha256, Permission.SEE_PLAYBOOKS)
    return show_page(request, visit, ShownVersion(plan, source, place, place.month(month)))


@router.get("/versions/{sha256}/flow.svg")
def draw_flow(visit: Seeing, sha256: str) -> Response:
    """Draw a version."""
    return flow_picture(_version(visit, sha256, Permission.SEE_PLAYBOOKS)[0])


@router.get("/versions/{sha256}/month.svg")
def draw_month(visit: Seeing, sha256: str, month: str = "") -> Response:
    """Draw a month of a version, on the clinic's calendar."""
    plan, _, place = _version(visit, sha256, Permission.SEE_PLAYBOOKS)
    return month_picture(plan, place.clinic, place.month(month))


@router.get("/versions/{sha256}/playbook.yaml")
def give_text(visit: Seeing, sha256: str) -> Response:
    """Give a version's text as a file."""
    plan, source, _ = _version(visit, sha256, Permission.SEE_PLAYBOOKS)
    return _file(source.encode(), f"{plan.playbook}-{plan.version}.yaml", "text/yaml")


@router.get("/versions/{sha256}/handbook.pdf")
def give_handbook(visit: Seeing, sha256: str, month: str = "") -> Response:
    """Give the procedure that staff read, typeset."""
    plan, _, place = _version(visit, sha256, Permission.SEE_PLAYBOOKS)
    which = place.month(month)
    days = month_calendar(place.clinic.hours, which, plan.kind)
    about = clinic_page(visit.parts.base.engine, place.clinic)
    content = write_handbook(plan, about, which, days, as_pdf=True)
    return _file(content, f"{plan.playbook}-{plan.version}-handbook.pdf", "application/pdf")


@router.post("/versions/{sha256}/again")
def use_again(
    request: Request,
    visit: Editing,
    sha256: str,
    month: Annotated[str, Form()],
    note: Annotated[str, Form(min_length=1, max_length=2_000)],
) -> Response:
    """Go back to a version from a month on."""
    plan, source, place = _version(visit, sha256, Permission.EDIT_PLAYBOOKS)
    try:
        publish_again(
            desk_of(visit),
            place.clinic.clinic,
            sha256,
            month=Month.parse(month),
            running=place.running,
            by=visit.visitor.person,
            note=note,
        )
    except CcmError as problem:
        shown = ShownVersion(plan, source, place, place.running.next, problem=problem, note=note)
        return show_page(request, visit, shown)
    said = f"{plan.title}, version {plan.version}, is in use from {month} on."
    return go_to(request, "/playbooks", said=said)


@dataclass(frozen=True)
class ShownVersion:
    """A version on its page, with what went wrong there."""

    plan: Plan
    source: str
    place: Place
    month: Month
    problem: CcmError | None = None
    note: str = ""


def show_page(request: Request, visit: Visit, shown: ShownVersion) -> Response:
    """Show a version's page."""
    plan, place, engine = shown.plan, shown.place, visit.parts.base.engine
    clinic = place.clinic.clinic
    drafts = SqlDrafts(engine)
    days = month_calendar(place.clinic.hours, shown.month, plan.kind)
    written = drafts.written_as(clinic, plan.sha256) or shown.source
    known = shelf(engine, clinic)
    return page(
        request,
        "playbook_version",
        visit,
        status=422 if shown.problem else 200,
        plan=plan,
        source=shown.source,
        place=place,
        month=shown.month,
        problem=shown.problem,
        note=shown.note,
        book=handbook_of(plan, clinic_page(engine, place.clinic), shown.month, days),
        origins=explain(library_of(visit).resolve(clinic, written)),
        **_after(visit, place, plan, known),
        spans=[span for span in known.spans if span.version.sha256 == plan.sha256],
        published=[one for one in known.published if one.version.sha256 == plan.sha256],
        first=earliest(drafts, clinic, plan.kind, place.running),
        **_times(visit, place),
    )


def _after(visit: Visit, place: Place, plan: Plan, known: Shelf) -> dict[str, Any]:
    """Give what can be said and done once a version is live."""
    engine = visit.parts.base.engine
    own = [one for one in known.spans if one.version.sha256 == plan.sha256]
    back = way_back(known.used(plan.kind), plan.sha256)
    first = earliest(SqlDrafts(engine), place.clinic.clinic, plan.kind, place.running)
    return {
        "forecast": SqlForecasts(engine).published_on(place.clinic.clinic, plan.sha256),
        "answer": SqlAnswers(engine).of(place.clinic.clinic, plan.sha256),
        "is_over": any(one.first < place.running for one in own),
        "former": back.former if back else None,
        "back_months": months_from(max(first, back.since)) if back else (),
        "on_another": SqlRunningCycles(engine).count(place.clinic.clinic, plan),
        "signed": SqlMoveOrders(engine).newest(place.clinic.clinic, plan.sha256),
    }


def _list(request: Request, visit: Visit, clinic: ClinicId, *, said: str) -> Response:
    place = place_of(visit, clinic)
    known: Shelf = shelf(visit.parts.base.engine, clinic)
    return page(
        request,
        "playbooks",
        visit,
        shelf=known,
        place=place,
        beginnings=shipped_playbooks() if visit.visitor.may(Permission.EDIT_PLAYBOOKS) else {},
        said=said[:500],
        **_times(visit, place),
    )


def _times(visit: Visit, place: Place) -> dict[str, Any]:
    return {
        "zone": clinic_zone(place.clinic.hours.time_zone),
        "now": visit.parts.base.clock.now(),
    }


def _version(visit: Visit, sha256: str, permission: Permission) -> tuple[Plan, str, Place]:
    clinic = here(visit, permission)
    try:
        plan, source = SqlDrafts(visit.parts.base.engine).used(clinic, sha256)
    except NoSuchVersionError:
        raise NotFoundError from None
    return plan, source, place_of(visit, clinic)


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=kind)
