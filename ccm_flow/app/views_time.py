"""
What people look at of time: entries, a month day by day, running timers.

Field names are the keys of the commands' `--json` output, so they do not change lightly.
"""

from dataclasses import dataclass
from datetime import date, datetime

from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.activities import Activity
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.minutes import WhyNot
from ccm_flow.core.month import Month
from ccm_flow.core.time_audit import AuditFlag
from ccm_flow.core.time_entries import EntryFlag


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry."""

    id: str
    handle: str
    """What a person types to name the entry."""
    enrollment: EnrollmentId
    patient_handle: str
    person: PersonId
    person_name: str
    credential: Credential | None
    activity: Activity
    program: str
    step: StepKey | None
    month: Month
    started_at: datetime
    ended_at: datetime
    seconds: int
    source: TimeSource
    entered_at: datetime
    entered_by: PersonId
    lag_seconds: int
    """How long after the work's end it was entered."""
    late: bool
    reason: str | None
    flags: tuple[EntryFlag, ...]
    corrects: str | None
    clashes_with: str | None
    counts: bool
    not_counted: WhyNot | None
    not_counted_because: str | None


@dataclass(frozen=True, slots=True)
class TimerLine:
    """A running timer."""

    person: PersonId
    person_name: str
    enrollment: EnrollmentId
    patient_handle: str
    step: StepKey | None
    activity: Activity
    program: str
    started_at: datetime
    elapsed_seconds: int
    limit_seconds: int
    """How long it is believed by itself."""
    over_limit: bool


@dataclass(frozen=True, slots=True)
class DayOfTime:
    """One day's entries; replaced ones are listed and not summed."""

    day: date
    entries: tuple[EntryLine, ...]
    seconds: int
    counted_seconds: int


@dataclass(frozen=True, slots=True)
class PatientMinutes:
    """What counts for one patient: exact seconds, floored once."""

    enrollment: EnrollmentId
    patient_handle: str
    minutes: int
    practitioner_minutes: int
    counted_seconds: int


@dataclass(frozen=True, slots=True)
class TimeReport:
    """Entries of a month, day by day."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    month: Month
    as_of: datetime
    days: tuple[DayOfTime, ...]
    patients: tuple[PatientMinutes, ...]
    timers: tuple[TimerLine, ...]
    flags: tuple[AuditFlag, ...]
    """Staff-days longer than the clinic is open."""


@dataclass(frozen=True, slots=True)
class TimeAudit:
    """What an auditor would stop at."""

    clinic: ClinicId
    clinic_name: str
    month: Month
    entries: int
    patients: int
    flags: tuple[AuditFlag, ...]
