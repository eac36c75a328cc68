"""The end of a month: what is not settled, closing, approving, opening again."""

from collections import Counter
from collections.abc import Collection
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.db.views_board import patients_of
from ccm_flow.adapters.documents.lines_csv import lines_csv
from ccm_flow.app.billing import LineView, line_views
from ccm_flow.app.close_month import (
    AlreadyClosedError,
    Closing,
    NotSettledError,
    approve_lines,
    close_month,
    reopen_month,
    what_is_open,
)
from ccm_flow.app.hand_off import claim_lines, packets
from ccm_flow.bootstrap import hand_off
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.handoff import LineState, MonthAct, is_closed
from ccm_flow.core.ids import ClickId, EnrollmentId
from ccm_flow.web.month_page import MonthPlace, find_month, month_page, usual_month
from ccm_flow.web.pages import go_to
from ccm_flow.web.paging import PageNumber, paged
from ccm_flow.web.visit import Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_MONTH)]
Closer = Annotated[Visit, needs(Permission.CLOSE_MONTH)]
Reason = Annotated[str, Form(max_length=500)]
DONE: Final = {
    "closed": "The month is closed. Look at the lines, then approve them.",
    "already": "The month is closed already.",
    "reopened": "The month is open again. Its lines stay as they are until it is closed.",
    "approved": "Approved. What the record says later marks a line and never changes it.",
    "held": (
        "Approved, except for lines that give no code or on which the record has changed; "
        "they are marked."
    ),
}
"""What just happened, in words; the address only names it."""


@router.get("/billing")
def show_billing_now(request: Request, visit: Seeing) -> Response:
    """Go to the month that waits to be billed: the oldest that is over and not closed."""
    place = usual_month(visit)
    store = hand_off(visit.parts.base, place.clinic.clinic).store
    for month in reversed(place.known):
        over = place.today > month.last_day
        acts = [done.act for done in store.history(place.clinic.clinic, month)]
        if over and not is_closed(acts):
            place = MonthPlace(place.clinic, month, place.now, place.known)
            break
    return go_to(request, f"{place.address}/billing")


@router.get("/clinics/{clinic}/months/{month}/billing")
def show_billing(
    request: Request,
    visit: Seeing,
    *,
    clinic: str,
    month: str,
    done: str = "",
    page: PageNumber = 1,
) -> Response:
    """Show how the month stands on its way to being billed."""
    place = find_month(visit, clinic, month)
    return _billing(request, visit, place, said=DONE.get(done, ""), page=page)


@router.post("/clinics/{clinic}/months/{month}/billing/close")
def close(
    request: Request, visit: Closer, clinic: str, month: str, because: Reason = ""
) -> Response:
    """Close the month; with a reason also when something is not settled."""
    place = find_month(visit, clinic, month, Permission.CLOSE_MONTH)
    hand = hand_off(visit.parts.base, place.clinic.clinic)
    closing = Closing(
        place.clinic.clinic, place.month, visit.visitor.person, place.today, because.strip() or None
    )
    try:
        close_month(hand.store, hand.rules, closing, place.now)
    except AlreadyClosedError:
        return go_to(request, f"{place.address}/billing", done="already")
    except NotSettledError:
        problem = "Something is not settled. Settle it first, or say why it is closed all the same."
        return _billing(request, visit, place, problem=problem, because=because)
    except CcmError as error:
        return _billing(request, visit, place, problem=str(error), because=because)
    return go_to(request, f"{place.address}/billing", done="closed")


@router.post("/clinics/{clinic}/months/{month}/billing/reopen")
def reopen(
    request: Request, visit: Closer, clinic: str, month: str, because: Reason = ""
) -> Response:
    """Open a closed month again, with a reason."""
    place = find_month(visit, clinic, month, Permission.CLOSE_MONTH)
    if not because.strip():
        return _billing(request, visit, place, problem="Say why the month is opened again.")
    store = hand_off(visit.parts.base, place.clinic.clinic).store
    try:
        reopen_month(
            store,
            place.clinic.clinic,
            place.month,
            by=visit.visitor.person,
            because=because.strip(),
            now=place.now,
        )
    except CcmError as error:
        return _billing(request, visit, place, problem=str(error), because=because)
    return go_to(request, f"{place.address}/billing", done="reopened")


