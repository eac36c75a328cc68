"""
Patient-months for each CPU second on the pure engine, and what each shipped proof takes.

All times are CPU seconds of one core, for the machine has other work too; the median of several.
"""

import gc
import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.behaviour import Action, plan_action
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, wakes
from ccm_flow.core.events import AttemptMade, CycleOpened, Event, StepCompleted, TimePassed
from ccm_flow.core.expressions import holds
from ccm_flow.core.facts import DEFAULTS
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStart, StepState
from ccm_flow.demo.run import load_playbook
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.language.overlay_files import resolve_file
from ccm_flow.proof import Setting, prove

_PATIENTS = 300
_ROUNDS = 5
_FEW, _MANY = 1_000, 10_000
"""Patients of a small and a large program, to see whether each costs the same."""
Decided = dict[StepKey, tuple[StepState, Action | None]]
"""What is done about each opening of a step, and for which state of it that was decided."""
Life = list[tuple[Event, datetime]]
_READY = {"consent": True, "care_plan": True, "conditions": 3, "coverage": True}


def main() -> None:
    """Measure and print."""
    start = _start()
    layout = MonthPlan.of(start)
    lives = [_live(layout, start, f"patient {number}") for number in range(_PATIENTS)]
    events = sum(map(len, lives))
    gc.freeze()  # as a worker does: what is there already is none of the engine's work
    engine = _cpu(lambda: [_replay(layout, start, life) for life in lives])
    plain = _cpu(lambda: [_plain(len(life)) for life in lives])
    staffed = _cpu(lambda: [_live(layout, start, f"patient {n}") for n in range(_PATIENTS)])
    print(
        f"patient-months per CPU second: {_PATIENTS / engine:,.0f} on the engine alone "
        f"(aim: at least 2,000), {_PATIENTS / staffed:,.0f} with simulated staff "
        f"({events / _PATIENTS:.1f} events a month)"
    )
    print(f"one event: {engine / plain:.1f} times the copy of a state in plain Python")
    _linearity(layout, start)
    _conditions()
    _proofs()


def _linearity(layout: MonthPlan, start: CycleStart) -> None:
    """Play a small and a large program with all that happened kept, and compare one patient."""
    each = []
    for count in (_FEW, _MANY):
        began = time.process_time()
        kept = [_live(layout, start, f"patient {number}") for number in range(count)]
        each.append((time.process_time() - began) / len(kept))
    few, many = each
    print(
        f"one patient's month with staff: {few * 1e6:,.0f} µs of {_FEW:,}, "
        f"{many * 1e6:,.0f} µs of {_MANY:,}; ratio {many / few:.2f} (1 is linear)"
    )


def _cpu(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times)


def _replay(layout: MonthPlan, start: CycleStart, life: Life) -> None:
    state = open_cycle(start)
    for event, at in life:
        state = advance(layout, state, event, at).state
        wakes(layout, state)


def _plain(events: int) -> None:
    """Do for each event what no engine can do without: copy twelve steps of seventeen values."""
    steps = {number: tuple(range(17)) for number in range(12)}
    for number in range(events):
        steps = dict(steps)
        steps[number % 12] = (*steps[number % 12],)
        {key: value for key, value in steps.items() if value[0] == 0}


def _proofs() -> None:
    """Prove every shipped playbook and give the CPU seconds it takes."""
    month, folder = Month(2026, 12), shipped("playbooks")
    for file in sorted([*folder.glob("*.yaml"), *folder.glob("clinics/*.yaml")]):
        if file.name.endswith(".tests.yaml"):
            continue
        plan = resolve_file(file, [folder]).plan
        assert plan is not None
        calendar = month_calendar(ClinicHours("America/New_York"), month, plan.kind)
        began = time.process_time()
        proof = prove(plan, Setting(month, calendar))
        spent = time.process_time() - began
        print(f"proof of {file.stem}: {spent:.1f} s (aim: under 10), {proof.states:,} states")


def _conditions() -> None:
    """Time one evaluation of a typical condition."""
    condition = ("and", ("<", ("fact", "minutes"), 20), (">", ("fact", "days_left"), 3))
    facts, rounds = {**DEFAULTS, "minutes": 10, "days_left": 5}, 100_000
    began = time.process_time()
    for _ in range(rounds):
        holds(condition, facts)
    each = (time.process_time() - began) / rounds
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


def _decide(decided: Decided, layout: MonthPlan, step: StepState, key: str) -> Action | None:
    """Decide once for each state of a step what its owner does, as people do."""
    known = decided.get(step.key)
    if known is None or known[0] is not step:
        plan = layout.plan.by_id[step.step]
        known = step, plan_action(MONTHLY_STAFF, plan, step, layout.calendar, key)
        decided[step.key] = known
    return known[1]


def _live(layout: MonthPlan, start: CycleStart, key: str) -> Life:
    """Play one patient's month with simulated staff; gives what happened."""
    state = advance(layout, open_cycle(start), CycleOpened(), layout.opens_at).state
    minutes, now = timedelta(0), layout.opens_at
    life: Life = [(CycleOpened(), now)]
    decided: Decided = {}
    while state.ending is None:
        wake = min(wake.at for wake in wakes(layout, state).values())
        planned = [
            (action, step)
            for step in state.open_steps
            if (action := _decide(decided, layout, step, key)) is not None
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
        life.append((event, now))
    return life
