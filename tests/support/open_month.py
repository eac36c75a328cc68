"""Opens the monthly cycle of an enrollment in the record, without a server."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.app.care import Click, Work
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import CycleOpened, StepCompleted
from ccm_flow.core.ids import (
    ClickId,
    CycleId,
    EnrollmentId,
    OutcomeId,
    RoleId,
    StepKey,
    cycle_id,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind, Recorded
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import transition
from tests.support.set_up import CLINIC, MONTH, person

TEAM = {
    "coordinator": "ann",
    "nurse": "nat",
    "practitioner": "pat",
    "biller": "bob",
    "program_lead": "lee",
}


def open_month(
    engine: Engine,
    enrollment: EnrollmentId,
    month: Month = MONTH,
    team: Mapping[str, str] = TEAM,
) -> CycleId:
    """Open a month; give its cycle."""
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, month, PlaybookKind.MONTHLY)
    start = CycleStart(
        cycle=cycle_id(enrollment, "monthly", str(month)),
        clinic=CLINIC,
        enrollment=enrollment,
        month=month,
        opens_at=calendar.start_of(month.first_day),
        team={RoleId(role): person(who) for role, who in team.items()},
        facts={},
        calendar=calendar,
        plan=record.plan_for(CLINIC, PlaybookKind.MONTHLY, month),
    )
    layout = MonthPlan.of(start)
    opened = advance(layout, open_cycle(start), CycleOpened(), layout.opens_at)
    write_transition(engine, transition(start, layout, CycleOpened(), opened, layout.opens_at))
    return start.cycle


def keep(
    engine: Engine,
    cycle: CycleId,
    work: Work,
    *,
    at: datetime,
    by: str = "ann",
    click: str = "c1",
    step: str = "outreach",
    outcome: str = "reached",
    records: tuple[Recorded, ...] = (),
) -> SqlCareRecord:
    """Keep what somebody did and wrote, as taken."""
    record = SqlCareRecord(engine)
    event = StepCompleted(StepKey(step), OutcomeId(outcome), person(by), RoleId("coordinator"))
    sent = Click(ClickId(click), cycle, person(by), event, StepKey(step), work, records)
    record.keep(sent, at)
    record.settle(sent.id, None)
    return record
