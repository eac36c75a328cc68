"""A month that ran on a real server is replayed from its record, line by line."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine
from temporalio.client import Client

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.recorded_months import closed_cycles, recorded_months
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.act import Desk
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.ids import cycle_id
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.happenings import happenings
from ccm_flow.demo.player import Part, Player
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.rehearsal.habits import habits_of
from ccm_flow.rehearsal.observing import Seen
from ccm_flow.rehearsal.stage import Stage
from tests.support.replaying import recorded_lines, replayed_lines
from tests.support.set_up import CLINIC, MONTH, MovableClock, person, set_up_clinic

STAFF = replace(MONTHLY_STAFF, forgotten=0.2, late=0.2, reach=0.4)


async def test_what_ran_on_the_server_is_replayed_exactly(
    desk: Desk, engine: Engine, clock: MovableClock, own_client: Client
) -> None:
    enrollments = set_up_clinic(engine, patients=5)
    calendar = month_calendar(desk.record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
    clock.instant = calendar.start_of(MONTH.first_day)
    await desk.flow.open_month(CLINIC, MONTH)
    plan = desk.record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    layout = MonthPlan(plan, calendar, MONTH, clock.instant)
    stories = [*happenings(MONTH, calendar, person("lee")), ()]
    parts = [
        Part(
            cycle=cycle_id(one, "monthly", str(MONTH)),
            key=f"patient {number}",
            layout=layout,
            behaviour=STAFF,
            story=stories[number],
        )
        for number, one in enumerate(enrollments)
    ]
    until = calendar.start_of(MONTH.last_day + timedelta(days=14))
    await Player(desk, TimeTravel(own_client), seed=1).play(parts, until)

    cycles = closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY)
    assert len(cycles) == len(enrollments)
    for month in recorded_months(engine, cycles, calendar):
        stage = Stage(month.plan, {}, habits_of(Seen()), 1)
        replayed, lines = replayed_lines(stage, month, calendar)

        assert lines == recorded_lines(engine, month)
        assert replayed.month == month.measured
