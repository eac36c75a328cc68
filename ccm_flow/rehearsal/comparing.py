"""
The recorded month beside its replay: what changes, for how many, and how sure that is.

A fold: patients are added one after the other, in parts if need be, and none is kept but the
first few whose month ends another way. For the intervals patients are dealt into at most 200
groups; with fewer patients each is a group of its own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from random import Random
from typing import Final

from ccm_flow.core.ids import CycleId, EnrollmentId, RoleId, StepId, StepKey
from ccm_flow.core.plan import Disposition
from ccm_flow.rehearsal.assumptions import Assumption
from ccm_flow.rehearsal.measures import (
    METRICS,
    Metric,
    PatientMonth,
    Totals,
    figures,
    value_of,
)
from ccm_flow.rehearsal.recorded import RecordedMonth
from ccm_flow.rehearsal.replay import Replayed

GROUPS: Final = 200
NAMED: Final = 20
"""Patients of each kind that are named."""
DRAWS: Final = 1000
_OF_STEPS = (Metric.ON_TIME, Metric.MISSED)


class Effect(StrEnum):
    """What a change does to one patient's month."""

    LOST = "lost"
    """It was ready, or the patient enrolled, and would not be."""
    GAINED = "gained"
    """It was not, and would be."""
    OTHERWISE = "otherwise"
    """It would end another way, or for another reason, and as it should neither way."""


@dataclass(frozen=True, slots=True)
class Affected:
    """One patient whose month would end another way."""

    enrollment: EnrollmentId
    cycle: CycleId
    effect: Effect
    was: tuple[Disposition | None, str | None]
    becomes: tuple[Disposition | None, str | None]


@dataclass(slots=True)
class Shift:
    """How one step's deadlines move."""

    same: int = 0
    earlier: int = 0
    later: int = 0
    new: int = 0
    """Openings that were none."""
    gone: int = 0
    moved: int = 0
    """By how many minutes in all, those that move."""


@dataclass(frozen=True, slots=True)
class Change:
    """One metric: as it was, as it would be, and between what the difference lies."""

    metric: Metric
    old: float | None
    new: float | None
    low: float | None
    high: float | None
    """Nineteen times of twenty the difference lies between; None where nothing was counted."""

    @property
    def difference(self) -> float | None:
        """Give by how much it changes."""
        return None if self.old is None or self.new is None else self.new - self.old


