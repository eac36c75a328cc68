"""Alerts between a clinic and its vendor: the list, one alert with all that happened, taking it."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.views_alerts import alert, alerts
from ccm_flow.app.alerts import KINDS as ALERT_KINDS
from ccm_flow.app.alerts import (
    AlertQuery,
    AlertView,
    NoSuchAlertError,
    event_text,
    stands_text,
)
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.web.errors import status_of
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_WORK)]
Doing = Annotated[Visit, needs(Permission.DO_WORK)]
PAGE = 50


class AlertLooking(BaseModel):
    """Which alerts somebody wants to see."""

    clinic: str = Field(default="", max_length=64)
    every: bool = False
    start: int = Field(default=0, ge=0, le=1_000_000)


@router.get("/alerts")
def show_alerts(
    request: Request, visit: Seeing, looking: Annotated[AlertLooking, Query()]
) -> Response:
    """Show the alerts that nobody has taken, or all of them; of one clinic when it is named."""
    mine = visit.visitor.clinics(Permission.SEE_WORK)
    if looking.clinic:
        mine = (visit.at(ClinicId(looking.clinic), Permission.SEE_WORK),)
    wanted = AlertQuery(mine, waiting=not looking.every, start=looking.start, limit=PAGE)
    base, me, now = visit.parts.base, visit.visitor.person, visit.parts.base.clock.now()
    found = alerts(base.engine, wanted)
    SqlAlerts(base.engine).note_shown([one.alert.id for one in found[:PAGE]], me, now)
    return page(
        request,
        "alerts",
        visit,
        found=found[:PAGE],
        more=looking.start + PAGE if len(found) > PAGE else None,
        looking=looking,
        page_size=PAGE,
        me=me,
        now=now,
        kinds=ALERT_KINDS,
        stands_text=stands_text,
    )


@router.get("/alerts/{alert_id}")
def show_alert(request: Request, visit: Seeing, alert_id: str, done: str = "") -> Response:
    """Show one alert: who was told when, by which way, and who takes it."""
    base = visit.parts.base
    view = _find(visit, alert_id, Permission.SEE_WORK)
    SqlAlerts(base.engine).note_shown([alert_id], visit.visitor.person, base.clock.now())
    return _show(request, visit, _find(visit, view.alert.id, Permission.SEE_WORK), done=done)


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(
    request: Request,
    visit: Doing,
    alert_id: str,
    spoke_with: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Say that the alert was seen and is taken; after a call, who took it."""
    base, view = visit.parts.base, _find(visit, alert_id, Permission.DO_WORK)
    try:
        SqlAlerts(base.engine).acknowledge(
            view.alert.id, visit.visitor.person, base.clock.now(), spoke_with=spoke_with.strip()
        )
    except CcmError as problem:
        return _show(request, visit, view, problem=problem, spoke_with=spoke_with)
    return go_to(request, f"/alerts/{alert_id}", done="taken")


def _find(visit: Visit, alert_id: str, permission: Permission) -> AlertView:
    clinics = visit.visitor.clinics(permission)
    try:
        return alert(visit.parts.base.engine, alert_id, clinics)
    except NoSuchAlertError:
        raise NotFoundError from None


def _may_take(visit: Visit, view: AlertView) -> bool:
    """Tell whether the form is of use to the person: theirs to take, or a number to call."""
    if not visit.visitor.may(Permission.DO_WORK, view.alert.clinic):
        return False
    store, base = SqlAlerts(visit.parts.base.engine), visit.parts.base
    me, now = visit.visitor.person, base.clock.now()
    return bool(view.stands.phone) or store.is_receiver(view.alert.id, me, now)


def _show(
    request: Request,
    visit: Visit,
    view: AlertView,
    *,
    problem: CcmError | None = None,
    spoke_with: str = "",
    done: str = "",
) -> Response:
    here = view.alert.clinic
    visit.saw(view.patient, here)
    return page(
        request,
        "alert",
        visit,
        status=status_of(problem) if problem is not None else 200,
        view=view,
        zone=clinic_zone(view.time_zone),
        now=visit.parts.base.clock.now(),
        may_take=_may_take(visit, view),
        problem=problem,
        spoke_with=spoke_with,
        taken=done == "taken",
        kinds=ALERT_KINDS,
        event_text=event_text,
        stands_text=stands_text,
    )
