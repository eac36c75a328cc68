"""All clinics that somebody may see, on one page, the most pressing first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ccm_flow.adapters.db.views_clinics import clinics_now
from ccm_flow.app.clinics_view import in_order
from ccm_flow.core.access import Permission
from ccm_flow.core.ids import OrganizationId
from ccm_flow.web.pages import page
from ccm_flow.web.visit import Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_MONTH)]


@router.get("/vendor")
def show(
    request: Request,
    visit: Seeing,
    organization: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Show the clinics whose months the person may see; of one organization when it is named."""
    base = visit.parts.base
    wanted = OrganizationId(organization) if organization else None
    clinics = visit.visitor.clinics(Permission.SEE_MONTH)
    now, memory = base.clock.now(), visit.parts.bills
    lines = in_order(clinics_now(base.engine, clinics, now, wanted, memory))
    return page(request, "vendor", visit, lines=lines, section="/vendor", organization=wanted)
