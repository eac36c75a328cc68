"""Emergency access: taking it, and looking at who did."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.emergency_store import SqlEmergencies
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.emergency import (
    EmergencyAccess,
    NoSuchRecordError,
    OutOfReachError,
    Wanted,
    take_access,
    write_to_watchers,
)
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.web.errors import status_of
from ccm_flow.web.forms import Typed
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Signed, Visit, needs

router = APIRouter()
Watching = Annotated[Visit, needs(Permission.SEE_ACCESS_LOG)]
_LISTED = 200
_EMPTY = {"clinic": "", "mrn": "", "because": "", "click": ""}


@router.get("/emergency")
def show_form(request: Request, visit: Signed) -> Response:
    """Show where somebody says which patient they have to see, and why."""
    return _form(request, visit, Typed({}))


@router.post("/emergency")
async def take(request: Request, visit: Signed) -> Response:
    """Open the record for an hour."""
    typed = await Typed.of(request)
    return await run_in_threadpool(_take, request, visit, typed)


def _take(request: Request, visit: Visit, typed: Typed) -> Response:
    parts, now = visit.parts, visit.parts.wall.now()
    store = SqlEmergencies(parts.base.engine)
    clinic = ClinicId(typed.values.get("clinic", ""))
    try:
        if clinic not in store.reach_of(visit.visitor):
            raise OutOfReachError
        parts.emergencies.take(visit.visitor.person, now)
        mrn = typed.text("mrn", "The record number", most=100)
        because, click = typed.text("because", "The reason"), typed.click
        typed.check()
        wanted = Wanted(
            f"{visit.visitor.person}.{click}", clinic, mrn, because, visit.visitor.person, now
        )
        access = take_access(store, wanted)
    except CcmError as problem:
        if isinstance(problem, NoSuchRecordError):
            _note_miss(visit, clinic)
        return _form(request, visit, typed, problem)
    write_to_watchers(store, parts.post, access, parts.public_url)
    return go_to(request, f"/patients/{access.enrollment}")


def _note_miss(visit: Visit, clinic: ClinicId) -> None:
    visit.parts.accounts.log(
        AccessEvent.REFUSED,
        visit.parts.wall.now(),
        person=visit.visitor.person,
        clinic=clinic,
        detail={"permission": "emergency access to an unknown record number"},
    )


def _form(
    request: Request, visit: Visit, typed: Typed, problem: CcmError | None = None
) -> Response:
    engine, now = visit.parts.base.engine, visit.parts.wall.now()
    store = SqlEmergencies(engine)
    held = store.holds(visit.visitor.person, now)
    return page(
        request,
        "emergency",
        visit,
        status=status_of(problem) if problem is not None else 200,
        problem=problem,
        typed={**_EMPTY, **typed.values},
        clinics=sorted(store.reach_of(visit.visitor).items(), key=lambda one: one[1]),
        held=[(one, _minutes_left(one, now)) for one in held],
    )


def _minutes_left(access: EmergencyAccess, now: datetime) -> int:
    return max(1, -(-(access.until - now) // timedelta(minutes=1)))


@router.get("/emergency-access")
def show_list(request: Request, visit: Watching) -> Response:
    """List who took emergency access at the clinics that the reader watches over."""
    if visit.clinic is None:
        raise NotFoundError
    parts = visit.parts
    lines = SqlEmergencies(parts.base.engine).lines(
        visit.visitor.clinics(Permission.SEE_ACCESS_LOG),
        visit.visitor.clinics(Permission.SEE_PATIENTS),
        _LISTED,
    )
    return page(
        request,
        "emergency_access",
        visit,
        lines=lines,
        zone=clinic_zone(parts.base.record.clinic(visit.clinic).hours.time_zone),
        now=parts.wall.now(),
    )