@router.post("/clinics/{clinic}/months/{month}/billing/approve")
def approve(
    request: Request,
    visit: Closer,
    *,
    clinic: str,
    month: str,
    click: Annotated[str, Form(min_length=1, max_length=64)],
    only: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Approve one line, or every line that can be."""
    place = find_month(visit, clinic, month, Permission.CLOSE_MONTH)
    store = hand_off(visit.parts.base, place.clinic.clinic).store
    try:
        approval = approve_lines(
            store,
            place.clinic.clinic,
            place.month,
            by=visit.visitor.person,
            now=place.now,
            only=EnrollmentId(only) if only else None,
            click=ClickId(click),
        )
    except CcmError as error:
        return _billing(request, visit, place, problem=str(error))
    done = "held" if approval.held else "approved"
    return go_to(request, f"{place.address}/billing", done=done)


@router.get("/clinics/{clinic}/months/{month}/billing/lines.csv")
def download_lines(visit: Seeing, clinic: str, month: str) -> Response:
    """Give the approved lines for the practice's own system."""
    place = find_month(visit, clinic, month)
    made = packets(
        hand_off(visit.parts.base, place.clinic.clinic),
        place.clinic.clinic,
        place.month,
        place.now,
    )
    saw_enrollments(visit, place, [one.enrollment for one in made])
    return download(lines_csv(claim_lines(made)), "text/csv", f"{place.month}-lines.csv")


def saw_enrollments(visit: Visit, place: MonthPlace, seen: Collection[EnrollmentId]) -> None:
    """Write into the access log that somebody looked at the patients of some enrollments."""
    clinic = place.clinic.clinic
    for patient in patients_of(visit.parts.base.engine, clinic, seen).values():
        visit.saw(patient, clinic)


def download(content: bytes, kind: str, name: str) -> Response:
    """Give a file to keep; nothing of it stays in a cache."""
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
    }
    return Response(content, media_type=kind, headers=headers)


def _billing(
    request: Request,
    visit: Visit,
    place: MonthPlace,
    *,
    said: str = "",
    problem: str = "",
    because: str = "",
    page: int = 1,
) -> Response:
    hand = hand_off(visit.parts.base, place.clinic.clinic)
    clinic, month = place.clinic.clinic, place.month
    history = hand.store.history(clinic, month)
    closed = is_closed([done.act for done in history])
    views = line_views(hand.store, clinic, month, place.now) if history else []
    unsettled: tuple[str, ...] = ()
    if not closed:
        months = hand.store.months(clinic, month, place.now)
        unsettled = what_is_open(hand.store, clinic, month, months)
    return month_page(
        request,
        "month_billing",
        visit,
        place,
        status=409 if problem else 200,
        section="/billing",
        tab="billing",
        history=history,
        closed=closed,
        views=views,
        shown=paged(views, page),
        states=Counter(view.line.state for view in views),
        waiting=[view for view in views if can_be_approved(view)],
        changed=sum(bool(view.changed) for view in views),
        allowed=_allowed(views),
        unsettled=unsettled,
        name_of=hand.name_of,
        LineState=LineState,
        MonthAct=MonthAct,
        may_close=visit.visitor.may(Permission.CLOSE_MONTH, clinic),
        can_be_approved=can_be_approved,
        said=said,
        problem=problem,
        because=because,
    )


def can_be_approved(view: LineView) -> bool:
    """Tell whether a line waits for approval and nothing holds it back."""
    draft = view.line.state is LineState.DRAFT
    return draft and not view.changed and bool(view.line.result.lines)


def _allowed(views: list[LineView]) -> tuple[Decimal, bool]:
    """Sum what Medicare would allow for all lines; the flag says that every amount is known."""
    amounts = [one.amount for view in views for one in view.line.result.lines]
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)), len(known) == len(amounts)
