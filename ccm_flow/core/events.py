"""What happens to a cycle, in the past tense. Each event carries the facts it brings along."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from ccm_flow.core.assignment import Pool
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import Budget
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.core.plan import Channel, Plan, Trigger, Urgency
from ccm_flow.core.signing import Signature


@dataclass(frozen=True, slots=True)
class CycleOpened:
    """The cycle began."""

    kind: Literal["cycle_opened"] = "cycle_opened"


@dataclass(frozen=True, slots=True)
class TimePassed:
    """An instant came at which something is due."""

    facts: Facts | None = None
    pool: Pool | None = None
    kind: Literal["time_passed"] = "time_passed"


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """A person ended a step with one of its outcomes."""

    step: StepKey
    outcome: OutcomeId
    by: PersonId
    role: RoleId
    """The role in which the person acts; who holds which role is checked before."""
    channel: Channel | None = None
    """How contact was made, for a step with attempts; the planned channel when left out."""
    facts: Facts | None = None
    pool: Pool | None = None
    kind: Literal["step_completed"] = "step_completed"


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """A person tried to make contact and the step stays open (or ends, after the last try)."""

    step: StepKey
    result: OutcomeId
    by: PersonId
    role: RoleId
    channel: Channel | None = None
    facts: Facts | None = None
    pool: Pool | None = None
    kind: Literal["attempt_made"] = "attempt_made"


@dataclass(frozen=True, slots=True)
class StepSkipped:
    """An optional step's owner decided it is not needed."""

    step: StepKey
    by: PersonId
    role: RoleId
    because: str
    kind: Literal["step_skipped"] = "step_skipped"


@dataclass(frozen=True, slots=True)
class StepReassigned:
    """A person gave a step to another person."""

    step: StepKey
    to: PersonId
    role: RoleId
    by: PersonId
    because: str
    pool: Pool | None = None
    kind: Literal["step_reassigned"] = "step_reassigned"


@dataclass(frozen=True, slots=True)
class DeadlineExtended:
    """A person gave a step more time, counted from now."""

    step: StepKey
    by: PersonId
    because: str
    extra: Budget
    kind: Literal["deadline_extended"] = "deadline_extended"


@dataclass(frozen=True, slots=True)
class Triggered:
    """Something happened outside the playbook: an escalation raised, a discharge, a lab result."""

    trigger: Trigger
    by: PersonId
    because: str = ""
    urgency: Urgency | None = None
    to: RoleId | None = None
    """Who should answer an escalation, when not the playbook's own choice."""
    facts: Facts | None = None
    pool: Pool | None = None
    by_agreement: bool = False
    """
    The role that was asked decides whose people answer, not what the playbook says of the step.

    False in what was sent before this could be said; those histories replay as they ran.
    """
    kind: Literal["triggered"] = "triggered"


@dataclass(frozen=True, slots=True)
class CyclePaused:
    """Clocks stop, e.g. for a hospital stay."""

    by: PersonId
    because: str
    kind: Literal["cycle_paused"] = "cycle_paused"


@dataclass(frozen=True, slots=True)
class CycleResumed:
    """Clocks run again."""

    by: PersonId
    kind: Literal["cycle_resumed"] = "cycle_resumed"


@dataclass(frozen=True, slots=True)
class PatientWithdrew:
    """The patient left the program."""

    by: PersonId
    because: str
    kind: Literal["patient_withdrew"] = "patient_withdrew"


@dataclass(frozen=True, slots=True)
class PatientDied:
    """The patient died."""

    by: PersonId
    kind: Literal["patient_died"] = "patient_died"


@dataclass(frozen=True, slots=True)
class FactsChanged:
    """The care record changed in a way the playbook may care about."""

    facts: Facts
    kind: Literal["facts_changed"] = "facts_changed"


@dataclass(frozen=True, slots=True)
class MonthClosed:
    """A person closed the month for this patient before its last day."""

    by: PersonId
    facts: Facts | None = None
    pool: Pool | None = None
    kind: Literal["month_closed"] = "month_closed"


@dataclass(frozen=True, slots=True)
class StaffChanged:
    """Who may get the cycle's steps has changed; its open steps stay where they are."""

    by: PersonId
    because: str
    pool: Pool | None = None
    kind: Literal["staff_changed"] = "staff_changed"


@dataclass(frozen=True, slots=True)
class CalendarChanged:
    """The clinic's hours or closure days have changed; what lies ahead is worked out anew."""

    by: PersonId
    because: str
    calendar: WorkCalendar
    told_at: datetime | None = None
    """When it was decided: an older one that comes late does not undo a newer one."""
    kind: Literal["calendar_changed"] = "calendar_changed"


@dataclass(frozen=True, slots=True)
class VersionRef:
    """One version of a playbook, by its number and by its content."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """A person signed that the running month goes on by another version of its playbook."""

    by: PersonId
    signed: Signature
    was: VersionRef
    """The version that ran when they saw what would become of each step."""
    plan: Plan
    facts: Facts | None = None
    pool: Pool | None = None
    kind: Literal["plan_changed"] = "plan_changed"


PersonEvent = Annotated[
    StepCompleted
    | AttemptMade
    | StepSkipped
    | StepReassigned
    | DeadlineExtended
    | Triggered
    | CyclePaused
    | CycleResumed
    | PatientWithdrew
    | PatientDied
    | FactsChanged
    | MonthClosed
    | StaffChanged
    | CalendarChanged
    | PlanChanged,
    Field(discriminator="kind"),
]
"""What people and outside systems can make happen."""

Event = Annotated[
    CycleOpened
    | TimePassed
    | StepCompleted
    | AttemptMade
    | StepSkipped
    | StepReassigned
    | DeadlineExtended
    | Triggered
    | CyclePaused
    | CycleResumed
    | PatientWithdrew
    | PatientDied
    | FactsChanged
    | MonthClosed
    | StaffChanged
    | CalendarChanged
    | PlanChanged,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True)
class Timed:
    """An event and the instant at which it took effect."""

    at: datetime
    event: Event