@dataclass(slots=True)
class Comparing:
    """Adds patients up."""

    old: Totals = field(default_factory=Totals)
    new: Totals = field(default_factory=Totals)
    groups: dict[int, list[float]] = field(default_factory=dict)
    """For each group: its patients, judged steps old and new, then all figures, old and new."""
    effects: Counter[Effect] = field(default_factory=Counter)
    affected: dict[Effect, list[Affected]] = field(
        default_factory=lambda: {effect: [] for effect in Effect}
    )
    shifts: dict[StepId, Shift] = field(default_factory=dict)
    assumed: Counter[tuple[Assumption, StepId]] = field(default_factory=Counter)

    def add(
        self,
        number: int,
        recorded: RecordedMonth,
        replayed: Replayed,
        mapping: Mapping[StepId, StepId],
    ) -> None:
        """Add the `number`-th patient; `mapping` gives new steps' ids for old ones."""
        was, becomes = recorded.measured, replayed.month
        self.old.add(was)
        self.new.add(becomes)
        self._group(number, was, becomes)
        effect = effect_of(was, becomes)
        if effect is not None:
            self.effects[effect] += 1
            before, after = (was.disposition, was.because), (becomes.disposition, becomes.because)
            one = Affected(recorded.enrollment, recorded.cycle, effect, before, after)
            if len(self.affected[effect]) < NAMED:
                self.affected[effect].append(one)
        self._shift(was, becomes, mapping)
        self.assumed.update(replayed.assumed)

    def _group(self, number: int, was: PatientMonth, becomes: PatientMonth) -> None:
        judged = (float(one.on_time + one.late + one.missed) for one in (was, becomes))
        values = [1.0, *judged, *figures(was), *figures(becomes)]
        key = number % GROUPS
        known = self.groups.get(key)
        self.groups[key] = (
            values if known is None else [a + b for a, b in zip(known, values, strict=True)]
        )

    def _shift(
        self, was: PatientMonth, becomes: PatientMonth, mapping: Mapping[StepId, StepId]
    ) -> None:
        old: dict[StepKey, datetime] = {}
        for key, due in was.deadlines.items():
            step, mark, round_ = key.partition("~")
            old[StepKey(mapping.get(StepId(step), step) + mark + round_)] = due
        for key in {**old, **becomes.deadlines}:
            shift = self.shifts.setdefault(StepId(key.partition("~")[0]), Shift())
            before, after = old.get(key), becomes.deadlines.get(key)
            if before is None or after is None:
                shift.new += before is None
                shift.gone += after is None
                continue
            shift.same += before == after
            shift.earlier += after < before
            shift.later += after > before
            shift.moved += round((after - before).total_seconds() / 60)

    def merge(self, other: "Comparing") -> None:
        """Add what was added up elsewhere."""
        self.old.merge(other.old)
        self.new.merge(other.new)
        for key, values in other.groups.items():
            mine = self.groups.get(key)
            self.groups[key] = (
                values if mine is None else [a + b for a, b in zip(mine, values, strict=True)]
            )
        self.effects.update(other.effects)
        for effect, found in other.affected.items():
            together = sorted([*self.affected[effect], *found], key=lambda one: one.cycle)
            self.affected[effect] = together[:NAMED]
        for step, theirs in other.shifts.items():
            shift = self.shifts.setdefault(step, Shift())
            for name in ("same", "earlier", "later", "new", "gone", "moved"):
                setattr(shift, name, getattr(shift, name) + getattr(theirs, name))
        self.assumed.update(other.assumed)

    def changes(self, seed: int) -> tuple[Change, ...]:
        """Give every metric with its interval."""
        spans = _intervals([self.groups[key] for key in sorted(self.groups)], seed)
        return tuple(
            Change(metric, self.old.value(metric), self.new.value(metric), *spans[metric])
            for metric in METRICS
        )

    def staff(self) -> dict[tuple[RoleId, date], tuple[int, int]]:
        """Give seconds by role and day, as they were and as they would be."""
        keys = sorted({*self.old.work, *self.new.work})
        return {key: (self.old.work[key], self.new.work[key]) for key in keys}


def effect_of(was: PatientMonth, becomes: PatientMonth) -> Effect | None:
    """Say what a change does to a patient's month; None when it ends as it did."""
    if was.came_well != becomes.came_well:
        return Effect.LOST if was.came_well else Effect.GAINED
    same = (was.disposition, was.because) == (becomes.disposition, becomes.because)
    return None if same else Effect.OTHERWISE


def _intervals(
    groups: Sequence[Sequence[float]], seed: int
) -> dict[Metric, tuple[float | None, float | None]]:
    """
    Draw groups again and again and see how the differences spread (a paired bootstrap).

    Old and new of a patient are always drawn together, so what is the same for both cancels.
    """
    if not groups:
        return dict.fromkeys(METRICS, (None, None))
    columns = list(zip(*groups, strict=True))
    random, places = Random(seed), range(len(groups))  # noqa: S311 - statistics, not a secret
    found: dict[Metric, list[float]] = {metric: [] for metric in METRICS}
    still = {metric: _never_differs(columns, place) for place, metric in enumerate(METRICS)}
    for _ in range(DRAWS):
        drawn = random.choices(places, k=len(groups))
        sums: dict[int, float] = {}

        def total(column: int, drawn: list[int] = drawn, sums: dict[int, float] = sums) -> float:
            if column not in sums:
                sums[column] = sum(map(columns[column].__getitem__, drawn))
            return sums[column]

        for place, metric in enumerate(METRICS):
            if still[metric]:
                continue
            by_steps = metric in _OF_STEPS
            old_of, new_of = (total(1), total(2)) if by_steps else (total(0), total(0))
            if old_of and new_of:
                new = value_of(metric, total(3 + len(METRICS) + place), new_of)
                found[metric].append(new - value_of(metric, total(3 + place), old_of))
    return {metric: _middle(sorted(values), still[metric]) for metric, values in found.items()}


def _never_differs(columns: Sequence[Sequence[float]], place: int) -> bool:
    same = columns[3 + place] == columns[3 + len(METRICS) + place]
    return same and columns[1] == columns[2]


def _middle(values: Sequence[float], never: bool) -> tuple[float | None, float | None]:
    if never:
        return 0.0, 0.0
    if not values:
        return None, None
    low, high = int(0.025 * len(values)), int(0.975 * len(values))
    return values[low], values[min(high, len(values) - 1)]
