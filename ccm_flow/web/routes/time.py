"""Timers: one click on the step's page, and a page for the timer that runs."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.time_activity import activity_for
from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.adapters.db.views_timer import page_head
from ccm_flow.app.time import About, start_timer, stop_timer
from ccm_flow.app.time_errors import (
    MonthClosedError,
    NoTimerError,
    TimeRefusedError,
    TimerRunningError,
    TimerTooLongError,
)
from ccm_flow.core.access import Permission
from ccm_flow.core.activities import Activity
from ccm_flow.core.errors import CcmError
from ccm_flow.web.forms import in_clinic_time
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.routes.step import keep_typed, read_step, refused
from ccm_flow.web.step_check import KEPT
from ccm_flow.web.step_form import read_moment
from ccm_flow.web.step_page import Opened, Problems
from ccm_flow.web.visit import Visit, needs

router = APIRouter()
Doing = Annotated[Visit, needs(Permission.DO_WORK)]


@router.post("/steps/{cycle}/{key}/timer")
async def step_timer(request: Request, visit: Doing, cycle: str, key: str) -> Response:
    """Start or stop the timer from the step's page; what was typed there is kept."""
    sending = await read_step(request, visit, cycle, key)
    await run_in_threadpool(keep_typed, sending)
    try:
        said = await run_in_threadpool(_act, visit, sending.opened, sending.text("timer"))
    except TimerTooLongError:
        return go_to(request, "/time/timer")
    except (TimerRunningError, TimeRefusedError, MonthClosedError) as problem:
        found = Problems(str(problem), KEPT)
        return await refused(sending, found, status=409)
    return go_to(request, sending.here, said=said)


def _act(visit: Visit, opened: Opened, what: str) -> str:
    """Do what the button says; pressed twice, it is done once."""
    base, step = visit.parts.base, opened.step
    store, person, now = SqlTimeStore(base.engine), visit.visitor.person, base.clock.now()
    if what == "stop":
        try:
            return "stopped" if stop_timer(store, person, now=now) else "nothing"
        except NoTimerError:
            return "stopped"
    running = page_head(base.engine, person, (), now).timer
    if running is not None and running.is_for(step.cycle, step.key):
        return "started"
    about = About(step.clinic, step.patient.enrollment, step.cycle, step.key)
    activity = activity_for(base.engine, about) or Activity.DOCUMENTATION
    start_timer(store, about, person, activity, now=now, switch=what == "switch")
    return "started"


@router.get("/time/timer")
def show_timer(request: Request, visit: Doing, said: str = "") -> Response:
    """Show the timer that runs."""
    return _page(request, visit, said=said)


@router.post("/time/timer")
def end_timer(
    request: Request,
    visit: Doing,
    what: Annotated[str, Form()] = "stop",
    until: Annotated[str, Form()] = "",
    because: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Stop the timer and keep its time, or drop it with a reason."""
    base, person = visit.parts.base, visit.visitor.person
    store, now = SqlTimeStore(base.engine), base.clock.now()
    running = page_head(base.engine, person, (), now).timer
    if running is None:
        return go_to(request, "/time/timer", said="stopped")
    back = f"/steps/{running.cycle}/{running.step}" if running.step else "/time/timer"
    try:
        if what == "discard":
            if not because.strip():
                return _page(request, visit, problem="Why is the time not kept?", typed=until)
            store.discard(person, because.strip(), now)
            return go_to(request, back, said="discarded")
        moment = read_moment(until) if until.strip() else None
        if until.strip() and moment is None:
            return _page(request, visit, problem="Write a date and a time.", typed=until)
        clinic = base.record.clinic(running.clinic)
        ended = in_clinic_time(clinic, moment) if moment else None
        kept = stop_timer(store, person, now=now, until=ended)
    except NoTimerError:
        return go_to(request, back, said="stopped")
    except (TimerTooLongError, TimeRefusedError) as problem:
        return _page(request, visit, problem=_plain(problem), typed=until)
    return go_to(request, back, said="stopped" if kept else "nothing")


def _plain(problem: CcmError) -> str:
    if isinstance(problem, TimerTooLongError):
        return "The timer ran longer than is believed by itself. Say when the work really ended."
    return str(problem)


def _page(
    request: Request, visit: Visit, *, said: str = "", problem: str = "", typed: str = ""
) -> Response:
    base = visit.parts.base
    now = base.clock.now()
    running = page_head(base.engine, visit.visitor.person, (), now).timer
    zone = clinic_zone(running.time_zone) if running else None
    return page(
        request,
        "timer",
        visit,
        status=422 if problem else 200,
        running=running,
        zone=zone,
        now=now,
        said=said,
        problem=problem,
        until=typed,
    )
