"""The demo's time bar. These routes do not exist outside a demo."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.demo.time_bar import Stride, move_ahead
from ccm_flow.web.pages import go_to
from ccm_flow.web.visit import NotFoundError, Signed

router = APIRouter()


@router.post("/demo/clock")
async def move_clock(
    request: Request,
    visit: Signed,
    stride: Annotated[Stride, Form()],
    back: Annotated[str, Form()] = "/work",
) -> Response:
    """Move all running months and the application's clock ahead together."""
    if visit.clinic is None:
        raise NotFoundError
    base = visit.parts.base
    desk, client = await visit.parts.desk(), await visit.parts.client()
    clinic = base.record.clinic(visit.clinic)
    await move_ahead(base, desk, TimeTravel(client), clinic, stride)
    return go_to(request, back if back.startswith("/") and "//" not in back else "/work")
