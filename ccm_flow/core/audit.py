"""What an audit of the record finds, in words that say where and what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.core.canonical import Plain, chain
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, CycleId, PersonId, StepKey
from ccm_flow.core.retention import Removals
from ccm_flow.core.state import CycleState


class Flaw(StrEnum):
    """What kind of thing is not as it should be."""

    CHANGED = "changed"
    """A line of the ledger is not what its hash stands for."""
    MISSING = "missing"
    """A line was taken out: its place in the chain is empty."""
    PUT_IN = "put_in"
    """A line stands in the ledger and not in the chain."""
    CUT_OFF = "cut_off"
    """The chain ends before, or otherwise than, it is said to end."""
    NOT_THE_SAME = "not_the_same"
    """The chain does not hold what an earlier export said it held."""
    GAP = "gap"
    """A month's transitions are not numbered 1, 2, 3, ..."""
    RECORD = "record"
    """A work list or report shows something else than the ledger tells."""
    CLICK = "click"
    """What people clicked and what the ledger holds of it differ: lost, or counted twice."""
    WORKFLOW = "workflow"
    """A running month stands elsewhere than the record says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be."""

    flaw: Flaw
    clinic: str
    where: str
    """The ledger's line, the month or the step; ids only."""
    said: str
    """A sentence."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a clinic's chain ends: how many lines there are, and the hash over all of them."""

    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a running month stands on the work lists."""

    cycle: CycleId
    sequence: int
    """The last transition they show."""
    open: Mapping[StepKey, tuple[PersonId, datetime | None]]
    """Owner and deadline of each open step."""


def how_apart(shown: Standing, state: CycleState) -> str | None:
    """Say in what a running month differs from what is shown of it; None when in nothing."""
    if shown.sequence != state.sequence:
        return f"It has had {state.sequence} transitions, the record shows {shown.sequence}."
    if state.ending is not None:
        return "It has ended, and the record shows it running."
    own = {step.key: (step.owner.person, step.due_at) for step in state.open_steps}
    for key in sorted(own.keys() | shown.open.keys()):
        if key not in own or key not in shown.open:
            return f"Step {key} is open {'there' if key in own else 'in the record'} alone."
        if own[key] != shown.open[key]:
            return f"Step {key} has another owner or deadline there."
    return None


class NotAnExportError(CcmError):
    """A file is no export of a ledger."""

    exit_code = 2
    hint = "Give a file that `ccm audit export` wrote, whole."

    def __init__(self, number: int, what: str) -> None:
        super().__init__(f"Line {number} {what}.")


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported ledger: whose it is, where it ends, and what breaks it."""

    clinic: ClinicId
    head: Head
    findings: tuple[Finding, ...]


def _holds(end: Head, one: Plain, removals: Removals) -> bool:
    """Tell whether an exported line follows the one before; one without texts is noted."""
    if "removal" in one:
        removals.left(str(one["removal"]), one["number"], one["line"])
        return bool(one["number"] == end.number + 1)
    follows = bool(one["number"] == end.number + 1)
    whole = follows and chain(end.sha256, one["line"]) == str(one["sha256"])
    if whole:
        removals.whole(one["line"])
    return whole


def check_export(lines: Iterable[Plain]) -> Exported:
    """
    Check an exported ledger by itself.

    Raises:
        NotAnExportError: it is none, or not whole.
    """
    end, broken, said, number = Head(0, ""), list[int](), None, 0
    removals = Removals()
    for number, one in enumerate(lines, start=1):
        if said is not None:
            raise NotAnExportError(number, "comes after the end")
        if one.keys() == {"clinic", "lines", "sha256"}:
            said = one
        elif one.keys() - {"removal"} == {"number", "sha256", "line"}:
            if not _holds(end, one, removals):
                broken.append(one["number"])
            end = Head(one["number"], one["sha256"])
        else:
            raise NotAnExportError(number, "is no line of a ledger")
    if said is None:
        raise NotAnExportError(number + 1, "should say where the ledger ends, and is not there")
    clinic = ClinicId(str(said["clinic"]))
    found = [
        Finding(Flaw.CHANGED, clinic, f"ledger line {one}", "It is not what its hash stands for.")
        for one in sorted({*broken, *removals.unproved()})
    ]
    if end != Head(said["lines"], said["sha256"]):
        where = f"ledger line {said['lines']}"
        found.append(Finding(Flaw.CUT_OFF, clinic, where, "The ledger should end here."))
    return Exported(clinic, end, tuple(found))
