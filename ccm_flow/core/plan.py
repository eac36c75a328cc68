"""
The compiled playbook: what the engine runs.

The language checks a playbook's YAML and compiles it to a `Plan`. A cycle carries its whole
plan from its first day, so a later edit never changes running work.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache, cached_property
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from ccm_flow.core.deadlines import Budget, DueRule
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, PlaybookId, RoleId, StepId

READINESS = StepId("readiness")
"""Stands in `after:` for the readiness check: `after: readiness.ready`."""
READY = OutcomeId("ready")


class Phase(StrEnum):
    """The part of the month a step belongs to."""

    OUTREACH = "outreach"
    FOLLOW_UP = "follow_up"
    ESCALATION = "escalation"
    DOCUMENTATION = "documentation"
    READINESS = "readiness"


class PlaybookKind(StrEnum):
    """Which place a playbook has in a program."""

    MONTHLY = "monthly"
    ENROLLMENT = "enrollment"


class Channel(StrEnum):
    """How a contact is made."""

    PHONE = "phone"
    PORTAL = "portal"
    TEXT = "text"
    LETTER = "letter"
    EMAIL = "email"
    VISIT = "visit"
    VIDEO = "video"


class Disposition(StrEnum):
    """How a cycle ended."""

    READY = "ready"
    NOT_READY = "not_ready"
    WITHDRAWN = "withdrawn"
    DECEASED = "deceased"
    ENROLLED = "enrolled"
    NOT_ENROLLED = "not_enrolled"


class Requirement(StrEnum):
    """What a month needs before it can be billed; each unmet one is a blocker."""

    CONSENT = "consent"
    CARE_PLAN = "care_plan"
    MINUTES = "minutes"
    SIGNED_NOTES = "signed_notes"
    CONDITIONS = "conditions"
    NO_CONFLICTS = "no_conflicts"
    CONTACT = "contact"
    COVERAGE = "coverage"
    INITIATING_VISIT = "initiating_visit"


class Recorded(StrEnum):
    """What ending a step with an outcome puts into the care record, in the owner's name."""

    CONSENT = "consent"
    """The patient accepted the program."""
    REFUSAL = "refusal"
    """The patient declined the program."""
    REVOCATION = "revocation"
    """The patient takes consent back, effective at the end of the calendar month."""
    CARE_PLAN = "care_plan"
    """A new version of the care plan was written."""
    CARE_PLAN_SHARED = "care_plan_shared"
    """The patient or caregiver got a copy of the care plan."""
    INITIATING_VISIT = "initiating_visit"
    """The visit that starts the program took place."""
    SIGNATURE = "signature"
    """The owner signs the month's open notes."""


class Urgency(StrEnum):
    """How soon an escalation must be answered."""

    URGENT = "urgent"
    ROUTINE = "routine"


class Trigger(StrEnum):
    """Something that happens outside the playbook and may open steps."""

    ESCALATION = "escalation"
    ADMISSION = "admission"
    DISCHARGE = "discharge"
    LAB_RESULT = "lab_result"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class PlanRole:
    """A kind of person who does steps."""

    id: RoleId
    title: str


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

    def outcome(self, id_: OutcomeId) -> Outcome | None:
        """Find one of the step's outcomes."""
        return next((outcome for outcome in self.outcomes if outcome.id == id_), None)

    def takes_result(self, id_: OutcomeId) -> bool:
        """Tell whether `id_` is the result of an attempt that leaves the step open."""
        return self.attempts is not None and id_ in self.attempts.results


@dataclass(frozen=True, slots=True)
class ReadinessPlan:
    """From when and for what the month is checked."""

    from_: DueRule
    requires: tuple[Requirement, ...]
    minimum_minutes: int


@dataclass(frozen=True)
class Plan:
    """A whole playbook, checked and compiled."""

    playbook: PlaybookId
    version: int
    sha256: str
    """Of the YAML text, in hexadecimal: the version's identity."""
    title: str
    program: str
    kind: PlaybookKind
    owner: RoleId
    """The program owner's role: answers for every step nobody else can own."""
    roles: tuple[PlanRole, ...]
    steps: tuple[PlanStep, ...]
    closes: DueRule
    """When the cycle ends whatever is still open."""
    readiness: ReadinessPlan | None = None

    @cached_property
    def by_id(self) -> dict[StepId, PlanStep]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    @cached_property
    def go_targets(self) -> frozenset[StepId]:
        """Steps that some outcome opens."""
        outcomes = (outcome for step in self.steps for outcome in step.outcomes)
        return frozenset(outcome.go for outcome in outcomes if outcome.go is not None)

    @cached_property
    def followers(self) -> dict[StepId, tuple[PlanStep, ...]]:
        """For each step (and `readiness`), the steps whose `after` names it."""
        found: dict[StepId, list[PlanStep]] = {}
        for step in self.steps:
            for source in steps_named(step.after):
                found.setdefault(source, []).append(step)
        return {source: tuple(steps) for source, steps in found.items()}

    def opens_at_start(self, step: PlanStep) -> bool:
        """Tell whether a step waits for nothing."""
        waits = (step.after, step.at, step.on, step.fixes)
        return all(part is None for part in waits) and step.id not in self.go_targets


def steps_named(after: Expr) -> frozenset[StepId]:
    """Name the steps an `after` expression asks about."""
    if not isinstance(after, tuple):
        return frozenset()
    if after[0] in ("done", "ended", "outcome"):
        return frozenset([StepId(after[1])])
    return frozenset().union(*(steps_named(part) for part in after[1:]))


@cache
def plan_json() -> TypeAdapter[Plan]:
    """Give what reads and writes plans as JSON; built on first use, for it takes a while."""
    return TypeAdapter(Plan)
