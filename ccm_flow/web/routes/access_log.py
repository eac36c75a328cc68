"""The access log: who looked at whom and when."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.views import staff_of
from ccm_flow.adapters.db.views_access_log import PAGE, access_log
from ccm_flow.app.access_log import LogKind, LogWanted
from ccm_flow.app.care import ClinicView
from ccm_flow.core.access import AccessRole, Permission
from ccm_flow.core.ids import PatientId, PersonId
from ccm_flow.web.forms import in_clinic_time
from ccm_flow.web.pages import page
from ccm_flow.web.reach import places_within
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Reading = Annotated[Visit, needs(Permission.SEE_ACCESS_LOG)]


def _or_none(text: Any) -> Any:
    """Take an empty field of a form as none."""
    return None if text == "" else text


Day = Annotated[date | None, BeforeValidator(_or_none)]
Kind = Annotated[LogKind | None, BeforeValidator(_or_none)]


class LogLooking(BaseModel):
    """What the filters say."""

    kind: Kind = None
    person: str = ""
    patient: str = ""
    since: Day = None
    until: Day = None
    everywhere: bool = False
    start: int = Field(default=0, ge=0, le=10_000_000)


@router.get("/access-log")
def show_log(request: Request, visit: Reading, looking: Annotated[LogLooking, Query()]) -> Response:
    """Show the log of the clinic; administrators may see all of it."""
    if visit.clinic is None:
        raise NotFoundError
    clinic = visit.at(visit.clinic, Permission.SEE_ACCESS_LOG)
    view = visit.parts.base.record.clinic(clinic)
    may_see_all = AccessRole.ADMINISTRATOR in visit.visitor.everywhere
    wanted = LogWanted(
        clinics=(clinic,),
        everywhere=looking.everywhere and may_see_all,
        kind=looking.kind,
        person=PersonId(looking.person) or None,
        patient=PatientId(looking.patient) or None,
        since=_begins(view, looking.since),
        until=_begins(view, looking.until, timedelta(days=1)),
        places=places_within(visit, Permission.SEE_ACCESS_LOG),
    )
    engine = visit.parts.base.engine
    seeing = visit.visitor.clinics(Permission.SEE_PATIENTS)
    found = access_log(engine, wanted, start=looking.start, patients_at=seeing)
    return page(
        request,
        "access_log",
        visit,
        lines=found[:PAGE],
        more=looking.start + PAGE if len(found) > PAGE else None,
        page_size=PAGE,
        may_see_all=may_see_all,
        staff=staff_of(engine, clinic),
        kinds=list(LogKind),
        zone=clinic_zone(view.hours.time_zone),
        now=visit.parts.wall.now(),
        clinic_name=view.name,
        looking=looking,
        query={
            name: value
            for name, value in looking.model_dump(mode="json").items()
            if value and name != "start"
        },
    )


def _begins(
    clinic: ClinicView, day: date | None, later: timedelta = timedelta(0)
) -> datetime | None:
    """Give the instant at which a day begins at the clinic."""
    return None if day is None else in_clinic_time(clinic, datetime.combine(day, time()) + later)
