"""Where the month loses work, minutes or evidence."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ccm_flow.adapters.db.views_leaks import leak_report
from ccm_flow.core.access import Permission
from ccm_flow.core.leaks import RULES, TITLES, Leak
from ccm_flow.web.month_page import find_month, month_page
from ccm_flow.web.paging import PageNumber, paged
from ccm_flow.web.visit import Visit, needs

router = APIRouter()


@router.get("/clinics/{clinic}/months/{month}/leaks")
def show_leaks(
    request: Request,
    visit: Annotated[Visit, needs(Permission.SEE_MONTH)],
    *,
    clinic: str,
    month: str,
    kind: Annotated[str, Query()] = "",
    page: PageNumber = 1,
) -> Response:
    """Show how many leaks of each kind there are, and the rows of one of them."""
    place = find_month(visit, clinic, month)
    report = leak_report(visit.parts.base.engine, place.clinic.clinic, place.month)
    fullest = next((leak for leak, rows in report.rows.items() if rows), Leak.UNDONE_STEPS)
    chosen = Leak(kind) if kind in set(Leak) else fullest
    return month_page(
        request,
        "month_leaks",
        visit,
        place,
        tab="leaks",
        report=report,
        chosen=chosen,
        shown=paged(report.rows[chosen], page),
        titles=TITLES,
        rules=RULES,
    )
