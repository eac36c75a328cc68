"""
What people look at: the work queue and a clinic's month; `views_patient` has one patient's.

Every instant is aware and in UTC; `ccm_flow.app.view_text` writes it in the clinic's zone.
Field names are the keys of the commands' `--json` output, so they do not change lightly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.app.views_patient import BlockerView
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PatientId, PersonId, RoleId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


class WhyKind(StrEnum):
    """Why somebody should look at a step."""

    OVERDUE = "overdue"
    PAUSED = "paused"
    QUESTION = "question"
    RETURNED = "returned"
    ESCALATED = "escalated"
    ATTEMPT_PLANNED = "attempt_planned"
    ATTEMPT_DUE = "attempt_due"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Why:
    """One reason for which a step is on the list."""

    kind: WhyKind
    at: datetime | None = None
    """The instant it is about: when the deadline passed, when the attempt is planned."""
    text: str = ""
    """What a person said, e.g. an escalation's question."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One open step."""

    handle: str
    """What a person types to name the step; holds nothing about the patient."""
    cycle: CycleId
    key: StepKey
    title: str
    phase: str
    kind: PlaybookKind
    month: Month
    enrollment: EnrollmentId
    patient: PatientId
    patient_name: str
    mrn: str
    owner: PersonId
    owner_name: str
    role: RoleId
    role_title: str
    opened_at: datetime
    due_at: datetime | None
    """None while the cycle is paused."""
    late: bool
    attempt: int | None
    """The number of the next attempt; None for a step without attempts."""
    attempts_allowed: int | None
    not_before: datetime | None
    """When the next attempt is planned."""
    urgency: str | None
    escalated: bool
    """Somebody in another role than the playbook's own has it."""
    why: tuple[Why, ...]
    outcomes: tuple[str, ...]
    """What may be given to `ccm complete --outcome`."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """A clinic's open steps, the most pressing first."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    as_of: datetime
    steps: tuple[QueueRow, ...]


class MonthState(StrEnum):
    """How a patient's month stands."""

    READY = "ready"
    NOT_READY = "not_ready"
    WITHDRAWN = "withdrawn"
    DECEASED = "deceased"
    ENROLLED = "enrolled"
    NOT_ENROLLED = "not_enrolled"
    RUNNING = "running"
    PAUSED = "paused"
    NOT_OPENED = "not_opened"
    """The patient is in the program, but nothing was opened for the month."""


@dataclass(frozen=True, slots=True)
class StepCounts:
    """Steps by how they went; a late one is counted as done or open too."""

    open: int = 0
    done: int = 0
    late: int = 0
    """Done after the deadline, or open past it."""
    escalated: int = 0
    """Somebody else was told after the deadline, or another role has it."""
    missed: int = 0
    """Ended undone after the deadline."""
    skipped: int = 0

    def __add__(self, other: "StepCounts") -> "StepCounts":
        return StepCounts(
            open=self.open + other.open,
            done=self.done + other.done,
            late=self.late + other.late,
            escalated=self.escalated + other.escalated,
            missed=self.missed + other.missed,
            skipped=self.skipped + other.skipped,
        )


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One patient in the month's report."""

    handle: str
    enrollment: EnrollmentId
    patient: PatientId
    patient_name: str
    mrn: str
    cycle: CycleId | None
    state: MonthState
    because: str | None
    blockers: tuple[BlockerView, ...]
    steps: StepCounts
    minutes: int
    contacts: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """The report's sums."""

    patients: int
    steps: StepCounts
    minutes: int
    contacts: int


@dataclass(frozen=True, slots=True)
class MonthReport:
    """A clinic's month: who is ready to be billed, who is not, and why."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    month: Month
    kind: PlaybookKind
    as_of: datetime
    rows: tuple[MonthRow, ...]
    totals: MonthTotals
    by_state: Mapping[str, int]
    by_reason: Mapping[str, int]
    """How many ended without being ready (or enrolled), by the reason given."""
    by_blocker: Mapping[str, int]
    """How many are held up, by what is missing; one patient may count several times."""
