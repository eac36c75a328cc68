"""What people look at: a clinic's patients in the program. As in `ccm_flow.app.views`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, StepKey
from ccm_flow.core.month import Month

PAGE: Final = 50
"""Rows of a page of a list."""
OVER: Final = frozenset(
    {EnrollmentStatus.DECLINED, EnrollmentStatus.WITHDRAWN, EnrollmentStatus.ENDED}
)
"""No longer in the program."""


@dataclass(frozen=True, slots=True)
class WantedPatients:
    """Which patients to list; everybody's when nothing is said."""

    text: str = ""
    """Words of which each is in the name, or begins the record number."""
    statuses: Collection[EnrollmentStatus] | None = None
    only: Collection[EnrollmentId] | None = None
    """Those of a stage on the way into the program."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done for a patient first."""

    cycle: CycleId
    key: StepKey
    title: str
    owner_name: str
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient of the list."""

    enrollment: EnrollmentId
    patient_name: str
    mrn: str
    birth_year: int | None
    status: EnrollmentStatus
    paused: bool
    minutes: int
    """Whole minutes of this month that count."""
    blockers: int | None
    """How much the last check of this month found missing; None when there was no check yet."""
    next: NextStep | None


@dataclass(frozen=True, slots=True)
class PatientList:
    """A page of a clinic's patients, by name."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    as_of: datetime
    month: Month
    rows: tuple[PatientRow, ...]
    found: int
    """How many fit in all."""
    page: int
    by_status: Mapping[EnrollmentStatus, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.found // PAGE))


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a patient's history: who did what, and when."""

    id: int
    at: datetime
    who: str
    text: str
    about: str
    """The month or the record it belongs to."""


@dataclass(frozen=True, slots=True)
class LookLine:
    """Somebody looked at a patient."""

    at: datetime
    who: str
