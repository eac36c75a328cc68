"""A recorded month, replayed: the same playbook gives the same month, another one shows why not."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord, team_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.projection import _ledger
from ccm_flow.adapters.db.recorded_months import closed_cycles, recorded_months
from ccm_flow.adapters.db.tables import LedgerEventRow
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import Advance, MonthPlan
from ccm_flow.core.events import Event
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.transition import transition
from ccm_flow.demo.happenings import happenings
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.rehearsal.habits import habits_of
from ccm_flow.rehearsal.observing import Seen
from ccm_flow.rehearsal.recorded import RecordedMonth
from ccm_flow.rehearsal.replay import Replayed, replay
from ccm_flow.rehearsal.stage import Stage
from tests.support.played_month import keep_months, play_month, start_of, values_of
from tests.support.set_up import CLINIC, MONTH, person, set_up_clinic

PATIENTS = 24
STAFF = replace(MONTHLY_STAFF, forgotten=0.2, late=0.2, reach=0.4)


def _months(engine: Engine) -> list[RecordedMonth]:
    """Record a month with late steps, escalations, a hospital stay, a death, and read it back."""
    enrollments = set_up_clinic(engine, PATIENTS)
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
    plan = record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    stories = happenings(MONTH, calendar, person("lee"))
    played = []
    for number, enrollment in enumerate(enrollments):
        with reading(engine) as session:
            team = team_of(session, enrollment)
        story = stories[number] if number < len(stories) else ()
        start = start_of(enrollment, plan, MONTH, calendar=calendar, team=team)
        told = [(one.at, one.event) for one in story]
        played.append(play_month(start, STAFF, f"1|{number}", told))
    keep_months(engine, played)
    cycles = closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY)
    assert len(cycles) == PATIENTS
    return list(recorded_months(engine, cycles, calendar))


def _lines(session: Session, month: RecordedMonth) -> list[dict[str, Any]]:
    query = (
        select(LedgerEventRow)
        .where(LedgerEventRow.cycle_id == month.cycle)
        .order_by(col(LedgerEventRow.sequence), col(LedgerEventRow.position))
    )
    return [values_of(row, "id") for row in session.exec(query)]


def test_the_same_playbook_gives_the_same_month_again(engine: Engine) -> None:
    months = _months(engine)
    calendar = month_calendar(
        SqlCareRecord(engine).clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY
    )
    seen = Seen()
    for month in months:
        seen.add(month, calendar)
    endings = {month.measured.disposition for month in months}
    assert {"ready", "not_ready", "withdrawn", "deceased"} <= endings

    for month in months:
        stage = Stage(month.plan, {}, habits_of(seen), 1)
        replayed, lines = _replay(stage, month, calendar)

        with reading(engine) as session:
            assert lines == _lines(session, month)
        assert replayed.month == month.measured


def _replay(
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
