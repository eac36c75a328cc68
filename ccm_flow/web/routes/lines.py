"""One patient's billing line: codes and reasoning, accepting or returning it, its documents."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.views import patient_month
from ccm_flow.adapters.documents.packet_json import packet_json
from ccm_flow.adapters.documents.packet_pdf import packet_pdf
from ccm_flow.adapters.fhir_export.bundle import bundle_json, month_bundle
from ccm_flow.app.billing import MonthOf, judge_month, line_views
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.hand_off import OnePacket, packets
from ccm_flow.app.packet_codes import codes_of_line, codes_of_now
from ccm_flow.app.take_over import Taking, accept_month, return_month
from ccm_flow.bootstrap import hand_off
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.handoff import LineState
from ccm_flow.core.ids import ClickId, EnrollmentId
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import StepStatus
from ccm_flow.web.month_page import MonthPlace, find_month, month_page
from ccm_flow.web.pages import go_to
from ccm_flow.web.routes.closing import can_be_approved, download, saw_enrollments
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
LINE = "/clinics/{clinic}/months/{month}/billing/{enrollment}"
Seeing = Annotated[Visit, needs(Permission.SEE_MONTH)]
HandingOff = Annotated[Visit, needs(Permission.HAND_OFF_BILLING)]
ClickField = Annotated[str, Form(min_length=1, max_length=64)]


@router.get(LINE)
def show_line(
    request: Request, visit: Seeing, clinic: str, month: str, enrollment: str
) -> Response:
    """Show a patient's codes, why they are what they are, and what can be done with them."""
    return _line(request, visit, find_month(visit, clinic, month), EnrollmentId(enrollment))


@router.get(LINE + "/packet.pdf")
def download_pdf(visit: Seeing, clinic: str, month: str, enrollment: str) -> Response:
    """Give the evidence packet to read."""
    place, one = _packet(visit, clinic, month, enrollment)
    name = f"{place.month}-{one.handle}.pdf"
    return download(packet_pdf(one.sealed), "application/pdf", name)


@router.get(LINE + "/packet.json")
def download_json(visit: Seeing, clinic: str, month: str, enrollment: str) -> Response:
    """Give the evidence packet as data."""
    place, one = _packet(visit, clinic, month, enrollment)
    name = f"{place.month}-{one.handle}.json"
    return download(packet_json(one.sealed), "application/json", name)


@router.get(LINE + "/fhir.json")
def download_bundle(visit: Seeing, clinic: str, month: str, enrollment: str) -> Response:
    """Give the month as a FHIR bundle."""
    place, one = _packet(visit, clinic, month, enrollment)
    view = patient_month(
        visit.parts.base.engine,
        one.enrollment,
        place.month,
        now=place.now,
        kind=PlaybookKind.MONTHLY,
    )
    bundle = month_bundle(one.sealed, view.steps, f"{one.enrollment}:{place.month}")
    name = f"{place.month}-{one.handle}.fhir.json"
    return download(bundle_json(bundle), "application/fhir+json", name)


@router.post(LINE + "/accept")
async def accept(
    request: Request,
    visit: HandingOff,
    *,
    clinic: str,
    month: str,
    enrollment: str,
    click: ClickField,
) -> Response:
    """Take an approved line over."""
    place = await run_in_threadpool(find_month, visit, clinic, month, Permission.HAND_OFF_BILLING)
    taking = _taking(visit, place, enrollment, click)
    await run_in_threadpool(_month_of, visit, place, taking.enrollment)
    store = hand_off(visit.parts.base, place.clinic.clinic).store
    try:
        await accept_month(await visit.parts.desk(), store, taking)
    except FlowUnavailableError:
        raise
    except CcmError as error:
        return await run_in_threadpool(
            _line, request, visit, place, taking.enrollment, problem=str(error)
        )
    return go_to(request, f"{place.address}/billing/{enrollment}")


@router.post(LINE + "/return")
async def give_back(
    request: Request,
    visit: HandingOff,
    *,
    clinic: str,
    month: str,
    enrollment: str,
    click: ClickField,
    because: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Return a line with a question."""
    place = await run_in_threadpool(find_month, visit, clinic, month, Permission.HAND_OFF_BILLING)
    taking = _taking(visit, place, enrollment, click)
    await run_in_threadpool(_month_of, visit, place, taking.enrollment)
    problem = "" if because.strip() else "Say what you want to know."
    if not problem:
        store = hand_off(visit.parts.base, place.clinic.clinic).store
        try:
            await return_month(await visit.parts.desk(), store, taking, because.strip())
        except FlowUnavailableError:
            raise
        except CcmError as error:
            problem = str(error)
    if problem:
        return await run_in_threadpool(
            _line, request, visit, place, taking.enrollment, problem=problem, because=because
        )
    return go_to(request, f"{place.address}/billing/{enrollment}")


def _taking(visit: Visit, place: MonthPlace, enrollment: str, click: str) -> Taking:
    return Taking(
        ClickId(click),
        place.clinic.clinic,
        EnrollmentId(enrollment),
        place.month,
        visit.visitor.person,
    )


def _month_of(visit: Visit, place: MonthPlace, enrollment: EnrollmentId) -> MonthOf:
    """Give what closing knows of a patient's month; another clinic's is not there."""
    store = hand_off(visit.parts.base, place.clinic.clinic).store
    found = store.months(place.clinic.clinic, place.month, place.now, enrollment)
    if not found:
        raise NotFoundError
    return found[0]


def _packet(visit: Visit, clinic: str, month: str, enrollment: str) -> tuple[MonthPlace, OnePacket]:
    place = find_month(visit, clinic, month)
    one = _month_of(visit, place, EnrollmentId(enrollment))
    saw_enrollments(visit, place, [one.enrollment])
    hand = hand_off(visit.parts.base, place.clinic.clinic)
    made = packets(hand, place.clinic.clinic, place.month, place.now, [one.enrollment])
    return place, made[0]


def _line(
    request: Request,
    visit: Visit,
    place: MonthPlace,
    enrollment: EnrollmentId,
    *,
    problem: str = "",
    because: str = "",
) -> Response:
    one = _month_of(visit, place, enrollment)
    saw_enrollments(visit, place, [enrollment])
    hand, clinic = hand_off(visit.parts.base, place.clinic.clinic), place.clinic.clinic
    views = line_views(hand.store, clinic, place.month, place.now, enrollment)
    view = views[0] if views else None
    codes = (
        codes_of_line(view, hand.name_of)
        if view
        else codes_of_now(judge_month(hand.store, hand.rules, one, place.month))
    )
    handing_off = visit.visitor.may(Permission.HAND_OFF_BILLING, clinic)
    waits = one.handoff is not None and one.handoff.status is StepStatus.OPEN
    return month_page(
        request,
        "month_line",
        visit,
        place,
        status=409 if problem else 200,
        section="/billing",
        tab="billing",
        one=one,
        view=view,
        codes=codes,
        name_of=hand.name_of,
        may_approve=view is not None
        and can_be_approved(view)
        and visit.visitor.may(Permission.CLOSE_MONTH, clinic),
        may_accept=handing_off
        and waits
        and view is not None
        and view.line.state is LineState.APPROVED,
        may_return=handing_off and waits and view is not None,
        problem=problem,
        because=because,
    )
