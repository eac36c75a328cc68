"""The leaks of a month as people see them; instants are aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, StepKey
from ccm_flow.core.leaks import Leak
from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One thing that was lost or is about to be."""

    what: str
    detail: str
    enrollment: EnrollmentId | None = None
    """None for a pattern of the whole clinic."""
    patient_name: str | None = None
    person_name: str | None = None
    """Whose work it is."""
    at: datetime | None = None
    cycle: CycleId | None = None
    key: StepKey | None = None


@dataclass(frozen=True, slots=True)
class LeakReport:
    """Everything that a clinic's month loses, by kind."""

    clinic: ClinicId
    month: Month
    rows: Mapping[Leak, tuple[LeakRow, ...]]

    @property
    def count(self) -> int:
        """How many there are of all kinds."""
        return sum(len(rows) for rows in self.rows.values())
