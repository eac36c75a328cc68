"""What goes on in a pod: events in their order, running cycles, work that was begun."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import NamedTuple

from ccm_flow.core.ids import PersonId, StepKey
from ccm_flow.core.state import StepState
from ccm_flow.rehearsal.life import Life
from ccm_flow.rehearsal.workers import Worker


class Kind(IntEnum):
    """What happens; of several things at the same instant, in this order."""

    OPEN = 0
    WAKE = 1
    TOLD = 2
    FINISH = 3
    READY = 4
    LOOK = 5
    EVENING = 6


class Event(NamedTuple):
    """Something that happens; events are taken in the order of these values."""

    at: int
    kind: Kind
    patient: int
    month: int
    number: int
    """Keeps events of one kind at one instant in the order in which they were made."""
    what: object


@dataclass(frozen=True, slots=True)
class Laid:
    """A stretch of somebody's work, for whoever wants to look at it."""

    person: PersonId
    patient: int
    month: int
    step: StepState
    spans: tuple[tuple[int, int], ...]
    """From when to when, in UTC epoch seconds."""


class Cycle:
    """A running cycle and what is known of it outside."""

    __slots__ = ("life", "month", "patient", "planned", "wakes", "working")

    def __init__(self, life: Life, patient: int, month: int) -> None:
        self.life = life
        self.patient = patient
        self.month = month
        self.wakes = 0
        """The instant of its next wake; an event for another one is out of date."""
        self.planned: set[tuple[StepKey, PersonId, int]] = set()
        """Work that waits or will: the step, whose it is, and the number of the try."""
        self.working: set[StepKey] = set()
        """Steps that somebody works on now."""


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work that somebody has begun."""

    worker: Worker
    cycle: Cycle
    step: StepState
    began: int


def ticket_of(step: StepState) -> tuple[StepKey, PersonId, int]:
    """Name the next piece of work on a step: the step, whose it is, the number of the try."""
    return step.key, step.owner.person, len(step.attempts)


def instant_of(seconds: int) -> datetime:
    """Give the instant of UTC epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)
