"""A simulated month and the same month played on a real server are the same, step by step."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Engine
from temporalio.client import Client

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.simulation_files import default_behaviour
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.act import Desk
from ccm_flow.app.care import OpenEnrollment
from ccm_flow.app.open_month import cycle_start
from ccm_flow.core.credentials import Credential
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.ids import cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleState
from ccm_flow.demo.happenings import happenings
from ccm_flow.demo.player import Part, Player
from ccm_flow.rehearsal.life import Life, play_unbounded
from ccm_flow.rehearsal.stories import Told
from tests.support.billed import ELM, person, set_up
from tests.support.set_up import MovableClock

MONTH = Month(2037, 12)
"""Ahead of any server's clock; the weekdays are those of 2026."""
PATIENTS = 8
CREDENTIALS = {
    person("ann"): Credential.MA,
    person("nat"): Credential.RN,
    person("pat"): Credential.PHYSICIAN,
    person("bob"): Credential.NONE,
    person("lee"): Credential.RN,
}
"""As the clinic of `tests.support.billed` has them."""
SEED = 11


async def test_a_month_on_the_server_is_the_month_that_was_simulated(
    desk: Desk, engine: Engine, own_client: Client, clock: MovableClock
) -> None:
    set_up(engine, PATIENTS)
    hours = desk.record.clinic(ELM).hours
    calendar = month_calendar(hours, MONTH, PlaybookKind.MONTHLY)
    clock.instant = calendar.start_of(MONTH.first_day)
    plan = desk.record.plan_for(ELM, PlaybookKind.MONTHLY, MONTH)
    layout = MonthPlan(plan, calendar, MONTH, clock.instant)
    waiting = desk.record.to_open(ELM, PlaybookKind.MONTHLY, MONTH, clock.instant)
    told = happenings(MONTH, calendar, person("lee"))
    stories = dict(zip((one.enrollment for one in waiting), told, strict=False))
    parts = [
        Part(
            cycle_id(one.enrollment, "monthly", str(MONTH)),
            f"monthly|{number}",
            layout,
            default_behaviour().behaviour,
            stories.get(one.enrollment, ()),
        )
        for number, one in enumerate(waiting)
    ]
    await desk.flow.open_month(ELM, MONTH)
    player = Player(desk, TimeTravel(own_client), SEED)
    end = layout.closes_at + timedelta(days=1)
    while clock.instant < end:
        clock.instant += timedelta(days=1)
        await player.play(parts, clock.instant)
    played = [await desk.flow.state(part.cycle) for part in parts]
    simulated = [
        _simulate(desk, layout, one, part) for one, part in zip(waiting, parts, strict=True)
    ]
    assert {one.ending.disposition for one in played if one.ending} >= {"ready", "deceased"}
    for real, made in zip(played, simulated, strict=True):
        assert _told(made) == _told(real)


def _simulate(desk: Desk, layout: MonthPlan, one: OpenEnrollment, part: Part) -> CycleState:
    clinic = desk.record.clinic(ELM)
    calendar, opens = layout.calendar, layout.opens_at
    start = cycle_start(clinic, one, layout.plan, MONTH, calendar=calendar, opens_at=opens)
    story = [Told(happening.at, happening.event) for happening in part.story]
    life = Life(start, layout, part.behaviour, key=f"{SEED}|{part.key}", story=story)
    play_unbounded(life, CREDENTIALS)
    return life.state


def _told(state: CycleState) -> list[object]:
    """Give what happened in a month: each step, its owner, deadline, rungs, tries and end."""
    steps: list[object] = [
        (
            step.key,
            step.status,
            step.outcome,
            step.owner,
            step.ended_by,
            step.rungs_passed,
            [(one.result, one.channel, one.by, _minute(one.at)) for one in step.attempts],
            [_minute(at) for at in (step.opened_at, step.due_at, step.ended_at)],
            step.because,
        )
        for step in sorted(state.steps.values(), key=lambda step: step.key)
    ]
    ending = state.ending
    return [*steps, ending and replace(ending, at=_minute(ending.at)), state.facts]


def _minute(at: datetime | None) -> datetime | None:
    """Drop what a machine's speed adds: a server's clock runs on while it works."""
    return at and at.replace(second=0, microsecond=0)
