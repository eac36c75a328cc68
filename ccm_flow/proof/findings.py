"""What a proof can find, and what it comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition


class Finding(StrEnum):
    """A way in which a playbook does not hold what it should."""

    NO_OWNER = "no_owner"
    """A step opens or moves to a role in which there is nobody."""
    NO_DEADLINE = "no_deadline"
    """A step is open without a deadline while the clocks run."""
    NOBODY_HAS_IT = "nobody_has_it"
    """Nothing is open, nothing is planned, and the month is not ready."""
    UNNAMED_ENDING = "unnamed_ending"
    """The cycle ends as not ready, or not enrolled, and nobody can say why."""
    NEVER_ENDS = "never_ends"
    """The cycle is still running when it should have closed."""
    GOES_ROUND = "goes_round"
    """Steps send the work to each other, and no outcome leaves the circle."""
    NEVER_OPENS = "never_opens"
    """No course of the month opens this step: its condition never holds when it comes up."""
    WAITS_IN_VAIN = "waits_in_vain"
    """No course of the month opens this step: what it waits for never happens."""
    NEVER_FIXES = "never_fixes"
    """What a step should put right can be missing, and the step does not open."""
    OUTCOME_NEVER = "outcome_never"
    """No course of the month ends a step in this way."""
    NEVER_ENDS_WELL = "never_ends_well"
    """No course of the month ends as ready, or as enrolled."""


JUDGED_AT_THE_END = (
    Finding.NEVER_OPENS,
    Finding.WAITS_IN_VAIN,
    Finding.NEVER_FIXES,
    Finding.OUTCOME_NEVER,
    Finding.NEVER_ENDS_WELL,
)
"""What is known only when everything was explored; the others are seen as they happen."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happens, when, in a sentence."""

    at: datetime
    when: str
    """Clinic time: `Dec 2 09:00`."""
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """One thing a proof found, with the shortest course of events that shows it."""

    finding: Finding
    step: StepId | None
    outcome: OutcomeId | None
    sentence: str
    hint: str
    story: tuple[StoryLine, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a proof looks."""

    states: int = 120_000
    """How many states it explores at most, over all threads."""
    thread_states: int = 2_000
    """How many states a thread may have before narrower ones are explored in its place."""
    thread_steps: int = 6
    """How many steps of a thread may be late in every combination."""
    rounds: int = 2
    """How often a step that opens again is followed."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was explored, and all that was found; nothing found means that all of it holds."""

    playbook: str
    version: int
    month: Month
    found: tuple[Found, ...]
    states: int
    transitions: int
    threads: int
    endings: Mapping[Disposition, int]
    """In how many explored ways cycles end like this."""
    bounds: Bounds
    stopped: bool
    """Whether the bound on states was reached before all was explored."""
    narrowed: int
    """How many threads were so wide that narrower ones were explored in their place."""
    rounds_cut: int
    """How many courses were left at the bound on rounds."""

    @property
    def holds(self) -> bool:
        """Tell whether nothing was found."""
        return not self.found
