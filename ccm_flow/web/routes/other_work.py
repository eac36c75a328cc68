"""Work on a patient that belongs to no step: a timer, or minutes that somebody states."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.adapters.db.views_enrolled import Enrolled, find_enrolled, get_enrolled
from ccm_flow.app.time import About, NewEntry, add_entry, start_timer
from ccm_flow.app.time_errors import (
    ClashError,
    MonthClosedError,
    TimeRefusedError,
    TimerRunningError,
    TimerTooLongError,
    clash_text,
)
from ccm_flow.core.access import Permission
from ccm_flow.core.activities import ACTIVITIES, Activity
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.time_entries import LATE_AFTER
from ccm_flow.web.forms import in_clinic_time
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.step_form import read_minutes, read_moment
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Doing = Annotated[Visit, needs(Permission.DO_WORK)]


class Entered(BaseModel):
    """What somebody typed; kept as it is when something is wrong with it."""

    enrollment: str = Field(default="", max_length=80)
    activity: str = Field(default="", max_length=40)
    minutes: str = Field(default="", max_length=20)
    started: str = Field(default="", max_length=40)
    text: str = Field(default="", max_length=4000)
    late: str = Field(default="", max_length=500)
    what: str = "log"
    click: str = Field(default="", max_length=64)
    """Made when the form was shown, so that a form sent twice counts once."""


class _WrongError(Exception):
    """What speaks against an entry, all at once."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(*problems)
        self.problems = problems


@router.get("/work/other")
def show(request: Request, visit: Doing, enrollment: str = "", said: str = "") -> Response:
    """Show the form: first the patient, then the work."""
    chosen = _chosen(visit, enrollment) if enrollment else None
    return _page(request, visit, chosen, Entered(), said=said)


@router.post("/work/other/find")
def find(
    request: Request, visit: Doing, find: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """List patients that fit; the text is posted, so that no address holds a name."""
    found = find_enrolled(visit.parts.base.engine, _clinic(visit), find)
    return _page(request, visit, None, Entered(), find=find, found=found)


@router.post("/work/other")
def log(request: Request, visit: Doing, entered: Annotated[Entered, Form()]) -> Response:
    """Keep minutes that were worked, or start a timer."""
    if not entered.enrollment:
        return _page(request, visit, None, entered, problems=("Choose the patient first.",))
    chosen = _chosen(visit, entered.enrollment)
    try:
        _keep(visit, chosen, entered)
    except _WrongError as wrong:
        return _page(request, visit, chosen, entered, problems=wrong.problems)
    if entered.what == "timer":
        return go_to(request, "/time/timer")
    return go_to(request, "/work/other", said="logged")


def _keep(visit: Visit, chosen: Enrolled, entered: Entered) -> None:
    """Keep the work; raises `_WrongError` with every reason against it."""
    base, now = visit.parts.base, visit.parts.base.clock.now()
    store, about = SqlTimeStore(base.engine), About(chosen.clinic, chosen.enrollment)
    if entered.activity not in set(Activity):
        raise _WrongError(("What kind of work was it?",))
    activity, person = Activity(entered.activity), visit.visitor.person
    try:
        if entered.what == "timer":
            start_timer(store, about, person, activity, now=now)
            return
        began, seconds = _span(visit, chosen, entered, now)
        entry = NewEntry(
            about=about,
            person=person,
            activity=activity,
            started_at=began,
            seconds=seconds,
            reason=_reason(entered, late=now - began - timedelta(seconds=seconds) > LATE_AFTER),
            told_in=entered.click or None,
        )
        add_entry(store, entry, now)
    except TimerTooLongError:
        raise _WrongError(
            ("Another timer ran too long; say first when that work ended.",)
        ) from None
    except TimerRunningError:
        raise _WrongError(("A timer of yours is running. Stop it first.",)) from None
    except (TimeRefusedError, ClashError, MonthClosedError) as problem:
        raise _WrongError((_sentence(visit, chosen, problem),)) from problem


def _span(visit: Visit, chosen: Enrolled, entered: Entered, now: datetime) -> tuple[datetime, int]:
    minutes, problems = read_minutes(entered.minutes), []
    if minutes is None:
        problems.append("How many minutes did it take? Write a number up to 240.")
    moment = read_moment(entered.started) if entered.started.strip() else None
    if entered.started.strip() and moment is None:
        problems.append("When did it begin? Write a date and a time.")
    if not entered.text.strip():
        problems.append("What did you do?")
    if minutes is None or problems:
        raise _WrongError(tuple(problems))
    seconds = int(minutes * 60)
    if moment is None:
        return now - timedelta(seconds=seconds), seconds
    return in_clinic_time(visit.parts.base.record.clinic(chosen.clinic), moment), seconds


def _reason(entered: Entered, *, late: bool) -> str:
    """Put what was done and why it comes late in one; without the second it is refused."""
    text, why = entered.text.strip(), entered.late.strip()
    if not late:
        return text
    return f"{text} (entered late: {why})" if why else ""


def _sentence(visit: Visit, chosen: Enrolled, problem: CcmError) -> str:
    if isinstance(problem, ClashError):
        zone = clinic_zone(visit.parts.base.record.clinic(chosen.clinic).hours.time_zone)
        return f"It overlaps {clash_text(problem.clash, zone)}. Change the start or the length."
    if isinstance(problem, MonthClosedError):
        return f"{problem} Ask the biller to reopen it if the time belongs in it."
    return str(problem)


def _chosen(visit: Visit, enrollment: str) -> Enrolled:
    found = get_enrolled(visit.parts.base.engine, EnrollmentId(enrollment))
    if found is None:
        raise NotFoundError
    visit.at(found.clinic, Permission.DO_WORK)
    visit.saw(found.patient, found.clinic)
    return found


def _clinic(visit: Visit) -> ClinicId:
    if visit.clinic is None:
        raise NotFoundError
    return visit.at(visit.clinic, Permission.DO_WORK)


def _page(
    request: Request,
    visit: Visit,
    chosen: Enrolled | None,
    entered: Entered,
    *,
    problems: tuple[str, ...] = (),
    find: str = "",
    found: list[Enrolled] | None = None,
    said: str = "",
) -> Response:
    return page(
        request,
        "other_work",
        visit,
        status=422 if problems else 200,
        chosen=chosen,
        entered=entered,
        problems=problems,
        find=find,
        found=found,
        said=said,
        activities=ACTIVITIES,
    )
