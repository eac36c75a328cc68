"""Decides where each step of a playbook stands in the picture: its lane, its column, its group."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ccm_flow.core.deadlines import Anchor, DueRule, MonthDate
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import READINESS, Phase, Plan, PlanStep, steps_named

_BUSINESS_DAYS = 21
_DAYS = 30


@dataclass(frozen=True)
class Placing:
    """A plan's steps in the main flow, and those that stand apart."""

    plan: Plan

    @cached_property
    def by_event(self) -> tuple[PlanStep, ...]:
        """Steps that something outside opens, each followed by what only they lead to."""
        return self._with_followers([step for step in self.plan.steps if step.on is not None])

    @cached_property
    def fixing(self) -> tuple[PlanStep, ...]:
        """Steps that put right what the readiness check misses."""
        roots = [step for step in self.plan.steps if step.fixes is not None]
        return tuple(step for step in self._with_followers(roots) if step not in self.by_event)

    @cached_property
    def main(self) -> tuple[PlanStep, ...]:
        """All other steps."""
        apart = {step.id for step in (*self.by_event, *self.fixing)}
        return tuple(step for step in self.plan.steps if step.id not in apart)

    @cached_property
    def lanes(self) -> tuple[Phase, ...]:
        """The parts of the month that the main flow has, in order."""
        firsts: dict[Phase, int] = {}
        for step in self.main:
            column = self.columns[step.id]
            firsts[step.phase] = min(firsts.get(step.phase, column), column)
        if self.plan.readiness is not None:
            firsts.setdefault(Phase.READINESS, self.readiness_column)
        return tuple(sorted(firsts, key=lambda phase: (firsts[phase], list(Phase).index(phase))))

    @cached_property
    def columns(self) -> Mapping[StepId, int]:
        """The column of each step of the main flow, from 0."""
        found: dict[StepId, int] = {}
        for step in self.main:
            self._column(step, found, frozenset())
        used = sorted({*found.values(), self._readiness_at(found)})
        return {step: used.index(column) for step, column in found.items()}

    @cached_property
    def readiness_column(self) -> int:
        """The column of the readiness check: left of all that waits for it."""
        waiting = [
            self.columns[step.id]
            for step in self.main
            if READINESS in steps_named(step.after) and step.id in self.columns
        ]
        return max(0, min(waiting) - 1) if waiting else max(self.columns.values(), default=0)

    def is_detour(self, step: PlanStep) -> bool:
        """Tell whether only another step's outcome leads there."""
        dated = step.at is not None or step.every is not None
        return step.after is None and not dated and step.id in self.plan.go_targets

    def sources(self, step: PlanStep) -> frozenset[StepId]:
        """Name the steps that open a step, by `after` or by an outcome's `go`."""
        goes = {
            source.id
            for source in self.plan.steps
            if any(outcome.go == step.id for outcome in source.outcomes)
        }
        return (steps_named(step.after) | goes) - {READINESS, step.id}

    def _with_followers(self, roots: list[PlanStep]) -> tuple[PlanStep, ...]:
        """Give steps, each followed by those that only they lead to."""
        found = list(roots)
        grown = True
        while grown:
            grown = False
            ids = [step.id for step in found]
            for step in self.plan.steps:
                sources = self.sources(step)
                own_way = step.fixes is not None or READINESS in steps_named(step.after)
                if step.id not in ids and not own_way and sources and sources <= set(ids):
                    found.insert(max(ids.index(source) for source in sources) + 1, step)
                    grown = True
                    break
        return tuple(found)

    def _column(self, step: PlanStep, found: dict[StepId, int], asking: frozenset[StepId]) -> int:
        if step.id in found:
            return found[step.id]
        asking |= {step.id}
        column = self._of(step.after, found, asking)
        if step.after is None:
            goes = [self.plan.by_id[source] for source in self.sources(step)]
            ways = [self._column(s, found, asking) for s in goes if self._is_open(s, asking)]
            column = min(ways, default=0)
        if step.at is not None:
            column = max(column, self._dated(step.at, found))
        found[step.id] = column
        return column

    def _is_open(self, step: PlanStep, asking: frozenset[StepId]) -> bool:
        return step in self.main and step.id not in asking

    def _of(self, after: Expr, found: dict[StepId, int], asking: frozenset[StepId]) -> int:
        """Give the column for what a step waits for: behind all of them, or the first."""
        if not isinstance(after, tuple):
            return 0
        if after[0] in ("and", "or"):
            pick = max if after[0] == "and" else min
            return pick(self._of(part, found, asking) for part in after[1:])
        if after[1] == READINESS:
            return self._readiness_at(found) + 1
        step = self.plan.by_id[StepId(after[1])]
        return self._column(step, found, asking) + 1 if self._is_open(step, asking) else 0

    def _readiness_at(self, found: Mapping[StepId, int]) -> int:
        before = [
            column
            for id_, column in found.items()
            if READINESS not in steps_named(self.plan.by_id[id_].after)
            and self.plan.by_id[id_].phase is not Phase.READINESS
        ]
        return max(before, default=0)

    @staticmethod
    def _dated(rule: DueRule, found: Mapping[StepId, int]) -> int:
        """Place a date among the columns that there are so far."""
        if not isinstance(rule, MonthDate):
            return 0
        match rule.anchor:
            case Anchor.MONTH_END:
                part = 1.0
            case Anchor.DAY:
                part = rule.number / _DAYS
            case Anchor.BUSINESS_DAY:
                number = rule.number if rule.number > 0 else _BUSINESS_DAYS + rule.number
                part = number / _BUSINESS_DAYS
        return round(part * min(3, max(found.values(), default=0) + 1))
