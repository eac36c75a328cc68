"""The end of a working day: what is open, what was promised, what comes first tomorrow."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.digest_store import tasks_of
from ccm_flow.adapters.db.views_work import work_list
from ccm_flow.app.digests import AHEAD, shares, tomorrow_ends
from ccm_flow.app.worklist import Wanted
from ccm_flow.core.access import Permission
from ccm_flow.core.digest import digest_of
from ccm_flow.web.pages import page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_WORK)]


@router.get("/digest")
def show_digest(request: Request, visit: Seeing) -> Response:
    """Show the person's own digest as of now."""
    if visit.clinic is None:
        raise NotFoundError
    clinic = visit.parts.base.record.clinic(visit.at(visit.clinic, Permission.SEE_WORK))
    engine, me, now = visit.parts.base.engine, visit.visitor.person, visit.parts.base.clock.now()
    zone = clinic_zone(clinic.hours.time_zone)
    today = now.astimezone(zone).date()
    calendar = build_calendar(clinic.hours, today - timedelta(days=1), today + AHEAD)
    ends = tomorrow_ends(calendar, now)
    tasks = tasks_of(engine, clinic.clinic, me, now)
    listed = work_list(engine, clinic, Wanted(owner=me), now)
    rows = [
        row for group in listed.groups.values() for row in group if (row.cycle, row.key) in tasks
    ]
    digest = digest_of([tasks[row.cycle, row.key] for row in rows], now, ends)
    return page(
        request,
        "digest",
        visit,
        clinic_name=clinic.name,
        shares=[(title, [rows[number] for number in numbers]) for title, numbers in shares(digest)],
        tomorrow_ends=ends,
        zone=zone,
        now=now,
    )
