"""The timer that runs for a person, as every page shows it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.message_store import is_new
from ccm_flow.adapters.db.tables import (
    AlertStateRow,
    ClinicRow,
    ClinicVendorRow,
    EnrollmentRow,
    MessageRow,
    PatientRow,
    PersonRow,
    StepRow,
    TimerRow,
)
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


@dataclass(frozen=True, slots=True)
class PageHead:
    """What stands above every page."""

    unread: int
    """The person's new messages."""
    timer: TimerBadge | None
    alerts: int = 0
    """That the person has and has not taken."""
    has_vendor: bool = False
    """Somebody else works at one of the clinics, or did: there may be alerts."""


def page_head(
    engine: Engine, person: PersonId, clinics: Collection[ClinicId], now: datetime
) -> PageHead:
    """Count a person's new messages and alerts and give their running timer; one query."""
    unread = select(func.count()).select_from(MessageRow).where(*is_new(person, clinics))
    waiting = (
        select(func.count())
        .select_from(AlertStateRow)
        .where(
            AlertStateRow.holder_id == person,
            col(AlertStateRow.waiting).is_(True),
            col(AlertStateRow.clinic_id).in_(clinics),
        )
    )
    vendors = (
        select(func.count())
        .select_from(ClinicVendorRow)
        .where(col(ClinicVendorRow.clinic_id).in_(clinics))
    )
    counts = (one.scalar_subquery() for one in (unread, waiting, vendors))
    query = (
        select(*counts, TimerRow, PatientRow, StepRow, ClinicRow)  # type: ignore[call-overload]  # SQLModel's overloads end at four
        .select_from(PersonRow)
        .outerjoin(
            TimerRow,
            (col(TimerRow.person_id) == col(PersonRow.id)) & col(TimerRow.ended_at).is_(None),
        )
        .outerjoin(EnrollmentRow, col(EnrollmentRow.id) == col(TimerRow.enrollment_id))
        .outerjoin(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .outerjoin(ClinicRow, col(ClinicRow.id) == col(TimerRow.clinic_id))
        .outerjoin(
            StepRow,
            (col(StepRow.cycle_id) == col(TimerRow.cycle_id))
            & (col(StepRow.key) == col(TimerRow.step_key)),
        )
        .where(PersonRow.id == person)
    )
    with reading(engine) as session:
        unread_now, alerts, vendor_rows, row, patient, step, clinic = session.exec(query).one()
    badge = _badge(row, patient, step, clinic, now) if row else None
    return PageHead(unread_now, badge, alerts, vendor_rows > 0)


def _badge(
    row: TimerRow, patient: PatientRow, step: StepRow | None, clinic: ClinicRow, now: datetime
) -> TimerBadge:
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
