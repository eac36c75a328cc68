"""One step of a compiled playbook: its owner, its deadline, its ways to end and its ladder."""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ccm_flow.core.deadlines import Budget, DueRule
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.words import (
    Channel,
    Disposition,
    Phase,
    Recorded,
    Requirement,
    Responsibility,
    Trigger,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a step can end, and what follows."""

    id: OutcomeId
    title: str
    go: StepId | None = None
    """A step this outcome opens (again, if it was done before)."""
    end: Disposition | None = None
    """Ends the whole cycle this way."""
    because: str | None = None
    """The named reason of an ending, e.g. `unreachable`."""
    contact: bool = False
    """The patient or caregiver was reached."""
    records: tuple[Recorded, ...] = ()
    """What this outcome puts into the care record."""


@dataclass(frozen=True, slots=True)
class AttemptPlan:
    """How often, how far apart and by which channel contact is tried."""

    max: int
    every: Budget
    channels: tuple[Channel, ...]
    """The channel of the 1st, 2nd, ... attempt; the last one repeats."""
    results: tuple[OutcomeId, ...]
    """Results of an attempt that leave the step open."""
    then: OutcomeId
    """The outcome once the last attempt has failed."""

    def channel(self, number: int) -> Channel:
        """Give the planned channel of the `number`-th attempt, from 1."""
        return self.channels[min(number, len(self.channels)) - 1]


class When(StrEnum):
    """Which side of the deadline a rung lies on."""

    BEFORE = "before"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Remind:
    """Tell the owner."""

    kind: Literal["remind"] = "remind"


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the person in another role; the owner stays the owner."""

    role: RoleId
    kind: Literal["notify"] = "notify"


@dataclass(frozen=True, slots=True)
class Reassign:
    """Give the step to the person in another role, and tell both."""

    role: RoleId
    kind: Literal["reassign"] = "reassign"


@dataclass(frozen=True, slots=True)
class Expire:
    """Withdraw the step undone. It never counts as done."""

    outcome: OutcomeId | None = None
    """What follows; nothing when it is not given."""
    kind: Literal["expire"] = "expire"


Act = Annotated[Remind | Notify | Reassign | Expire, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of an escalation ladder."""

    when: When
    offset: Budget | None
    """How long before or after the deadline; nothing when it is due."""
    act: Act


@dataclass(frozen=True, slots=True)
class SkipRule:
    """A named reason for which a step is not opened."""

    because: str
    when: Expr


@dataclass(frozen=True, slots=True)
class StepVariant:
    """How a step differs for patients of one risk tier; what is None stays as it is."""

    risk: str
    owner: RoleId | None = None
    due: DueRule | None = None
    expected: timedelta | None = None
    script: str | None = None
    attempts: AttemptPlan | None = None
    ladder: tuple[Rung, ...] | None = None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One piece of work."""

    id: StepId
    title: str
    phase: Phase
    owner: RoleId
    due: DueRule
    outcomes: tuple[Outcome, ...]
    ladder: tuple[Rung, ...]
    after: Expr = None
    """Which steps it follows, as an expression over them; see `openings`."""
    at: DueRule | None = None
    """Opens no earlier than this date in the month."""
    on: Trigger | None = None
    """Opens each time this happens."""
    fixes: Requirement | None = None
    """Opens when the readiness check finds this blocker."""
    every: Budget | None = None
    """Opens again and again, this far apart."""
    when: Expr = None
    """Opened only when this holds at that moment; skipped otherwise."""
    urgent_due: DueRule | None = None
    """The reply clock of an urgent escalation; `due` is the routine one."""
    attempts: AttemptPlan | None = None
    expected: timedelta = timedelta(0)
    """The work it usually takes."""
    script: str | None = None
    note: str | None = None
    optional: bool = False
    """May be skipped by its owner, with a reason."""
    skip_if: tuple[SkipRule, ...] = ()
    """Skipped by itself when one of these holds as it would open."""
    responsibility: Responsibility | None = None
    """Which organization does it; None leaves it to the clinic's agreement."""
    variants: tuple[StepVariant, ...] = ()
    """How it differs by the patient's risk when it opens."""

    def outcome(self, id_: OutcomeId) -> Outcome | None:
        """Find one of the step's outcomes."""
        for outcome in self.outcomes:
            if outcome.id == id_:
                return outcome
        return None

    def due_rule(self, urgency: Urgency | None) -> DueRule:
        """Give the rule that its deadline follows: an urgent question may have a shorter clock."""
        urgent = urgency is Urgency.URGENT and self.urgent_due is not None
        return self.urgent_due if urgent and self.urgent_due is not None else self.due

    def leads_to(self, step: StepId) -> bool:
        """Tell whether an outcome opens another step."""
        return any(outcome.go == step for outcome in self.outcomes)

    def takes_result(self, id_: OutcomeId) -> bool:
        """Tell whether `id_` is the result of an attempt that leaves the step open."""
        return self.attempts is not None and id_ in self.attempts.results

    def needs_note(self, id_: OutcomeId) -> bool:
        """
        Tell whether the step's note must be filled in before it ends with this outcome.

        A note about a conversation is needed when the conversation took place: of a step that
        reaches patients, only for outcomes with contact. An outcome that ends the cycle for want
        of something has nothing to fill in.
        """
        chosen = self.outcome(id_)
        if self.note is None or chosen is None:
            return False
        if chosen.contact:
            return True
        if any(outcome.contact for outcome in self.outcomes):
            return False
        return chosen.end not in (Disposition.NOT_READY, Disposition.NOT_ENROLLED)

    def for_risk(self, risk: str) -> "PlanStep":
        """Give the step as it is for patients of a risk tier."""
        variant = next((variant for variant in self.variants if variant.risk == risk), None)
        if variant is None:
            return self
        return replace(
            self,
            owner=variant.owner or self.owner,
            due=variant.due or self.due,
            expected=self.expected if variant.expected is None else variant.expected,
            script=variant.script or self.script,
            attempts=variant.attempts or self.attempts,
            ladder=self.ladder if variant.ladder is None else variant.ladder,
        )
