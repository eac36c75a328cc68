"""
What happens to a patient outside the playbook, and what it means for the cycles that run.

Pure rules; `ccm_flow.app.happen` keeps, applies and tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ccm_flow.core.events import (
    CyclePaused,
    CycleResumed,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    Triggered,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.plan import Plan, PlaybookKind, Trigger


class HappeningKind(StrEnum):
    """What somebody may tell."""

    ADMISSION = "admission"
    """Into a hospital or another facility to stay."""
    TRANSFER = "transfer"
    """From one facility to another: the stay goes on."""
    DISCHARGE = "discharge"
    """Home, or to where the patient lives now."""
    LAB_RESULT = "lab_result"
    CALLBACK = "callback"
    DEATH = "death"
    WITHDRAWAL = "withdrawal"
    """From the program."""


STAYS: Final = (HappeningKind.ADMISSION, HappeningKind.TRANSFER, HappeningKind.DISCHARGE)
ENDS: Final = (HappeningKind.DEATH, HappeningKind.WITHDRAWAL)
_TRIGGERS: Final = {
    HappeningKind.ADMISSION: Trigger.ADMISSION,
    HappeningKind.DISCHARGE: Trigger.DISCHARGE,
    HappeningKind.LAB_RESULT: Trigger.LAB_RESULT,
    HappeningKind.CALLBACK: Trigger.CALLBACK,
}


@dataclass(frozen=True, slots=True)
class Stay:
    """One thing told about stays, which nobody has taken back."""

    kind: HappeningKind
    at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cycle that has not ended stands, as far as happenings care."""

    kind: PlaybookKind
    paused: bool
    takes: frozenset[Trigger]
    """The triggers that some step of its playbook starts on."""
    given_before: bool = False
    """Its month was over when it happened: only papers are left to do."""


def triggers_of(plan: Plan) -> frozenset[Trigger]:
    """Name the triggers that some step of a playbook starts on."""
    return frozenset(step.on for step in plan.steps if step.on is not None)


def is_in_hospital(told: Iterable[Stay]) -> bool:
    """
    Tell whether the patient is in hospital now, by what happened last.

    News comes late and in any order: an admission told after the discharge that followed it
    means nothing for today.
    """
    last = max(told, key=lambda stay: (stay.at, stay.received_at), default=None)
    return last is not None and last.kind is not HappeningKind.DISCHARGE


def what_follows(
    kind: HappeningKind, cycle: Standing, *, in_hospital: bool, by: PersonId, because: str
) -> tuple[PersonEvent, ...]:
    """
    Say what a running cycle is told of a happening, in order.

    A stay stops the clocks of the month and of the way into the program, not those of an episode:
    the days after a discharge go on counting (99495, 99496; medicare-rules section 1).

    A death or a withdrawal leaves a month that was over alone: its services were given while the
    patient was in the program, and may be billed once they are documented.
    """
    if kind in ENDS and cycle.given_before:
        return ()
    if kind is HappeningKind.DEATH:
        return (PatientDied(by),)
    if kind is HappeningKind.WITHDRAWAL:
        return (PatientWithdrew(by, because or "withdrawal"),)
    told: list[PersonEvent] = []
    if kind is HappeningKind.DISCHARGE and cycle.paused and not in_hospital:
        told.append(CycleResumed(by))
    trigger = _TRIGGERS.get(kind)
    if trigger is not None and trigger in cycle.takes:
        told.append(Triggered(trigger, by, because))
    if kind in STAYS and in_hospital and may_pause(cycle):
        told.append(CyclePaused(by, because or "hospital stay"))
    return tuple(told)


def may_pause(cycle: Standing) -> bool:
    """Tell whether a stay stops a cycle's clocks."""
    return not cycle.paused and cycle.kind is not PlaybookKind.EPISODE


def what_is_put_right(
    kind: HappeningKind,
    cycle: Standing,
    *,
    in_hospital: bool,
    its_own: bool,
    by: PersonId,
    because: str,
) -> tuple[PersonEvent, ...]:
    """
    Say what a running cycle is told when a telling of this kind is taken back.

    `its_own` says that the telling paused this cycle, or opened it (an episode). Steps that it
    opened stay open: somebody may be at work on them.
    """
    if kind not in STAYS:
        return ()
    if cycle.kind is PlaybookKind.EPISODE:
        opened_by_it = its_own and kind is HappeningKind.DISCHARGE
        return (MonthClosed(by),) if opened_by_it else ()
    if in_hospital and may_pause(cycle):
        return (CyclePaused(by, because),)
    if not in_hospital and cycle.paused and its_own:
        return (CycleResumed(by),)
    return ()
