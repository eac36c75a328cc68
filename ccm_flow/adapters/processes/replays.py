"""Replays recorded months from the database, on two processes when there are many."""

import gc
import multiprocessing
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func
from sqlmodel import col, select

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import open_database, reading
from ccm_flow.adapters.db.recorded_months import (
    closed_cycles,
    cycles_on,
    moved_cycles,
    recorded_months,
)
from ccm_flow.adapters.db.tables import StepRow
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.ids import ClinicId, CycleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.rehearsal.comparing import Comparing
from ccm_flow.rehearsal.habits import habits_of
from ccm_flow.rehearsal.measures import Metric, Totals
from ccm_flow.rehearsal.observing import Seen
from ccm_flow.rehearsal.recorded import RecordedMonth
from ccm_flow.rehearsal.replay import replay
from ccm_flow.rehearsal.stage import Stage

PROCESSES = 2
WORTH_IT = 1_500
"""Cycles from which on a second process saves more time than its start takes."""
_OBSERVED = 400
"""Cycles in which ways of working are looked for; more would not change them."""
_CHECKED = 25


@dataclass(frozen=True)
class _Part:
    """What one process does: every so many-th cycle, so that the parts are alike."""

    cycles: tuple[tuple[int, CycleId], ...]
    calendar: WorkCalendar
    stage: Stage


class SqlRecordedClinic:
    """Implements `ccm_flow.app.rehearse.RecordedClinic`."""

    def __init__(
        self, engine: Engine, processes: int = PROCESSES, *, worth_it: int = WORTH_IT
    ) -> None:
        self._engine = engine
        self._processes, self._worth_it = processes, worth_it

    def closed(self, clinic: ClinicId, month: Month, kind: PlaybookKind) -> Sequence[CycleId]:
        """Name the cycles that have ended."""
        return closed_cycles(self._engine, clinic, [month], kind)

    def left_out(self, clinic: ClinicId, month: Month, kind: PlaybookKind) -> int:
        """Count the ended cycles that went on by another version while they ran."""
        return moved_cycles(self._engine, clinic, month, kind)

    def steps(self, cycles: Sequence[CycleId]) -> Mapping[StepId, int]:
        """Count the openings of each step."""
        found: dict[StepId, int] = {}
        with reading(self._engine) as session:
            for start in range(0, len(cycles), 500):
                query = (
                    select(StepRow.step_id, func.count())
                    .where(col(StepRow.cycle_id).in_(cycles[start : start + 500]))
                    .group_by(col(StepRow.step_id))
                )
                for step, count in session.exec(query):
                    found[StepId(step)] = found.get(StepId(step), 0) + count
        return found

    def observe(
        self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId], seen: Seen | None = None
    ) -> Seen:
        """See how people worked, in an even sample of the cycles; adds to what was seen before."""
        seen = Seen() if seen is None else seen
        calendar = self._calendar(clinic, month, cycles)
        for one in recorded_months(self._engine, _evenly(cycles, _OBSERVED), calendar):
            seen.add(one, calendar)
        return seen

    def compare(
        self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId], stage: Stage
    ) -> Comparing:
        """Replay them all."""
        calendar = self._calendar(clinic, month, cycles)
        numbered = tuple(enumerate(cycles))
        if len(cycles) < self._worth_it or self._processes == 1:
            return _compare(self._engine, _Part(numbered, calendar, stage))
        count = self._processes
        parts = [_Part(numbered[place::count], calendar, stage) for place in range(count)]
        url = self._engine.url.render_as_string(hide_password=False)
        found = Comparing()
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(count, mp_context=spawn) as pool:
            for one in pool.map(_compare_apart, [url] * count, parts):
                found.merge(one)
        return found

    def reproduced(
        self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId]
    ) -> tuple[int, int]:
        """Replay an even sample on its own playbook and count what came out the same."""
        calendar = self._calendar(clinic, month, cycles)
        layouts = _Layouts(calendar)
        checked = same = 0
        nobody = habits_of(Seen())
        for one in recorded_months(self._engine, _evenly(cycles, _CHECKED), calendar):
            replayed = replay(Stage(one.plan, {}, nobody, 0), one, layouts.of(one.plan, one))
            checked += 1
            same += replayed.month == one.measured
        return checked, same

    def measured(
        self, clinic: ClinicId, month: Month, kind: PlaybookKind, sha256: str
    ) -> tuple[Mapping[Metric, float | None], int, int]:
        """Measure the closed cycles of one version."""
        cycles, still_open = cycles_on(self._engine, clinic, month, kind, sha256=sha256)
        totals = Totals()
        if cycles:
            calendar = self._calendar(clinic, month, cycles)
            for one in recorded_months(self._engine, cycles, calendar):
                totals.add(one.measured)
        values = {metric: totals.value(metric) for metric in Metric}
        return values, totals.patients, still_open

    def _calendar(self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId]) -> WorkCalendar:
        kind = PlaybookKind(cycles[0].partition(":")[0])
        return month_calendar(SqlCareRecord(self._engine).clinic(clinic).hours, month, kind)


class _Layouts:
    """A playbook laid on a month, once for all cycles that opened at the same minute."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[str, Month, datetime], MonthPlan] = {}

    def of(self, plan: Plan, one: RecordedMonth) -> MonthPlan:
        key = plan.sha256, one.month, one.opens_at
        layout = self._known.get(key)
        if layout is None:
            if len(self._known) > 50:
                self._known.clear()
            layout = MonthPlan(plan, self._calendar, one.month, one.opens_at)
            self._known[key] = layout
        return layout


def _compare_apart(url: str, part: _Part) -> Comparing:
    """Do one part in a process of its own."""
    gc.freeze()  # what is loaded stays: the collector need not look through it again and again
    engine = open_database(url)
    try:
        return _compare(engine, part)
    finally:
        engine.dispose()


def _compare(engine: Engine, part: _Part) -> Comparing:
    found, layouts = Comparing(), _Layouts(part.calendar)
    numbers = {cycle: number for number, cycle in part.cycles}
    renamed = {old: new for old, new in part.stage.mapping.items() if new is not None}
    for one in recorded_months(engine, [cycle for _, cycle in part.cycles], part.calendar):
        replayed = replay(part.stage, one, layouts.of(part.stage.plan, one))
        found.add(numbers[one.cycle], one, replayed, renamed)
    return found


def _evenly(cycles: Sequence[CycleId], most: int) -> Sequence[CycleId]:
    """Take at most so many, spread over all."""
    step = max(1, -(-len(cycles) // most))
    return cycles[::step]
