"""What a work list shows; instants are aware and in UTC, the page writes them in clinic time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ccm_flow.app.views import Why
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PatientId, PersonId, RoleId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.words import Channel
from ccm_flow.core.worklist import Place, Standing


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One open step on somebody's list."""

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
    birth_year: int | None
    phone: str
    owner: PersonId
    owner_name: str
    role: RoleId
    role_title: str
    due_at: datetime | None
    attempt: int | None
    """The number of the next attempt; None for a step without attempts."""
    attempts_allowed: int | None
    channel: Channel | None
    """How the next attempt is planned."""
    put_off_because: str | None
    urgency: str | None
    standing: Standing
    why: tuple[Why, ...]
    sent: bool = False
    """Somebody finished it while the server was away; it waits to be passed on."""


@dataclass(frozen=True, slots=True)
class WorkList:
    """A clinic's open steps in groups, each in the order that matters."""

    clinic: ClinicId
    clinic_name: str
    zone: ZoneInfo
    as_of: datetime
    version: str
    """Changes whenever the list may have changed."""
    groups: Mapping[Place, tuple[WorkRow, ...]]

    @property
    def count(self) -> int:
        """How many steps are on the list."""
        return sum(len(rows) for rows in self.groups.values())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of a clinic's open steps."""

    owner: PersonId | None = None
    role: RoleId | None = None
    phase: str | None = None
    text: str = ""
    """Part of a patient's name, record number or of the step's title."""
