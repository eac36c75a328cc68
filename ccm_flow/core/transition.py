"""One transition of a cycle, as the record and the work queues need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.commands import Command
from ccm_flow.core.engine import Advance, MonthPlan, wakes
from ccm_flow.core.events import Event
from ccm_flow.core.facts import FactValue
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import Blocker, CycleStart, CycleStatus, Ending


@dataclass(frozen=True, slots=True)
class Transition:
    """What happened at one instant and all it led to; (cycle, sequence) makes writing it safe."""

    cycle: CycleId
    clinic: ClinicId
    enrollment: EnrollmentId
    kind: PlaybookKind
    month: Month
    playbook_sha256: str
    """The version that the cycle goes on by after it."""
    sequence: int
    at: datetime
    event: Event
    commands: tuple[Command, ...]
    status: CycleStatus
    opened_at: datetime
    closes_at: datetime
    next_wake_at: datetime | None
    """When the cycle has something due next, if nobody does anything."""
    facts: Mapping[str, FactValue]
    blockers: tuple[Blocker, ...] | None
    ending: Ending | None


def transition(
    start: CycleStart, layout: MonthPlan, event: Event, result: Advance, at: datetime
) -> Transition:
    """Describe the transition that `result` made."""
    state = result.state
    due = wakes(layout, state).values()
    return Transition(
        cycle=start.cycle,
        clinic=start.clinic,
        enrollment=start.enrollment,
        kind=layout.plan.kind,
        month=start.month,
        playbook_sha256=layout.plan.sha256,
        sequence=state.sequence,
        at=at,
        event=event,
        commands=result.commands,
        status=state.status,
        opened_at=layout.opens_at,
        closes_at=state.closes_at,
        next_wake_at=min((wake.at for wake in due), default=None),
        facts=state.facts,
        blockers=state.blockers,
        ending=state.ending,
    )
