"""Patient-months for each second on the pure engine, with the shipped monthly playbook."""

import time
from datetime import timedelta

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.behaviour import plan_action
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, wakes
from ccm_flow.core.events import AttemptMade, CycleOpened, Event, StepCompleted, TimePassed
from ccm_flow.core.expressions import holds
from ccm_flow.core.facts import DEFAULTS
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart
from ccm_flow.demo.run import load_playbook
from ccm_flow.demo.staff import MONTHLY_STAFF

_SECONDS = 3.0
_READY = {"consent": True, "care_plan": True, "conditions": 3, "coverage": True}


def main() -> None:
    """Measure and print."""
    start = _start()
    layout = MonthPlan.of(start)
    events = _live(layout, start, "warm-up")
    months, began = 0, time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        _live(layout, start, f"patient {months}")
        months += 1
    rate = months / (time.perf_counter() - began)
    print(f"patient-months per second and core: {rate:.0f} (a month has about {events} events)")
    _conditions()


def _conditions() -> None:
    """Time one evaluation of a typical condition."""
    condition = ("and", ("<", ("fact", "minutes"), 20), (">", ("fact", "days_left"), 3))
    facts, rounds = {**DEFAULTS, "minutes": 10, "days_left": 5}, 100_000
    began = time.perf_counter()
    for _ in range(rounds):
        holds(condition, facts)
    each = (time.perf_counter() - began) / rounds
    print(f"one condition: {each * 1e6:.2f} µs (aim: under 3)")


def _start() -> CycleStart:
    plan, _ = load_playbook(shipped("playbooks") / "ccm_monthly.yaml")
    month = Month(2026, 12)
    calendar = month_calendar(ClinicHours("America/New_York"), month, PlaybookKind.MONTHLY)
    return CycleStart(
        cycle=CycleId("c"),
        clinic=ClinicId("k"),
        enrollment=EnrollmentId("e"),
        month=month,
        opens_at=calendar.start_of(month.first_day),
        team={role.id: PersonId(role.id) for role in plan.roles},
        facts=_READY,
        calendar=calendar,
        plan=plan,
    )


def _live(layout: MonthPlan, start: CycleStart, key: str) -> int:
    """Play one patient's month with simulated staff; gives the number of events."""
    state = advance(layout, open_cycle(start), CycleOpened(), layout.opens_at).state
    minutes, events, now = timedelta(0), 1, layout.opens_at
    while state.ending is None:
        wake = min(wake.at for wake in wakes(layout, state).values())
        planned = [
            (action, step)
            for step in state.open_steps
            if (
                action := plan_action(
                    MONTHLY_STAFF, layout.plan.by_id[step.step], step, layout.calendar, key
                )
            )
        ]
        first = min(planned, key=lambda pair: pair[0].at, default=None)
        event: Event = TimePassed()
        if first is None or first[0].at > wake:
            now = wake
        else:
            action, step = first
            now, minutes = max(now, action.at), minutes + action.takes
            facts = {"minutes": int(minutes.total_seconds()) // 60}
            kind = (
                AttemptMade
                if layout.plan.by_id[step.step].takes_result(action.result)
                else StepCompleted
            )
            event = kind(step.key, action.result, step.owner.person, step.owner.role, facts=facts)
        state = advance(layout, state, event, now).state
        events += 1
    return events
