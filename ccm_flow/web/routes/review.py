"""A clinic's readiness review: what is there, what is missing, and who sees to it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.documents.review_pdf import review_pdf
from ccm_flow.app.review import BadEntryError, Review, go_live, look, write
from ccm_flow.bootstrap import reviews
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.review import AREA_TITLES, STANDING_WORDS, Area, Entry, Said, Standing
from ccm_flow.web.month_page import day_name
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_REVIEW)]
Answering = Annotated[Visit, needs(Permission.ANSWER_REVIEW)]
Deciding = Annotated[Visit, needs(Permission.LET_GO_LIVE)]
Click = Annotated[str, Form(min_length=1, max_length=64)]
_DONE: Final = {
    "kept": "It is kept. What was said before stays on record.",
    "live": "The first month may begin. The reason is on record.",
}
_TAGS: Final[Mapping[Standing, str]] = {
    Standing.MET: "good",
    Standing.PARTLY: "warn",
    Standing.GAP: "bad",
    Standing.NOT_KNOWN: "warn",
    Standing.NOT_YET: "",
}


@router.get("/review")
def show_own(request: Request, visit: Seeing) -> Response:
    """Go to the review of the clinic that the person works on."""
    if visit.clinic is None:
        raise NotFoundError
    return go_to(request, f"/clinics/{visit.at(visit.clinic, Permission.SEE_REVIEW)}/review")


@router.get("/clinics/{clinic}/review")
def show(request: Request, visit: Seeing, clinic: str, done: str = "") -> Response:
    """Show the checklist with its scores."""
    allowed = visit.at(ClinicId(clinic), Permission.SEE_REVIEW)
    return _page(request, visit, _look(visit, allowed), said=_DONE.get(done, ""))


@router.get("/clinics/{clinic}/review/paper")
def show_paper(visit: Seeing, clinic: str) -> Response:
    """Give the review as a PDF."""
    found = _look(visit, visit.at(ClinicId(clinic), Permission.SEE_REVIEW))
    name = f"readiness-review-{found.clinic}-{found.day}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"'}
    return Response(review_pdf(found), media_type="application/pdf", headers=headers)


@router.post("/clinics/{clinic}/review/entries")
def keep_entry(
    request: Request,
    visit: Answering,
    *,
    clinic: str,
    item: Annotated[str, Form(max_length=64)],
    click: Click,
    said: Annotated[str, Form(max_length=16)] = "",
    note: Annotated[str, Form(max_length=4000)] = "",
    owner: Annotated[str, Form(max_length=200)] = "",
    due: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Keep an answer, or who sees to an item until when."""
    allowed = visit.at(ClinicId(clinic), Permission.ANSWER_REVIEW)
    found = _look(visit, allowed)
    typed = {"item": item, "said": said, "note": note, "owner": owner, "due": due}
    try:
        entry = Entry(
            item,
            visit.visitor.person,
            visit.parts.base.clock.now(),
            Said(said) if said in set(Said) else None,
            note.strip(),
            PersonId(owner) if owner else None,
            _day(due),
        )
        write(reviews(visit.parts.base), allowed, entry, id_=click, people=found.people)
    except CcmError as problem:
        return _page(request, visit, found, problem=problem, typed=typed)
    return go_to(request, f"/clinics/{allowed}/review", done="kept")


@router.post("/clinics/{clinic}/review/go-live")
def let_go_live(
    request: Request,
    visit: Deciding,
    *,
    clinic: str,
    click: Click,
    because: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Let the first month begin without what is missing, for a reason."""
    allowed = visit.at(ClinicId(clinic), Permission.LET_GO_LIVE)
    by, now = visit.visitor.person, visit.parts.base.clock.now()
    record = reviews(visit.parts.base)
    try:
        go_live(record, allowed, because=because, by=by, now=now, id_=click)
    except CcmError as problem:
        typed = {"because": because}
        return _page(request, visit, _look(visit, allowed), problem=problem, typed=typed)
    return go_to(request, f"/clinics/{allowed}/review", done="live")


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadEntryError(f"'{text}' is not a date such as 2026-12-14.") from None


def _look(visit: Visit, clinic: ClinicId) -> Review:
    return look(reviews(visit.parts.base), clinic, visit.parts.base.clock.now())


def _page(
    request: Request,
    visit: Visit,
    found: Review,
    *,
    problem: CcmError | None = None,
    typed: Mapping[str, str] | None = None,
    said: str = "",
) -> Response:
    base = visit.parts.base
    return page(
        request,
        "review",
        visit,
        status=422 if problem else 200,
        found=found,
        areas=tuple(Area),
        area_titles=AREA_TITLES,
        standing_words=STANDING_WORDS,
        tags=_TAGS,
        may_answer=visit.visitor.may(Permission.ANSWER_REVIEW, found.clinic),
        may_let=visit.visitor.may(Permission.LET_GO_LIVE, found.clinic),
        problem=problem,
        typed=typed or {},
        said=said,
        answers=tuple(Said),
        day_name=day_name,
        zone=clinic_zone(base.record.clinic(found.clinic).hours.time_zone),
        now=base.clock.now(),
        section="/review",
    )
