"""What months are replayed on, and what is planned while one is."""

import heapq
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ccm_flow.core.ids import StepKey
from ccm_flow.core.plan import Plan
from ccm_flow.rehearsal.carrying import StepMapping
from ccm_flow.rehearsal.habits import Habits, Imagined
from ccm_flow.rehearsal.recorded import Deed

_LAST: Final = 1 << 60
"""Puts what nobody did behind what somebody did at the same instant."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A playbook, and how what people did is carried over to it."""

    plan: Plan
    mapping: StepMapping
    habits: Habits
    seed: int


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is going to be done at an opening: what somebody did, or what nobody did."""

    key: StepKey
    what: Deed | Imagined
    number: int
    """Which planning of this opening it belongs to: an older one is not carried out."""


class Agenda:
    """What is going to happen, the first thing first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, int, Deed | Planned]] = []
        self._pushed = 0

    def __bool__(self) -> bool:
        return bool(self._heap)

    @property
    def next_at(self) -> datetime:
        """When the next thing happens; there must be one."""
        return self._heap[0][0]

    def add(self, at: datetime, what: Deed | Planned) -> None:
        """Put something on; what the record shows comes in its order at one instant."""
        deed = what.what if isinstance(what, Planned) else what
        place = deed.sequence if isinstance(deed, Deed) else _LAST
        self._pushed += 1
        heapq.heappush(self._heap, (at, place, self._pushed, what))

    def take(self) -> tuple[datetime, Deed | Planned]:
        """Take the next thing off."""
        at, _, _, what = heapq.heappop(self._heap)
        return at, what
