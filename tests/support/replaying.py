"""Replays a recorded month and writes its ledger as the projection would."""

from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.projection import _ledger
from ccm_flow.adapters.db.tables import LedgerEventRow
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import Advance, MonthPlan
from ccm_flow.core.events import Event
from ccm_flow.core.transition import transition
from ccm_flow.rehearsal.recorded import RecordedMonth
from ccm_flow.rehearsal.replay import Replayed, replay
from ccm_flow.rehearsal.stage import Stage
from tests.support.played_month import start_of, values_of


def recorded_lines(engine: Engine, month: RecordedMonth) -> list[dict[str, Any]]:
    """Give the ledger of a month as it was written."""
    query = (
        select(LedgerEventRow)
        .where(LedgerEventRow.cycle_id == month.cycle)
        .order_by(col(LedgerEventRow.sequence), col(LedgerEventRow.position))
    )
    with reading(engine) as session:
        return [values_of(row, "id") for row in session.exec(query)]


def replayed_lines(
    stage: Stage, month: RecordedMonth, calendar: WorkCalendar
) -> tuple[Replayed, list[dict[str, Any]]]:
    """Replay a month and write its ledger as the projection would."""
    layout = MonthPlan(stage.plan, calendar, month.month, month.opens_at)
    start = start_of(
        month.enrollment,
        stage.plan,
        month.month,
        calendar=calendar,
        team=month.team,
        facts=month.facts,
    )
    lines: list[dict[str, Any]] = []

    def watch(event: Event, done: Advance, at: datetime) -> None:
        made = transition(start, layout, event, done, at)
        lines.extend(values_of(row, "id") for row in _ledger(made))

    return replay(stage, month, layout, watch), lines
