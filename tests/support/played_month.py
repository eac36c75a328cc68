"""
Plays whole months on the engine and keeps them as running cycles would have, all in one go.

Only what a rehearsal reads is written: cycles, ledger, facts and time. Simulated staff act as in
the demo, some moments after the clock's full minutes.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import SQLModel

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.projection import _latest_steps, _learned, _ledger, _step_row
from ccm_flow.adapters.db.tables import (
    CycleFactRow,
    CycleRow,
    LedgerEventRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.activities import Activity
from ccm_flow.core.behaviour import Behaviour, plan_action
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, refuse, wakes
from ccm_flow.core.events import (
    AttemptMade,
    CycleOpened,
    Event,
    PersonEvent,
    StepCompleted,
    TimePassed,
)
from ccm_flow.core.facts import FactValue
from ccm_flow.core.ids import EnrollmentId, PersonId, RoleId, StepKey, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import Transition, transition
from tests.support.set_up import CLINIC

GOOD: Mapping[str, FactValue] = {
    "consent": True,
    "care_plan": True,
    "conditions": 3,
    "coverage": True,
    "initiating_visit": True,
}


@dataclass(frozen=True)
class Worked:
    """One time entry."""

    step: StepKey
    person: PersonId
    began: datetime
    takes: timedelta


@dataclass(frozen=True)
class Played:
    """One patient's month."""

    start: CycleStart
    transitions: tuple[Transition, ...]
    worked: tuple[Worked, ...]


def play_month(
    start: CycleStart,
    behaviour: Behaviour,
    key: str,
    story: Sequence[tuple[datetime, PersonEvent]] = (),
    lag: timedelta = timedelta(milliseconds=40),
) -> Played:
    """Play one month to its end; the server looks at the clock `lag` after something fell due."""
    layout = MonthPlan.of(start)
    state, done = open_cycle(start), []
    worked: list[Worked] = []
    told = sorted(story, key=lambda pair: pair[0])

    def take(event: Event, at: datetime) -> None:
        nonlocal state
        result = advance(layout, state, event, at)
        state = result.state
        done.append(transition(start, layout, event, result, at))

    now = layout.opens_at + lag
    take(CycleOpened(), now)
    while state.ending is None:
        wake = min(wake.at for wake in wakes(layout, state).values()) + lag
        planned = []
        for step in state.open_steps:
            spec = layout.plan.step_of(step.step, step.risk)
            action = plan_action(behaviour, spec, step, layout.calendar, key)
            if action is not None and step.due_at is not None:
                planned.append((max(now, action.at) + lag, action, step, spec))
        first = min(planned, key=lambda one: one[0], default=None)
        if told and told[0][0] <= min(wake, first[0] if first else wake):
            at, event = told.pop(0)
            now = max(now, at)
            if refuse(layout, state, event, now) is None:
                take(event, now)
        elif first is not None and first[0] <= wake:
            now, action, step, spec = first
            worked.append(Worked(step.key, step.owner.person, now - action.takes, action.takes))
            facts = {"minutes": _minutes(worked)}
            kind = AttemptMade if spec.takes_result(action.result) else StepCompleted
            take(
                kind(step.key, action.result, step.owner.person, step.owner.role, facts=facts), now
            )
        else:
            now = max(now, wake)
            take(TimePassed({"minutes": _minutes(worked)}), now)
    return Played(start, tuple(done), tuple(worked))


def _minutes(worked: Iterable[Worked]) -> int:
    return int(sum(one.takes.total_seconds() for one in worked)) // 60


def start_of(
    enrollment: EnrollmentId,
    plan: Plan,
    month: Month,
    *,
    calendar: WorkCalendar,
    team: Mapping[RoleId, PersonId],
    facts: Mapping[str, FactValue] = GOOD,
) -> CycleStart:
    """Describe a cycle that starts with its month."""
    return CycleStart(
        cycle=cycle_id(enrollment, "monthly", str(month)),
        clinic=CLINIC,
        enrollment=enrollment,
        month=month,
        opens_at=calendar.start_of(month.first_day),
        team=team,
        facts=facts,
        calendar=calendar,
        plan=plan,
    )


def keep_months(engine: Engine, months: Iterable[Played]) -> None:
    """Write months as the projection writes them, many at once."""
    with writing(engine) as session:
        for batch in _batches(months, 500):
            tables = {
                CycleRow: [],
                LedgerEventRow: [],
                CycleFactRow: [],
                StepRow: [],
                TimeEntryRow: [],
            }
            for played in batch:
                for table, rows in _rows(played).items():
                    tables[table] += rows
            for table, rows in tables.items():
                if rows:
                    session.execute(insert(table), rows)


def _batches(months: Iterable[Played], size: int) -> Iterable[list[Played]]:
    batch: list[Played] = []
    for one in months:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _rows(played: Played) -> dict[type, list[dict[str, object]]]:
    last = played.transitions[-1]
    assert last.ending is not None
    cycle = CycleRow(
        id=last.cycle,
        clinic_id=last.clinic,
        enrollment_id=last.enrollment,
        kind=last.kind,
        month=last.month,
        number=1,
        playbook_sha256=last.playbook_sha256,
        status=last.status,
        disposition=last.ending.disposition.value,
        because=last.ending.because,
        facts=dict(last.facts),
        opened_at=last.opened_at,
        closes_at=last.closes_at,
        ended_at=last.ending.at,
        sequence=last.sequence,
    )
    ledger, facts, before = [], [], None
    for done in played.transitions:
        ledger += [values_of(row, without="id") for row in _ledger(done)]
        learned = _learned(done, before)
        if learned:
            facts.append({"cycle_id": done.cycle, "sequence": done.sequence, "facts": learned})
        before = CycleRow.model_construct(facts=dict(done.facts))
    commands = tuple(command for done in played.transitions for command in done.commands)
    steps = [_step_row(last, played.start.plan, step) for step in _latest_steps(commands)]
    entries = [_entry(played.start, one) for one in played.worked]
    return {
        CycleRow: [values_of(cycle)],
        LedgerEventRow: ledger,
        CycleFactRow: facts,
        StepRow: [values_of(step) for step in steps],
        TimeEntryRow: entries,
    }


def values_of(row: SQLModel, without: str = "") -> dict[str, Any]:
    """Give a row's values as they are."""
    names = (name for name in type(row).model_fields if name != without)
    return {name: getattr(row, name) for name in names}


def _entry(start: CycleStart, one: Worked) -> dict[str, object]:
    row = TimeEntryRow(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"{start.cycle}{one.began}{one.step}").hex,
        clinic_id=start.clinic,
        enrollment_id=start.enrollment,
        cycle_id=start.cycle,
        step_key=one.step,
        person_id=one.person,
        activity=next(iter(Activity)),
        started_at=one.began,
        seconds=int(one.takes.total_seconds()),
        month=start.month,
        source=TimeSource.SIMULATED,
        entered_at=one.began + one.takes,
        program="CCM",
        entered_by=one.person,
    )
    return values_of(row)
