"""
What the engine wants done, in the imperative.

Every command is also a line of the cycle's ledger: who was given what, told what, and why.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from ccm_flow.core.ids import OutcomeId, PersonId, StepKey
from ccm_flow.core.state import Attempt, Blocker, Ending, Owner, StepState


@dataclass(frozen=True, slots=True)
class OpenStep:
    """Put a step on its owner's list."""

    step: StepState
    kind: Literal["open_step"] = "open_step"


@dataclass(frozen=True, slots=True)
class CloseStep:
    """Take a step off the list; its state says how it ended."""

    step: StepState
    kind: Literal["close_step"] = "close_step"


@dataclass(frozen=True, slots=True)
class RecordAttempt:
    """Keep a failed attempt and when the next is planned."""

    step: StepState
    attempt: Attempt
    kind: Literal["record_attempt"] = "record_attempt"


@dataclass(frozen=True, slots=True)
class MoveDeadline:
    """A step's deadline was extended, paused or restarted."""

    step: StepState
    because: str
    by: PersonId
    kind: Literal["move_deadline"] = "move_deadline"


@dataclass(frozen=True, slots=True)
class RemindOwner:
    """Tell the owner about their deadline."""

    step: StepState
    rung: int
    """Which line of the ladder, from 0."""
    kind: Literal["remind_owner"] = "remind_owner"


@dataclass(frozen=True, slots=True)
class NotifyPerson:
    """Tell somebody else about a step."""

    step: StepState
    to: Owner
    rung: int
    kind: Literal["notify_person"] = "notify_person"


@dataclass(frozen=True, slots=True)
class MoveOwner:
    """A step changed hands; both people are told."""

    step: StepState
    was: Owner
    because: str
    by: PersonId
    kind: Literal["move_owner"] = "move_owner"


@dataclass(frozen=True, slots=True)
class RecordReadiness:
    """Keep what the readiness check found."""

    blockers: tuple[Blocker, ...]
    kind: Literal["record_readiness"] = "record_readiness"


@dataclass(frozen=True, slots=True)
class PauseCycle:
    """Stop the clocks."""

    because: str
    by: PersonId
    kind: Literal["pause_cycle"] = "pause_cycle"


@dataclass(frozen=True, slots=True)
class ResumeCycle:
    """Run the clocks again."""

    by: PersonId
    kind: Literal["resume_cycle"] = "resume_cycle"


@dataclass(frozen=True, slots=True)
class TellProgramOwner:
    """Something needs a decision no step covers, e.g. a step went round too often."""

    to: Owner
    about: StepKey
    outcome: OutcomeId
    kind: Literal["tell_program_owner"] = "tell_program_owner"


@dataclass(frozen=True, slots=True)
class EndCycle:
    """The cycle is over."""

    ending: Ending
    kind: Literal["end_cycle"] = "end_cycle"


Command = Annotated[
    OpenStep
    | CloseStep
    | RecordAttempt
    | MoveDeadline
    | RemindOwner
    | NotifyPerson
    | MoveOwner
    | RecordReadiness
    | PauseCycle
    | ResumeCycle
    | TellProgramOwner
    | EndCycle,
    Field(discriminator="kind"),
]
