"""What would become of running months if they went on by another version of their playbook."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from ccm_flow.app.act import Desk
from ccm_flow.app.flow import NoSuchCycleError
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan, advance, refuse
from ccm_flow.core.engine.fates import StepMove, moves_of
from ccm_flow.core.events import PlanChanged, VersionRef
from ccm_flow.core.ids import SYSTEM, ClinicId, CycleId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.signing import Signature

AT_ONCE: Final = 12
"""Running months that are asked or told side by side."""


@dataclass(frozen=True, slots=True)
class RunningCycle:
    """A cycle that runs, and the version it runs on."""

    cycle: CycleId
    enrollment: EnrollmentId
    month: Month
    opens_at: datetime
    plan: Plan

    @property
    def was(self) -> VersionRef:
        """Name the version it runs on."""
        return VersionRef(self.plan.version, self.plan.sha256)


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
    desk: Desk,
    cycles: Sequence[RunningCycle],
    plan: Plan,
    calendar: Callable[[Month], WorkCalendar],
    now: datetime,
) -> list[CycleMove]:
    """
    Work out, for each running cycle as it stands, what going on by `plan` would do.

    It is the very event that a signature sends, handed to the same engine; nothing is changed.

    Raises:
        FlowUnavailableError: the server does not answer.
    """
    some = asyncio.Semaphore(AT_ONCE)
    unsigned = Signature("", "", now)

    async def one(running: RunningCycle) -> CycleMove:
        event = PlanChanged(SYSTEM, unsigned, running.was, plan)
        async with some:
            event = await asyncio.to_thread(informed, desk, running, event, now)
            layout = MonthPlan(
                running.plan, calendar(running.month), running.month, running.opens_at
            )
            return await _preview(desk, running, layout, event, now)

    return list(await asyncio.gather(*(one(running) for running in cycles)))


def informed(desk: Desk, running: RunningCycle, event: PlanChanged, now: datetime) -> PlanChanged:
    """Let an event bring what the record knows now, and who may get steps."""
    facts = desk.record.facts(running.enrollment, running.month, now)
    return replace(event, facts=facts, pool=desk.record.pool(running.enrollment, now))


async def _preview(
    desk: Desk, running: RunningCycle, layout: MonthPlan, event: PlanChanged, now: datetime
) -> CycleMove:
    reason = ""
    steps: tuple[StepMove, ...] = ()
    try:
        state = await desk.flow.state(running.cycle)
    except NoSuchCycleError as lost:
        return CycleMove(running.cycle, running.enrollment, running.plan.version, str(lost), ())
    refusal = refuse(layout, state, event, now)
    if refusal is not None:
        reason = refusal.message
    else:
        steps = tuple(moves_of(state, advance(layout, state, event, now).state))
    return CycleMove(running.cycle, running.enrollment, running.plan.version, reason, steps)
