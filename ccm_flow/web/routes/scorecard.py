"""A clinic's scorecard: the same page for the clinic's owner and for the vendor's manager."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from ccm_flow.adapters.db.letter_store import SqlLetters
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.adapters.documents.scorecard_pdf import scorecard_pdf
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.app.scorecard_text import alarm_text, share_text
from ccm_flow.core.access import Permission
from ccm_flow.core.scorecard import GROUPS, TITLES, Count
from ccm_flow.web.month_page import MonthPlace, find_month, month_page
from ccm_flow.web.pages import go_to
from ccm_flow.web.paging import PageNumber, paged
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter(prefix="/clinics/{clinic}/months/{month}/scorecard")
Seeing = Annotated[Visit, needs(Permission.SEE_MONTH)]
NOBODY = "nobody"
"""Stands in an address for steps that no organization was responsible for."""


@router.get("")
def show(request: Request, visit: Seeing, clinic: str, month: str, done: str = "") -> Response:
    """Show a month's numbers, each with the way to the list behind it."""
    place = find_month(visit, clinic, month)
    card = _card(visit, place)
    letters = SqlLetters(visit.parts.base.engine)
    return month_page(
        request,
        "scorecard",
        visit,
        place,
        tab="scorecard",
        card=card,
        groups=GROUPS,
        titles=TITLES,
        nobody=NOBODY,
        kept=done == "letters",
        gets_letters=letters.wants(place.clinic.clinic, visit.visitor.person),
        share_text=share_text,
        alarm_text=alarm_text,
    )


@router.post("/letters")
def choose_letters(
    request: Request,
    visit: Seeing,
    clinic: str,
    month: str,
    wanted: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Send the person the clinic's monthly letters from now on, or no longer."""
    place = find_month(visit, clinic, month)
    base, me = visit.parts.base, visit.visitor.person
    letters = SqlLetters(base.engine)
    letters.choose(place.clinic.clinic, me, wanted=wanted == "yes", now=base.clock.now())
    return go_to(request, f"{place.address}/scorecard", done="letters")


@router.get("/paper")
def show_paper(visit: Seeing, clinic: str, month: str) -> Response:
    """Give the scorecard as a PDF; no patient is named in it."""
    place = find_month(visit, clinic, month)
    name = f"scorecard-{place.clinic.clinic}-{place.month}.pdf"
    headers = {"content-disposition": f'inline; filename="{name}"'}
    made = scorecard_pdf(_card(visit, place))
    return Response(made, media_type="application/pdf", headers=headers)


@router.get("/{count}")
def show_evidence(
    request: Request,
    visit: Seeing,
    *,
    clinic: str,
    month: str,
    count: str,
    party: Annotated[str, Query(max_length=64)] = "",
    page: PageNumber = 1,
) -> Response:
    """Show the list behind a number; of one organization's steps alone when it is named."""
    place = find_month(visit, clinic, month)
    if count not in set(Count):
        raise NotFoundError
    card, which = _card(visit, place), Count(count)
    rows = card.evidence[which]
    if party:
        wanted = None if party == NOBODY else party
        rows = tuple(row for row in rows if row.party == wanted)
    return month_page(
        request,
        "scorecard_evidence",
        visit,
        place,
        tab="scorecard",
        title=TITLES[which],
        which=which,
        by_deadline=which in (Count.ON_TIME, Count.LATE, Count.MISSED),
        party=party,
        party_name=next((one.name for one in card.parties if one.organization == party), party),
        shown=paged(rows, page),
    )


def _card(visit: Visit, place: MonthPlace) -> Scorecard:
    return scorecard(visit.parts.base.engine, place.clinic.clinic, place.month, place.now)
