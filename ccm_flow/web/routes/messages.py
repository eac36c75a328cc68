"""What the playbooks told a person: reminders, notices, steps given and taken."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.message_store import PAGE, mark_read, messages
from ccm_flow.core.access import Permission
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_WORK)]


class MessageLooking(BaseModel):
    """Which messages somebody wants to see."""

    every: bool = False
    start: int = Field(default=0, ge=0, le=1_000_000)


@router.get("/messages")
def show_messages(
    request: Request, visit: Seeing, looking: Annotated[MessageLooking, Query()]
) -> Response:
    """Show what is new, or everything."""
    if visit.clinic is None:
        raise NotFoundError
    parts, now = visit.parts, visit.parts.base.clock.now()
    found = messages(
        parts.base.engine,
        visit.visitor.person,
        visit.visitor.clinics(Permission.SEE_WORK),
        start=looking.start,
        new_only=not looking.every,
    )
    told = {one.alert for one in found[:PAGE] if one.alert is not None}
    SqlAlerts(parts.base.engine).note_shown(told, visit.visitor.person, now)
    return page(
        request,
        "messages",
        visit,
        messages=found[:PAGE],
        more=looking.start + PAGE if len(found) > PAGE else None,
        every=looking.every,
        start=looking.start,
        page_size=PAGE,
        zone=clinic_zone(parts.base.record.clinic(visit.clinic).hours.time_zone),
        now=now,
        newest=max((line.sent_at for line in found), default=now).isoformat(),
    )


@router.get("/messages/count")
def show_count(request: Request, visit: Seeing) -> Response:
    """Show the number in the header alone, for a page that brings itself up to date."""
    return page(request, "messages_count", visit)


@router.post("/messages/read")
def read(request: Request, visit: Seeing, message: Annotated[str, Form()]) -> Response:
    """Mark one message as read."""
    mark_read(
        visit.parts.base.engine,
        visit.visitor.person,
        visit.parts.base.clock.now(),
        message=message,
    )
    return go_to(request, "/messages")


@router.post("/messages/read-all")
def read_all(request: Request, visit: Seeing, until: Annotated[datetime, Form()]) -> Response:
    """Mark everything as read that the page showed; what came meanwhile stays new."""
    mark_read(
        visit.parts.base.engine,
        visit.visitor.person,
        visit.parts.base.clock.now(),
        until=until if until.tzinfo else until.replace(tzinfo=UTC),
    )
    return go_to(request, "/messages")
