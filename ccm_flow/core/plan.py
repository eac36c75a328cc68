"""
The compiled playbook: what the engine runs.

The language checks a playbook's YAML and compiles it to a `Plan`. A cycle carries its whole
plan from its first day, so a later edit never changes running work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, cached_property
from typing import Literal

from pydantic import TypeAdapter

from ccm_flow.core.contact import ContactRules, first_channel
from ccm_flow.core.deadlines import DueRule, MonthDate
from ccm_flow.core.expressions import Expr
from ccm_flow.core.facts import FactValue
from ccm_flow.core.ids import OutcomeId, PlaybookId, RoleId, StepId
from ccm_flow.core.note_forms import NoteForm
from ccm_flow.core.plan_steps import (
    Act,
    AttemptPlan,
    Expire,
    Notify,
    Outcome,
    PlanStep,
    Reassign,
    Remind,
    Rung,
    SkipRule,
    StepVariant,
    When,
)
from ccm_flow.core.words import (
    Channel,
    Disposition,
    Phase,
    PlaybookKind,
    Recorded,
    Requirement,
    Responsibility,
    Trigger,
    Urgency,
)

__all__ = [
    "READINESS",
    "READY",
    "Act",
    "AttemptPlan",
    "Channel",
    "Disposition",
    "DocumentationPlan",
    "Expire",
    "Notify",
    "Outcome",
    "Phase",
    "Plan",
    "PlanRole",
    "PlanStep",
    "PlaybookKind",
    "ProtectedTime",
    "ReadinessPlan",
    "Reassign",
    "Recorded",
    "Remind",
    "Requirement",
    "Responsibility",
    "Rung",
    "SkipRule",
    "StepVariant",
    "Trigger",
    "Urgency",
    "When",
    "plan_json",
    "planned_channel",
    "steps_named",
]

READINESS = StepId("readiness")
"""Stands in `after:` for the readiness check: `after: readiness.ready`."""
READY = OutcomeId("ready")


@dataclass(frozen=True, slots=True)
class PlanRole:
    """A kind of person who does steps."""

    id: RoleId
    title: str


@dataclass(frozen=True, slots=True)
class ReadinessPlan:
    """From when and for what the month is checked."""

    from_: DueRule
    requires: tuple[Requirement, ...]
    minimum_minutes: int
    minimum_conditions: int = 2
    """Two for chronic care management, one for principal care."""
    minimum_practitioner_minutes: int = 30
    """Of the billing practitioner's own; asked only where `practitioner_minutes` is required."""


@dataclass(frozen=True, slots=True)
class ProtectedTime:
    """Time a role keeps free for this playbook; the forecast and the handbook show it."""

    role: RoleId
    amount: timedelta
    per: Literal["business day", "week"]


@dataclass(frozen=True, slots=True)
class DocumentationPlan:
    """The days of the month kept for completing and signing notes."""

    first: MonthDate
    last: MonthDate
    roles: tuple[RoleId, ...] = ()
    """Who keeps the days; everybody when empty."""


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
    contact: ContactRules | None = None
    """When and how patients like to be reached; at any time when None."""
    notes: tuple[NoteForm, ...] = ()
    """The structures of the notes its steps name, as far as they are known."""
    protected_time: tuple[ProtectedTime, ...] = ()
    documentation: DocumentationPlan | None = None

    @cached_property
    def by_id(self) -> dict[StepId, PlanStep]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    @cached_property
    def at_start(self) -> tuple[PlanStep, ...]:
        """The steps that wait for nothing."""
        return tuple(step for step in self.steps if self.opens_at_start(step))

    @cached_property
    def fixing(self) -> tuple[PlanStep, ...]:
        """The steps that put right what the readiness check misses."""
        return tuple(step for step in self.steps if step.fixes is not None)

    @cached_property
    def fixing_ids(self) -> frozenset[StepId]:
        """Their ids."""
        return frozenset(step.id for step in self.fixing)

    @cached_property
    def senders(self) -> dict[StepId, tuple[PlanStep, ...]]:
        """For each step that some outcome opens, the steps that have such an outcome."""
        return {
            target: tuple(step for step in self.steps if step.leads_to(target))
            for target in self.go_targets
        }

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

    @cached_property
    def note_forms(self) -> dict[str, NoteForm]:
        """The notes' structures by their names."""
        return {form.id: form for form in self.notes}

    def step_of(self, step: StepId, risk: str | None) -> PlanStep:
        """Give a step as an opening of it has it: `risk` is the one that was in force then."""
        plain = self.by_id[step]
        if risk is None or not plain.variants:
            return plain
        varied = self._varied.get((step, risk))
        if varied is None:
            varied = self._varied[step, risk] = plain.for_risk(risk)
        return varied

    @cached_property
    def _varied(self) -> dict[tuple[StepId, str], PlanStep]:
        return {}

    def opens_at_start(self, step: PlanStep) -> bool:
        """Tell whether a step waits for nothing."""
        waits = (step.after, step.at, step.on, step.fixes)
        return all(part is None for part in waits) and step.id not in self.go_targets


def planned_channel(
    plan: Plan, attempts: AttemptPlan, number: int, facts: Mapping[str, FactValue]
) -> Channel:
    """Give the channel of the `number`-th attempt at a patient, from 1."""
    if number == 1:
        return first_channel(plan.contact, attempts.channels, facts)
    return attempts.channel(number)


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
