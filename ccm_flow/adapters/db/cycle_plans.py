"""Which versions of its playbook a cycle has run on: one, unless somebody moved it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.plan_rows import plans_of
from ccm_flow.adapters.db.tables import CycleMoveRow, CycleRow
from ccm_flow.adapters.db.views_names import PlanWords
from ccm_flow.core.ids import CycleId, StepId
from ccm_flow.core.plan import Plan, PlanStep


@dataclass(frozen=True, slots=True)
class Former:
    """A version that a cycle ran on until a transition moved it."""

    plan: Plan
    sequence: int
    """The first transition on the next version."""
    until: datetime


@dataclass(frozen=True, slots=True)
class CyclePlans:
    """The version a cycle runs on now, and those before it, the first of them first."""

    plan: Plan
    formers: tuple[Former, ...] = ()

    def words(self, sequence: int) -> PlanWords:
        """Give the words that were right with a transition."""
        plan = next((one.plan for one in self.formers if sequence < one.sequence), self.plan)
        return PlanWords(plan, self._others(plan))

    def step(self, step: StepId, at: datetime) -> PlanStep | None:
        """Give a step as it was at an instant; of another version where that one has none."""
        plan = next((one.plan for one in self.formers if at < one.until), self.plan)
        known = (one.by_id.get(step) for one in (plan, *self._others(plan)))
        return next((spec for spec in known if spec is not None), None)

    def _others(self, plan: Plan) -> tuple[Plan, ...]:
        newest_first = (self.plan, *(one.plan for one in reversed(self.formers)))
        return tuple(one for one in newest_first if one is not plan)


def cycle_plans(session: Session, cycles: Iterable[CycleRow]) -> dict[CycleId, CyclePlans]:
    """Give the versions of some cycles, in two queries."""
    rows = list(cycles)
    moved: dict[CycleId, list[CycleMoveRow]] = defaultdict(list)
    query = select(CycleMoveRow).where(col(CycleMoveRow.cycle_id).in_([row.id for row in rows]))
    for move in session.exec(query.order_by(col(CycleMoveRow.sequence))):
        moved[move.cycle_id].append(move)
    wanted = {row.playbook_sha256 for row in rows}
    wanted |= {move.was_sha256 for moves in moved.values() for move in moves}
    plans = plans_of(session, wanted)
    return {
        row.id: CyclePlans(
            plans[row.playbook_sha256],
            tuple(Former(plans[one.was_sha256], one.sequence, one.at) for one in moved[row.id]),
        )
        for row in rows
    }
