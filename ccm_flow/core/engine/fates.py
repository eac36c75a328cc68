"""What becomes of each step when a running cycle goes on by another version of its playbook."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.core.commands import CloseStep, Command, MoveDeadline, MoveOwner, OpenStep
from ccm_flow.core.ids import PersonId, StepKey
from ccm_flow.core.state import CycleState, StepState, StepStatus


class Fate(StrEnum):
    """What becomes of one opening of a step."""

    KEPT = "kept"
    DEADLINE_MOVED = "deadline_moved"
    OWNER_MOVED = "owner_moved"
    WITHDRAWN = "withdrawn"
    """The new version has no such step."""
    ENDED = "ended"
    """Nobody needs it in the new version, or its time had come in the same moment."""
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class StepMove:
    """One opening of a step, before and after."""

    key: StepKey
    fate: Fate
    was_due: datetime | None
    due: datetime | None
    was_owner: PersonId | None = None
    owner: PersonId | None = None

    @property
    def dues(self) -> tuple[datetime | None, datetime | None]:
        """Give the deadline before and after."""
        return self.was_due, self.due


def moves_of(before: CycleState, after: CycleState) -> list[StepMove]:
    """List what becomes of every step that was open, and what the move opens."""
    found = []
    for key, step in after.steps.items():
        known = before.steps.get(key)
        if known is None:
            if step.is_open:
                owner = step.owner.person
                found.append(StepMove(key, Fate.ADDED, None, step.due_at, None, owner))
        elif known.is_open:
            people = (known.owner.person, step.owner.person)
            found.append(StepMove(key, _fate(known, step), known.due_at, step.due_at, *people))
    return found


def _fate(before: StepState, after: StepState) -> Fate:
    if after.status is StepStatus.WITHDRAWN:
        return Fate.WITHDRAWN
    if not after.is_open:
        return Fate.ENDED
    if before.owner != after.owner:
        return Fate.OWNER_MOVED
    same = (before.due_at, before.time_left) == (after.due_at, after.time_left)
    return Fate.KEPT if same else Fate.DEADLINE_MOVED


def fates_in(commands: Iterable[Command]) -> Mapping[StepKey, Fate]:
    """
    Tell from what was done what became of the steps that did not stay as they were.

    The ledger keeps this: it says the same as `moves_of`, which sees the cycle before and after.
    """
    found: dict[StepKey, Fate] = {}
    for command in commands:
        match command:
            case OpenStep(step=step):
                found[step.key] = Fate.ADDED
            case MoveDeadline(step=step):
                found.setdefault(step.key, Fate.DEADLINE_MOVED)
            case MoveOwner(step=step) if found.get(step.key) is not Fate.ADDED:
                found[step.key] = Fate.OWNER_MOVED
            case CloseStep(step=step):
                _close(found, step)
            case _:
                pass
    return found


def _close(found: dict[StepKey, Fate], step: StepState) -> None:
    """Note how a step ended; one that came and went in the same moment was on nobody's list."""
    if found.get(step.key) is Fate.ADDED or step.opened_at == step.ended_at:
        found.pop(step.key, None)
    else:
        found[step.key] = Fate.WITHDRAWN if step.status is StepStatus.WITHDRAWN else Fate.ENDED
