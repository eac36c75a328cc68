"""The clinic's month: where everybody stands, and what stops them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from ccm_flow.adapters.db.month_record import SqlMonthRecord
from ccm_flow.adapters.db.views_board import month_figures, open_steps, patient_months
from ccm_flow.adapters.db.views_funnel import enrolling
from ccm_flow.app.readiness import look_at_blockers
from ccm_flow.app.views_board import BoardRow, board_rows
from ccm_flow.bootstrap import month_place, readiness_of
from ccm_flow.core.access import Permission
from ccm_flow.core.board import RULES, TITLES, Column
from ccm_flow.core.drift import VALUE, Measure, change, last_months
from ccm_flow.core.minutes_at_risk import Week
from ccm_flow.web.month_page import (
    MonthPlace,
    ceiling,
    find_month,
    month_page,
    usual_month,
)
from ccm_flow.web.pages import go_to
from ccm_flow.web.paging import PageNumber, paged
from ccm_flow.web.visit import Visit, needs

router = APIRouter()
Seeing = Annotated[Visit, needs(Permission.SEE_MONTH)]
_MONTHS = 12
_VIEWS = frozenset({"readiness", "leaks", "drift", "scorecard", "billing"})


@router.get("/month")
def show_running(request: Request, visit: Seeing, to: str = "", view: str = "") -> Response:
    """Go to the running month, or to the one that was chosen."""
    place = usual_month(visit)
    address = place.address
    if to:
        address = find_month(visit, place.clinic.clinic, to).address
    return go_to(request, f"{address}/{view}" if view in _VIEWS else address)


@router.get("/clinics/{clinic}/months/{month}")
def show_board(
    request: Request,
    visit: Seeing,
    *,
    clinic: str,
    month: str,
    column: Annotated[str, Query()] = "",
    page: PageNumber = 1,
) -> Response:
    """Show the five columns of a month, and the patients of one of them."""
    place = find_month(visit, clinic, month)
    columns = _board(visit, place)
    chosen = Column(column) if column in set(Column) else _most_pressing(columns)
    return month_page(
        request,
        "month",
        visit,
        place,
        tab="",
        columns=columns,
        chosen=chosen,
        shown=paged(columns[chosen], page),
        rules=RULES,
        titles=TITLES,
        total=sum(len(rows) for rows in columns.values()),
    )


@router.get("/clinics/{clinic}/months/{month}/readiness")
def show_readiness(
    request: Request, visit: Seeing, clinic: str, month: str, page: PageNumber = 1
) -> Response:
    """Show what stops each patient's month, and the minutes at risk by week."""
    place = find_month(visit, clinic, month)
    report = readiness_of(visit.parts.base, place.clinic, place.month)
    return month_page(
        request,
        "month_readiness",
        visit,
        place,
        tab="readiness",
        report=report,
        held=paged([one for one in report.patients if one.blockers], page),
        top=ceiling(_highest(week) for week in report.weeks),
    )


@router.get("/clinics/{clinic}/months/{month}/drift")
def show_drift(request: Request, visit: Seeing, clinic: str, month: str) -> Response:
    """Show how the program does from month to month, up to this one."""
    place = find_month(visit, clinic, month)
    months = last_months(place.month, _MONTHS)
    figures = month_figures(visit.parts.base.engine, place.clinic.clinic, months, place.now)
    values = {measure: [VALUE[measure](one) for one in figures] for measure in Measure}
    return month_page(
        request,
        "month_drift",
        visit,
        place,
        tab="drift",
        figures=figures,
        counted=[(index, one) for index, one in enumerate(figures) if one.patients],
        values=values,
        changes={measure: change(figures, measure) for measure in Measure},
        tops={
            measure: 100.0
            if measure in (Measure.READY, Measure.ON_TIME)
            else ceiling([value for value in found if value is not None])
            for measure, found in values.items()
        },
    )


def _highest(week: Week) -> int:
    return max(week.documented_minutes, week.expected_minutes, week.at_risk_minutes)


def _board(visit: Visit, place: MonthPlace) -> dict[Column, list[BoardRow]]:
    """Read a month's board; who is on the way into the program is known for today only."""
    engine, clinic, month, now = (
        visit.parts.base.engine,
        place.clinic.clinic,
        place.month,
        place.now,
    )
    record, steps = SqlMonthRecord(engine), open_steps(engine, clinic, month)
    calendar = month_place(place.clinic, month)
    blocked = look_at_blockers(record, calendar, month, now, busy=steps.keys())
    months = patient_months(engine, clinic, month, record.minutes(clinic, month))
    on_the_way = () if place.is_over else enrolling(engine, clinic, now=now)
    return board_rows(months, blocked, steps, on_the_way, now=now, tonight=place.tonight)


def _most_pressing(columns: dict[Column, list[BoardRow]]) -> Column:
    if columns[Column.NEEDS_FOLLOW_UP]:
        return Column.NEEDS_FOLLOW_UP
    return next((column for column, rows in columns.items() if rows), Column.NEEDS_FOLLOW_UP)
