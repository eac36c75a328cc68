"""What a step's page shows; instants are aware and in UTC, the page writes them in clinic time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ccm_flow.app.views_patient import AttemptView, TeamMember, Timing
from ccm_flow.core.care_plan import CarePlan, Goal
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PatientId, PersonId, RoleId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.note_forms import NoteForm
from ccm_flow.core.plan import Channel, PlaybookKind
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Recorded


@dataclass(frozen=True, slots=True)
class Contacted:
    """The last time the patient or caregiver was reached."""

    at: datetime
    title: str
    """Of the step."""
    by_name: str


@dataclass(frozen=True, slots=True)
class PatientBeside:
    """What of a patient stands beside the work."""

    patient: PatientId
    enrollment: EnrollmentId
    name: str
    first_name: str
    mrn: str
    age: int | None
    sex: str
    phone: str
    language: str
    preferred_channel: str
    contact_hours: str
    conditions: Mapping[str, tuple[str, ...]]
    """Active conditions by their group's title; others under "Other"."""
    medications: tuple[str, ...]
    last_contact: Contacted | None
    goals: tuple[Goal, ...]
    plan: CarePlan | None
    minutes: int
    """Whole minutes that count this month."""
    minutes_goal: int | None
    """None where the playbook asks for no minutes."""
    risk: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to end the step, or the result of one attempt, with what follows from it."""

    id: str
    title: str
    follows: tuple[str, ...] = ()
    """In words, e.g. "opens Follow up on the concern, owner Tom Adeyemi"."""
    next_at: datetime | None = None
    """When the attempt after this one is planned; None when the step ends."""
    next_channel: Channel | None = None
    is_attempt: bool = False
    needs_note: bool = False
    records: tuple[Recorded, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """How a question can be put to somebody."""

    role: RoleId
    """Who answers when nobody else is chosen."""
    routine_by: datetime | None
    urgent_by: datetime | None
    """None where the playbook knows no urgent clock."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that was sent for the step and is not in the flow yet, or was not taken."""

    at: datetime
    by: PersonId
    by_name: str
    refused: str | None
    """Why it was not taken; None while it waits for the server."""


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step with everything that is needed to do it."""

    clinic: ClinicId
    clinic_name: str
    zone: ZoneInfo
    as_of: datetime
    cycle: CycleId
    key: StepKey
    title: str
    phase: str
    kind: PlaybookKind
    month: Month
    status: StepStatus
    timing: Timing
    owner: PersonId
    owner_name: str
    role: RoleId
    role_title: str
    due_at: datetime | None
    left: timedelta | None
    """Open time until the deadline; negative when late, None while paused."""
    not_before: datetime | None
    because: str | None
    urgency: str | None
    attempts: tuple[AttemptView, ...]
    attempts_allowed: int | None
    channel: Channel | None
    """How the next attempt is planned."""
    channels: tuple[Channel, ...]
    optional: bool
    expected: timedelta
    ended_at: datetime | None
    ended_by_name: str | None
    outcome_title: str | None
    has_script: bool
    form: NoteForm | None
    choices: tuple[Choice, ...]
    asking: Asking | None
    roles: tuple[TeamMember, ...]
    """Who has which role for the patient."""
    patient: PatientBeside
    sent: Sent | None
    assigned: str | None = None
    """Why the owner has it."""

    @property
    def is_open(self) -> bool:
        """Whether it can be worked on."""
        return self.status is StepStatus.OPEN

    @property
    def takes_consent(self) -> bool:
        """Whether one of its outcomes records a consent."""
        return any(Recorded.CONSENT in choice.records for choice in self.choices)

    @property
    def takes_care_plan(self) -> bool:
        """Whether one of its outcomes writes a version of the care plan."""
        return any(Recorded.CARE_PLAN in choice.records for choice in self.choices)
