"""What would become of running months if they were moved to another version of their playbook."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.app.flow import Flow
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.engine.moving import StepMove, move, moves_of, refuse_move
from ccm_flow.core.ids import SYSTEM, ClinicId, CycleId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan


@dataclass(frozen=True, slots=True)
class RunningCycle:
    """A cycle that runs, and the version it runs on."""

    cycle: CycleId
    enrollment: EnrollmentId
    month: Month
    opens_at: datetime
    plan: Plan


class RunningCycles(Protocol):
    """Where running cycles are listed."""

    def running(self, clinic: ClinicId, plan: Plan) -> Sequence[RunningCycle]:
        """List a clinic's running cycles of a playbook that run on another version of it."""
        ...


@dataclass(frozen=True, slots=True)
class CycleMove:
    """What would become of one running month."""

    cycle: CycleId
    enrollment: EnrollmentId
    from_version: int
    refused: str
    """Why it cannot be moved; empty when it can."""
    steps: tuple[StepMove, ...]


async def preview_moves(
    flow: Flow,
    cycles: Sequence[RunningCycle],
    plan: Plan,
    calendar: Callable[[Month], WorkCalendar],
    now: datetime,
) -> list[CycleMove]:
    """
    Work out, for each running cycle as it stands, what moving it to `plan` would do.

    Nothing is changed.

    Raises:
        FlowUnavailableError: the server does not answer.
    """
    found = []
    for one in cycles:
        state = await flow.state(one.cycle)
        days = calendar(one.month)
        old = MonthPlan(one.plan, days, one.month, one.opens_at)
        new = MonthPlan(plan, days, one.month, one.opens_at)
        refusal = refuse_move(old, new, state, now)
        steps: tuple[StepMove, ...] = ()
        if refusal is None:
            moved = move(old, new, state, now, SYSTEM)
            steps = tuple(moves_of(state, moved.commands, moved.state))
        reason = "" if refusal is None else refusal.message
        found.append(CycleMove(one.cycle, one.enrollment, one.plan.version, reason, steps))
    return found
