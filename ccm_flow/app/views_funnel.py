"""What people look at: the way into the program. Instants and names as in `ccm_flow.app.views`."""

from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.funnel import Stage, StageCount
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One patient who is still on the way."""

    handle: str
    """The step as commands take it; the enrollment's when no step is open."""
    enrollment: EnrollmentId
    patient: PatientId
    patient_name: str
    stage: Stage
    since: datetime
    step_title: str | None
    owner_name: str | None
    due_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class FunnelView:
    """How many are how far, and everybody's next step."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    as_of: datetime
    stages: tuple[StageCount, ...]
    patients: tuple[FunnelRow, ...]
    """The late ones first, then by deadline; those without an open step last."""
