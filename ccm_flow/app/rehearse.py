"""Replaying a draft on a recorded month: what is asked, what is refused, what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, CycleId, PlaybookId, RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition, Plan, PlaybookKind
from ccm_flow.rehearsal.assumptions import Assumption
from ccm_flow.rehearsal.comparing import Affected, Change, Comparing, Effect, Shift
from ccm_flow.rehearsal.habits import habits_of
from ccm_flow.rehearsal.observing import Seen
from ccm_flow.rehearsal.stage import Stage

ENOUGH: Final = 10
"""Closed months from which on figures may be judged by."""


class CannotRehearseError(CcmError):
    """A draft cannot be laid on the recorded month."""

    exit_code = 2


class NothingRecordedError(CcmError):
    """No month of this kind has ended there."""

    exit_code = 1

    def __init__(self, kind: PlaybookKind, month: Month) -> None:
        if kind is PlaybookKind.MONTHLY:
            said = f"No month of a patient in {month} has ended yet."
            super().__init__(said, "Choose a month that is closed.")
            return
        super().__init__(
            f"No {kind.value} that began in {month} has ended yet.",
            f"Choose a month in which {kind.value}s began that have ended since.",
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see rehearsed."""

    clinic: ClinicId
    plan: Plan
    against: Month
    mapping: Mapping[StepId, StepId | None]
    """Recorded steps that are called otherwise in the draft; None for those it leaves out."""
    seed: int = 1


class RecordedClinic(Protocol):
    """The recorded months, and the power to replay them."""

    def closed(self, clinic: ClinicId, month: Month, kind: PlaybookKind) -> Sequence[CycleId]:
        """Name the cycles that have ended on the version they began with, in a stable order."""
        ...

    def left_out(self, clinic: ClinicId, month: Month, kind: PlaybookKind) -> int:
        """Count the ended cycles that went on by another version while they ran."""
        ...

    def steps(self, cycles: Sequence[CycleId]) -> Mapping[StepId, int]:
        """Count the openings of each step."""
        ...

    def observe(self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId]) -> Seen:
        """See how people worked, in an even sample of the cycles."""
        ...

    def compare(
        self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId], stage: Stage
    ) -> Comparing:
        """Replay them all."""
        ...

    def reproduced(
        self, clinic: ClinicId, month: Month, cycles: Sequence[CycleId]
    ) -> tuple[int, int]:
        """Replay an even sample on its own playbook: how many, and how many came out the same."""
        ...


@dataclass(frozen=True, slots=True)
class EndingCount:
    """How many months ended in one way."""

    disposition: Disposition | None
    because: str | None
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class StaffDay:
    """One role's day: seconds of work as it was and as it would be."""

    role: RoleId
    day: date
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class MovedDeadlines:
    """How one step's deadlines move."""

    step: StepId
    shift: Shift


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was taken for granted, at which step, how often."""

    assumption: Assumption
    step: StepId
    """Empty for what is outside the steps."""
    count: int


@dataclass(frozen=True, slots=True)
class RehearsalResult:
    """What a draft would have done."""

    clinic: ClinicId
    playbook: PlaybookId
    version: int
    sha256: str
    title: str
    against: Month
    patients: int
    is_thin: bool
    """Too few months to judge by."""
    changes: tuple[Change, ...]
    effects: Mapping[Effect, int]
    affected: tuple[Affected, ...]
    """The first patients of each kind, those that are lost first."""
    endings: tuple[EndingCount, ...]
    staff: tuple[StaffDay, ...]
    deadlines: tuple[MovedDeadlines, ...]
    """Steps with at least one deadline that moves, comes or goes."""
    assumed: tuple[Assumed, ...]
    checked: int
    """Recorded months that were also replayed on their own playbook,"""
    reproduced: int
    """and how many of them came out exactly as recorded."""
    seed: int
    kind: PlaybookKind = PlaybookKind.MONTHLY

    def change(self, metric: str) -> Change:
        """Give one metric."""
        return next(one for one in self.changes if one.metric == metric)


def rehearse(recorded: RecordedClinic, wanted: Wanted) -> RehearsalResult:
    """
    Replay every closed month of a clinic's recorded month on a draft.

    Raises:
        NothingRecordedError: nothing has ended there.
        CannotRehearseError: the mapping names steps that are none, or leaves recorded steps
            without a place; it says which.
    """
    clinic, month = wanted.clinic, wanted.against
    cycles = recorded.closed(clinic, month, wanted.plan.kind)
    if not cycles:
        raise NothingRecordedError(wanted.plan.kind, month)
    must_fit(wanted, recorded.steps(cycles))
    seen = recorded.observe(clinic, month, cycles)
    stage = Stage(wanted.plan, wanted.mapping, habits_of(seen), wanted.seed)
    found = recorded.compare(clinic, month, cycles, stage)
    left_out = recorded.left_out(clinic, month, wanted.plan.kind)
    if left_out:
        found.assumed[Assumption.MOVED, StepId("")] = left_out
    checked, same = recorded.reproduced(clinic, month, cycles)
    return _result(wanted, found, checked, same)


def must_fit(wanted: Wanted, recorded: Mapping[StepId, int]) -> None:
    """
    Make sure that every recorded step has a place in the draft.

    Raises:
        CannotRehearseError: the mapping names steps that are none, or leaves recorded steps
            without a place; it says which.
    """
    plan, mapping = wanted.plan, wanted.mapping
    problems = [f"'{old}' was no step of that month" for old in mapping if old not in recorded]
    targets = [new for new in mapping.values() if new is not None]
    problems += [f"'{new}' is no step of the draft" for new in targets if new not in plan.by_id]
    kept = {step for step in recorded if step not in mapping and step in plan.by_id}
    twice = sorted({new for new in targets if targets.count(new) > 1 or new in kept})
    problems += [f"'{new}' would take the place of two steps" for new in twice]
    lost = [step for step in recorded if step not in mapping and step not in plan.by_id]
    problems += [
        f"the draft has no step '{step}', which was opened {recorded[step]} times"
        for step in sorted(lost)
    ]
    if problems:
        hint = (
            "Say which step takes its place, as in --map old_step=new_step; --map old_step= "
            "leaves it out with the minutes that went into it."
        )
        sentence = "; ".join(problems)
        raise CannotRehearseError(f"{sentence[0].upper()}{sentence[1:]}.", hint)


def _result(wanted: Wanted, found: Comparing, checked: int, same: int) -> RehearsalResult:
    plan, staff = wanted.plan, found.staff()
    endings = sorted({*found.old.endings, *found.new.endings}, key=str)
    return RehearsalResult(
        clinic=wanted.clinic,
        playbook=plan.playbook,
        version=plan.version,
        sha256=plan.sha256,
        title=plan.title,
        against=wanted.against,
        patients=found.old.patients,
        is_thin=found.old.patients < ENOUGH,
        changes=found.changes(wanted.seed),
        effects={effect: found.effects[effect] for effect in Effect},
        affected=tuple(one for effect in Effect for one in found.affected[effect]),
        endings=tuple(
            EndingCount(*how, found.old.endings[how], found.new.endings[how]) for how in endings
        ),
        staff=tuple(StaffDay(*key, *seconds) for key, seconds in staff.items()),
        deadlines=tuple(
            MovedDeadlines(step, shift)
            for step, shift in sorted(found.shifts.items())
            if shift.earlier or shift.later or shift.new or shift.gone
        ),
        assumed=tuple(
            Assumed(what, step, count) for (what, step), count in sorted(found.assumed.items())
        ),
        checked=checked,
        reproduced=same,
        seed=wanted.seed,
        kind=plan.kind,
    )
