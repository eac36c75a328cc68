"""The timer that runs for a person, as every page shows it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import ClinicRow, EnrollmentRow, PatientRow, StepRow, TimerRow
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.core.activities import Activity
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.time_rules import TIMER_LIMIT


@dataclass(frozen=True, slots=True)
class TimerBadge:
    """A running timer in short."""

    clinic: ClinicId
    time_zone: str
    enrollment: EnrollmentId
    patient_name: str
    cycle: CycleId | None
    step: StepKey | None
    title: str | None
    """Of the step; None for work on the patient without a step."""
    activity: Activity
    started_at: datetime
    elapsed: timedelta
    limit: timedelta

    @property
    def is_too_long(self) -> bool:
        """Whether a person has to say when the work really ended."""
        return self.elapsed > self.limit

    def is_for(self, cycle: CycleId, step: StepKey) -> bool:
        """Tell whether it runs for a step."""
        return (self.cycle, self.step) == (cycle, step)


def timer_badge(engine: Engine, person: PersonId, now: datetime) -> TimerBadge | None:
    """Give a person's running timer, in one query."""
    query = (
        select(TimerRow, PatientRow, StepRow, ClinicRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(TimerRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .join(ClinicRow, col(ClinicRow.id) == col(TimerRow.clinic_id))
        .join(
            StepRow,
            (col(StepRow.cycle_id) == col(TimerRow.cycle_id))
            & (col(StepRow.key) == col(TimerRow.step_key)),
            isouter=True,
        )
        .where(TimerRow.person_id == person, col(TimerRow.ended_at).is_(None))
    )
    with reading(engine) as session:
        found = session.exec(query).first()
    if found is None:
        return None
    row, patient, step, clinic = found
    minutes = clinic.timer_limit_minutes
    return TimerBadge(
        clinic=row.clinic_id,
        time_zone=clinic.time_zone,
        enrollment=row.enrollment_id,
        patient_name=patient_name(patient),
        cycle=row.cycle_id,
        step=row.step_key,
        title=step.title if step else None,
        activity=row.activity,
        started_at=row.started_at,
        elapsed=max(now - row.started_at, timedelta(0)),
        limit=TIMER_LIMIT if minutes is None else timedelta(minutes=minutes),
    )
