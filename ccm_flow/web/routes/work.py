"""My work: what is open, the most pressing first."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.adapters.db.views import queue
from ccm_flow.core.access import Permission
from ccm_flow.web.pages import page
from ccm_flow.web.visit import Visit, needs

router = APIRouter()


@router.get("/work")
def show_work(
    request: Request, visit: Annotated[Visit, needs(Permission.SEE_WORK)], whose: str = "mine"
) -> Response:
    """Show the open steps of the clinic: one's own, or everybody's."""
    view = None
    if visit.clinic is not None:
        owner = visit.visitor.person if whose == "mine" else None
        now = visit.parts.base.clock.now()
        view = queue(visit.parts.base.engine, visit.clinic, now=now, owner=owner)
    return page(request, "work", visit, view=view, whose=whose)
