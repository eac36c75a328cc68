"""What people look at: one patient's month. Instants and names as in `ccm_flow.app.views`."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    HappeningId,
    PatientId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus


class Timing(StrEnum):
    """How a step stands to its deadline; derived, never stored."""

    MET = "met"
    LATE = "late"
    OPEN = "open"
    OVERDUE = "overdue"
    MISSED = "missed"
    """It ended undone after its deadline."""
    NOT_NEEDED = "not_needed"
    """It was skipped, or the cycle ended before its deadline."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try at contact."""

    number: int
    at: datetime
    channel: str
    result: str
    by_name: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One opening of a step."""

    handle: str
    key: StepKey
    title: str
    status: StepStatus
    timing: Timing
    owner: PersonId
    owner_name: str
    role: RoleId
    role_title: str
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    ended_by_name: str | None
    outcome: str | None
    outcome_title: str | None
    because: str | None
    urgency: str | None
    escalated: bool
    attempts: tuple[AttemptView, ...]
    attempts_allowed: int | None
    not_before: datetime | None
    outcomes: tuple[str, ...]
    """What may be given as the outcome; empty once the step has ended."""
    assigned: str | None = None
    """Why the owner has it."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened, as a sentence without instants."""

    at: datetime
    kind: str
    text: str
    step: StepKey | None = None
    owner_name: str | None = None
    """Who had the step then."""
    role: str | None = None
    due_at: datetime | None = None
    """The step's deadline then."""


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Who has a role for a patient."""

    role: RoleId
    role_title: str
    person: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class BlockerView:
    """One thing that stops the month from being billed."""

    requirement: str
    detail: str


@dataclass(frozen=True, slots=True)
class CycleLine:
    """One of a patient's cycles, in short."""

    cycle: CycleId
    kind: PlaybookKind
    month: Month
    status: CycleStatus
    disposition: str | None


@dataclass(frozen=True, slots=True)
class CycleSummary:
    """The cycle that is shown."""

    cycle: CycleId
    kind: PlaybookKind
    month: Month
    status: CycleStatus
    playbook: str
    version: int
    disposition: str | None
    because: str | None
    blockers: tuple[BlockerView, ...]
    contacts: int
    opened_at: datetime
    closes_at: datetime
    ended_at: datetime | None
    minutes_wanted: int | None = None
    """What the playbook asks for before the month is ready; None when it asks for none."""


@dataclass(frozen=True, slots=True)
class Effort:
    """The documented work on one activity, exact to the second."""

    activity: str
    seconds: int
    entries: int


@dataclass(frozen=True, slots=True)
class MessageView:
    """What somebody was told."""

    at: datetime
    to: PersonId
    to_name: str
    role: RoleId
    code: str
    text: str
    step: StepKey | None


@dataclass(frozen=True, slots=True)
class PatientHeader:
    """Who the patient is."""

    patient: PatientId
    mrn: str
    name: str
    birth_date: date | None
    sex: str
    phone: str
    language: str
    deceased_at: datetime | None


@dataclass(frozen=True, slots=True)
class EnrollmentHeader:
    """How far the patient is in the program, and who looks after them."""

    enrollment: EnrollmentId
    handle: str
    """What a person types to name the patient."""
    program: str
    status: EnrollmentStatus
    created_at: datetime
    activated_at: datetime | None
    ended_at: datetime | None
    ended_because: str | None
    team: tuple[TeamMember, ...]


@dataclass(frozen=True, slots=True)
class HappeningView:
    """Something that happened outside the playbook, as it was told."""

    id: HappeningId
    kind: HappeningKind
    at: datetime
    told_by_name: str
    """A person, or the record system that told it."""
    detail: str
    waiting: bool
    """It is kept and the running cycles do not know it yet."""
    led_to: tuple[str, ...]
    taken_back: str | None
    """Why it was taken back; None when it stands."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a record system knows and nobody has told: feeds are late, so a person decides."""

    handle: str
    """What a person types to name the patient."""
    patient: PatientId
    patient_name: str
    kind: HappeningKind
    at: datetime


@dataclass(frozen=True, slots=True)
class PatientView:
    """One patient's month."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    as_of: datetime
    patient: PatientHeader
    enrollment: EnrollmentHeader | None
    """None for a patient who was only imported."""
    cycle: CycleSummary | None
    cycles: tuple[CycleLine, ...]
    """All of the patient's cycles, newest first."""
    steps: tuple[StepView, ...]
    timeline: tuple[TimelineEntry, ...]
    minutes: int
    """Whole minutes that count, floored once; for the way into the program, all the work on it."""
    effort: tuple[Effort, ...]
    notes: int
    unsigned_notes: int
    messages: tuple[MessageView, ...]
    happenings: tuple[HappeningView, ...] = ()
    """What happened outside the playbook, newest first."""
    suggestions: tuple[Suggestion, ...] = ()
