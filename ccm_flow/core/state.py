"""The state of one cycle: every step that was opened, whose it is, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from ccm_flow.core.assignment import Pool
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.copies import copier
from ccm_flow.core.facts import DEFAULTS, FactValue
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    OutcomeId,
    PersonId,
    RoleId,
    StepId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Channel, Disposition, Plan, Requirement, Urgency


class StepStatus(StrEnum):
    """Where an opened step stands. All but `open` are final."""

    OPEN = "open"
    DONE = "done"
    """A person ended it with an outcome."""
    SKIPPED = "skipped"
    """Not needed: its condition did not hold, its blocker went away, or its owner said so."""
    EXPIRED = "expired"
    """The ladder withdrew it undone."""
    WITHDRAWN = "withdrawn"
    """The cycle ended while it was open, or went on by a version that does not know it."""


class CycleStatus(StrEnum):
    """Where a cycle stands."""

    RUNNING = "running"
    PAUSED = "paused"
    """Clocks stand still, e.g. during a hospital stay."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Owner:
    """The one person who has a step now, and the role in which they have it."""

    role: RoleId
    person: PersonId


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at contact."""

    number: int
    at: datetime
    channel: Channel
    result: OutcomeId
    by: PersonId


@dataclass(frozen=True)
class StepState:
    """
    One opening of a step.

    Without slots: the engine makes many copies, and `changed` copies values that lie in one
    dictionary four times as fast as seventeen slots.
    """

    step: StepId
    key: StepKey
    round: int
    """1 for the first opening in the cycle."""
    status: StepStatus
    owner: Owner
    opened_at: datetime
    due_at: datetime | None
    """None only while the cycle is paused."""
    rungs_passed: int = 0
    """How many rungs of the ladder have fired, or were already past when it opened."""
    not_before: datetime | None = None
    """When the next attempt is planned."""
    attempts: tuple[Attempt, ...] = ()
    outcome: OutcomeId | None = None
    ended_at: datetime | None = None
    ended_by: PersonId | None = None
    because: str | None = None
    """Why it was skipped, or an escalation's question in a word."""
    urgency: Urgency | None = None
    risk: str | None = None
    """The patient's risk tier when it opened, for a step that differs by risk."""
    time_left: timedelta | None = None
    """While paused: the open clinic time that was left until the deadline."""
    assigned: str | None = None
    """Why the owner has it, in a sentence; None in months that began before reasons were kept."""

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to act."""
        return self.status is StepStatus.OPEN

    def is_late(self, now: datetime) -> bool:
        """Tell whether the deadline passed before the step ended (derived, never stored)."""
        if self.due_at is None:
            return False
        return (self.ended_at or now) > self.due_at


changed = copier(StepState)
"""Gives an opening with some of its values changed."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that stops the month from being billed."""

    requirement: Requirement
    detail: str
    """What is missing, for a person: `12 of 20 minutes`."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How and why a cycle ended."""

    disposition: Disposition
    because: str | None
    at: datetime
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True)
class CycleStart:
    """All that a cycle needs for its whole life: it never reads anything again."""

    cycle: CycleId
    clinic: ClinicId
    enrollment: EnrollmentId
    month: Month
    opens_at: datetime
    """The cycle's first instant; nothing happens before it."""
    team: Mapping[RoleId, PersonId]
    """The named person for each role; always has the program owner's role."""
    facts: Mapping[str, FactValue]
    calendar: WorkCalendar
    plan: Plan
    pool: Pool | None = None
    """Who may get its steps when it begins; events bring what has changed since."""


@dataclass(frozen=True)
class CycleState:
    """Everything that can change during a cycle; without slots, as `StepState`."""

    cycle: CycleId
    month: Month
    team: Mapping[RoleId, PersonId]
    closes_at: datetime
    facts: Mapping[str, FactValue] = field(default_factory=lambda: dict(DEFAULTS))
    status: CycleStatus = CycleStatus.RUNNING
    steps: Mapping[StepKey, StepState] = field(default_factory=dict)
    latest: Mapping[StepId, StepKey] = field(default_factory=dict)
    """The newest opening of each step."""
    blockers: tuple[Blocker, ...] | None = None
    """What the last readiness check found; None before the first."""
    ready_round: int = 0
    """How often the readiness check has turned to ready."""
    ending: Ending | None = None
    sequence: int = 0
    """How many transitions there were; numbers the ledger."""
    pool: Pool | None = None
    """Who may get its steps, as the last event knew; only the team when None."""
    calendar_told_at: datetime | None = None
    """When the clinic's newest change of hours was decided; None while there was none."""

    def newest(self, step: StepId) -> StepState | None:
        """Give the newest opening of a step, if it ever opened."""
        key = self.latest.get(step)
        return None if key is None else self.steps[key]

    def rounds(self, step: StepId) -> int:
        """Count the openings of a step."""
        newest = self.newest(step)
        return 0 if newest is None else newest.round

    @cached_property
    def open_steps(self) -> tuple[StepState, ...]:
        """The steps somebody still has to do, in the order in which they were opened."""
        return tuple([step for step in self.steps.values() if step.status is StepStatus.OPEN])


moved_on = copier(CycleState)
"""Gives a cycle's state with some of its values changed."""
