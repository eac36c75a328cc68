"""
What a person hands over, or comes back to, at the end of a working day.

Programs lose patients between shifts: what was promised by word, a call that has to be made
again, the first deadline of the next morning.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Task:
    """What the digest needs to know of an open step."""

    due_at: datetime | None
    """None while its clock stands still."""
    not_before: datetime | None = None
    """When the next attempt, a call for instance, is planned."""
    put_off_until: datetime | None = None
    is_question: bool = False
    """A colleague waits for the answer."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Numbers of the tasks, as places in the order they were given."""

    open: tuple[int, ...]
    late: tuple[int, ...]
    promised: tuple[int, ...]
    """Put off to a time, or a question that a colleague waits on."""
    callbacks: tuple[int, ...]
    """Attempts that may be made by the end of the next working day."""
    tomorrow: tuple[int, ...]
    """Due by the end of the next working day, the earliest first."""

    @property
    def is_empty(self) -> bool:
        """Nothing is open."""
        return not self.open


def digest_of(tasks: Sequence[Task], now: datetime, tomorrow_ends: datetime) -> Digest:
    """Sort a person's open steps; `tomorrow_ends` is when the clinic closes next working day."""
    numbered = list(enumerate(tasks))
    return Digest(
        open=tuple(number for number, _ in numbered),
        late=_which(numbered, lambda task: task.due_at is not None and task.due_at <= now),
        promised=_which(
            numbered, lambda task: task.is_question or (task.put_off_until or now) > now
        ),
        callbacks=_which(
            numbered, lambda task: task.not_before is not None and task.not_before <= tomorrow_ends
        ),
        tomorrow=tuple(
            number
            for number, task in sorted(numbered, key=lambda one: one[1].due_at or tomorrow_ends)
            if task.due_at is not None and now < task.due_at <= tomorrow_ends
        ),
    )


def _which(numbered: Iterable[tuple[int, Task]], holds: Callable[[Task], bool]) -> tuple[int, ...]:
    return tuple(number for number, task in numbered if holds(task))
