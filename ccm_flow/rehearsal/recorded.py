"""
A closed month as the ledger tells it: what people did, and what their doing followed.

An act is counted from what prompted it: the opening of its step, the try at contact before it,
or the rung of a ladder that fired last. So it can be carried over to another playbook.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from ccm_flow.core.assignment import Assignment
from ccm_flow.core.events import (
    AttemptMade,
    DeadlineExtended,
    Event,
    StepCompleted,
    StepReassigned,
    StepSkipped,
)
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import CycleId, EnrollmentId, PersonId, RoleId, StepId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Act, Plan
from ccm_flow.rehearsal.measures import PatientMonth, Worked

StepEvent = StepCompleted | AttemptMade | StepSkipped | StepReassigned | DeadlineExtended
"""What somebody does to one opening of a step."""
STEP_EVENTS = (StepCompleted, AttemptMade, StepSkipped, StepReassigned, DeadlineExtended)


class Cause(StrEnum):
    """What an act followed."""

    OPENED = "opened"
    """The step came onto the list."""
    TRIED = "tried"
    """The try at contact before it, with the wait that the playbook asks for."""
    PROMPTED = "prompted"
    """A rung of the step's ladder."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the delay of an act is counted from."""

    cause: Cause
    at: datetime
    act: Act | None = None
    """What the rung did, when it was one."""
    nth: int = 0
    """The how-manieth rung of the ladder that does this, from 0."""
    planned: bool = False
    """Counted from when the playbook plans the try, which may be later than the opening."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One event of the month, with what the record said anew and the time that went into it."""

    at: datetime
    event: Event
    sequence: int
    learned: Facts
    basis: Basis | None = None
    """None for what happened outside the steps."""
    spent: tuple[Worked, ...] = ()
    did_nothing: bool = False
    """Nothing came of it: the clock was looked at, and all had been done."""

    @property
    def key(self) -> StepKey | None:
        """The opening it was done to."""
        return self.event.step if isinstance(self.event, STEP_EVENTS) else None


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a step as it came to its end."""

    key: StepKey
    step: StepId
    role: RoleId
    """Whose it was when it opened."""
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    prompts: frozenset[tuple[Act, int]]
    """Which rungs of its ladder fired: what they did, and the how-manieth that does this."""
    done: bool
    """A person ended it with an outcome."""
    skipped: bool
    """It was not needed when it would have opened, or somebody said so."""
    expected: timedelta


@dataclass(frozen=True, slots=True)
class RecordedMonth:
    """One patient's closed month."""

    cycle: CycleId
    enrollment: EnrollmentId
    month: Month
    plan: Plan
    opens_at: datetime
    team: Mapping[RoleId, PersonId]
    facts: Facts
    """What the record said on the first day."""
    deeds: tuple[Deed, ...]
    """In the order of the ledger."""
    openings: tuple[Opening, ...]
    loose: tuple[Worked, ...]
    """Time that belongs to no act."""
    measured: PatientMonth
    facts_known: bool = True
    """False for a month from before facts were kept with the ledger: they were worked out."""
    decided: Mapping[datetime, Mapping[str, Assignment]] = field(default_factory=dict)
    """At each instant, by `Wanted.question`, who was given what, and why."""
