"""What running cycles write is the same on both databases, however often it is written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.db.views import month_report, patient_month, queue
from ccm_flow.app.care import Click, Work
from ccm_flow.app.views import MonthState
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import CycleOpened, Event, StepCompleted, TimePassed, Triggered
from ccm_flow.core.ids import (
    ClickId,
    EnrollmentId,
    OutcomeId,
    RoleId,
    StepKey,
    cycle_id,
)
from ccm_flow.core.plan import PlaybookKind, Recorded, Trigger, Urgency
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import Transition, transition
from tests.support.set_up import CLINIC, MONTH, NOW, person, set_up_clinic

ROLES = {
    "coordinator": "ann",
    "nurse": "nat",
    "practitioner": "pat",
    "biller": "bob",
    "program_lead": "lee",
}


@pytest.fixture
def start(engine: Engine) -> CycleStart:
    """Describe the month of the clinic's one patient."""
    (enrollment,) = set_up_clinic(engine)
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
    return CycleStart(
        cycle=cycle_id(enrollment, "monthly", str(MONTH)),
        clinic=CLINIC,
        enrollment=enrollment,
        month=MONTH,
        opens_at=calendar.start_of(MONTH.first_day),
        team={RoleId(role): person(who) for role, who in ROLES.items()},
        facts={"consent": True, "care_plan": True, "conditions": 3, "coverage": True},
        calendar=calendar,
        plan=record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH),
    )


def life(start: CycleStart) -> Iterator[Transition]:
    """Play a month: work, an escalation, deadlines that pass, the close."""
    layout = MonthPlan.of(start)
    state, at = open_cycle(start), layout.opens_at
    day = timedelta(days=1)
    events: list[tuple[timedelta, Event]] = [
        (timedelta(0), CycleOpened()),
        (timedelta(hours=10), _done("prepare", "prepared", "coordinator")),
        (day, Triggered(Trigger.ESCALATION, person("ann"), "swelling", Urgency.URGENT)),
        (day, _done("clinical_escalation", "answered", "practitioner")),
        *((day * number, TimePassed()) for number in range(3, 45)),
    ]
    for after, event in events:
        at = max(at, layout.opens_at + after)
        result = advance(layout, state, event, at)
        if not result.commands and state.ending is not None:
            return
        state = result.state
        yield transition(start, layout, event, result, at)


def _done(step: str, outcome: str, role: str) -> StepCompleted:
    return StepCompleted(
        StepKey(step), OutcomeId(outcome), person(ROLES[role]), RoleId(role), facts={"minutes": 7}
    )


def rows(engine: Engine, table: str) -> int:
    with reading(engine) as session:
        query = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
        return int(session.connection().execute(query).scalar_one())


TABLES = ("cycle", "step", "attempt", "escalation", "message", "ledger_event")


def test_a_life_written_twice_is_written_once(engine: Engine, start: CycleStart) -> None:
    for done in life(start):
        write_transition(engine, done)
    before = {table: rows(engine, table) for table in TABLES}
    for done in life(start):
        write_transition(engine, done)
    assert {table: rows(engine, table) for table in TABLES} == before
    assert before["cycle"] == before["escalation"] == 1
    assert before["message"] > 3


def test_the_views_show_what_was_written(engine: Engine, start: CycleStart) -> None:
    transitions = list(life(start))
    for done in transitions[:5]:
        write_transition(engine, done)
    now = transitions[4].at
    listed = queue(engine, CLINIC, now=now)
    assert {row.key for row in listed.steps} >= {"outreach", "medication_review", "relay_answer"}
    for done in transitions[5:]:
        write_transition(engine, done)
    later = transitions[-1].at
    (row,) = month_report(engine, CLINIC, MONTH, PlaybookKind.MONTHLY, now=later).rows
    assert row.state is MonthState.NOT_READY
    assert row.steps.missed > 0
    view = patient_month(engine, start.enrollment, MONTH, now=later, kind=PlaybookKind.MONTHLY)
    assert view.cycle is not None
    assert view.cycle.disposition == "not_ready"
    assert len(view.timeline) > 10


def test_records_wait_for_the_click_to_be_taken(engine: Engine, start: CycleStart) -> None:
    write_transition(engine, next(life(start)))
    record = SqlCareRecord(engine)
    click = Click(
        ClickId("c1"),
        start.cycle,
        person("ann"),
        replace(_done("fix_consent", "recorded", "coordinator"), facts=None),
        StepKey("fix_consent"),
        Work(time=timedelta(minutes=6), note="Explained and agreed."),
        (Recorded.CONSENT,),
    )
    record.keep(click, NOW)
    record.keep(click, NOW)
    assert not _facts(record, start.enrollment)["consent"]
    assert [pending.id for pending in record.pending(NOW + timedelta(minutes=1))] == ["c1"]
    record.settle(click.id, None)
    record.settle(click.id, "too late to refuse")
    facts = _facts(record, start.enrollment)
    assert facts["consent"]
    assert facts["unsigned_notes"] == 1
    assert rows(engine, "consent") == rows(engine, "time_entry") == rows(engine, "note") == 1
    assert record.pending(NOW + timedelta(minutes=1)) == []


def _facts(record: SqlCareRecord, enrollment: EnrollmentId) -> dict[str, object]:
    return dict(record.facts(enrollment, MONTH, NOW))
