"""What the API looks up by exact ids, each within one clinic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.sealed_columns import same
from ccm_flow.adapters.db.tables import (
    ClinicPlaybookRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    PlaybookVersionRow,
    StepRow,
)
from ccm_flow.adapters.db.views_names import People, Plans
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    PatientId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import StepStatus


@dataclass(frozen=True, slots=True)
class StepFacts:
    """One opening of a step, whose patient is only named by an id."""

    cycle: CycleId
    key: StepKey
    title: str
    phase: str
    kind: PlaybookKind
    month: Month
    enrollment: EnrollmentId
    patient: PatientId
    owner: PersonId
    owner_name: str
    role: RoleId
    role_title: str
    status: StepStatus
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    because: str | None
    urgency: str | None
    attempts_made: int
    attempts_allowed: int | None
    outcomes: tuple[str, ...]
    """What it may be ended with; empty once it has ended."""


@dataclass(frozen=True, slots=True)
class PlaybookLine:
    """A published playbook and from when a clinic uses it."""

    playbook: str
    version: int
    title: str
    kind: PlaybookKind
    from_month: Month
    sha256: str


def step_facts(engine: Engine, clinic: ClinicId, cycle: CycleId, key: StepKey) -> StepFacts | None:
    """Give a step of a clinic; None when the clinic has no such step."""
    query = (
        select(StepRow, CycleRow, EnrollmentRow.patient_id)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .where(StepRow.cycle_id == cycle, StepRow.key == key, StepRow.clinic_id == clinic)
    )
    with reading(engine) as session:
        found = session.exec(query).first()
        if found is None:
            return None
        step, row, patient = found
        words = Plans(session, {row.playbook_sha256}).words(row.playbook_sha256)
        people = People(session, {step.owner_id})
        return StepFacts(
            cycle=row.id,
            key=step.key,
            title=step.title,
            phase=step.phase,
            kind=row.kind,
            month=row.month,
            enrollment=row.enrollment_id,
            patient=PatientId(patient),
            owner=step.owner_id,
            owner_name=people.name(step.owner_id),
            role=step.owner_role,
            role_title=words.role(step.owner_role),
            status=step.status,
            opened_at=step.opened_at,
            due_at=step.due_at,
            ended_at=step.ended_at,
            outcome=step.outcome,
            because=step.because,
            urgency=step.urgency,
            attempts_made=step.attempts_made,
            attempts_allowed=step.attempts_allowed,
            outcomes=words.choices(step.key) if step.status is StepStatus.OPEN else (),
        )


def enrollment_here(engine: Engine, clinic: ClinicId, enrollment: EnrollmentId) -> PatientId | None:
    """Give whose enrollment it is; None when the clinic has no such one."""
    query = select(EnrollmentRow.patient_id).where(
        EnrollmentRow.id == enrollment, EnrollmentRow.clinic_id == clinic
    )
    with reading(engine) as session:
        found = session.exec(query).first()
        return PatientId(found) if found else None


def patients_here(
    engine: Engine, clinic: ClinicId, *, mrn: str | None, patient: PatientId | None
) -> Sequence[PatientId]:
    """List the clinic's patients of a record number or an id: one, unless numbers repeat."""
    query = select(PatientRow.id).where(PatientRow.clinic_id == clinic)
    if patient is not None:
        query = query.where(PatientRow.id == patient)
    with reading(engine) as session:
        if mrn is not None:
            query = query.where(same(session, PatientRow.mrn, mrn))
        found = session.exec(query.order_by(col(PatientRow.id)).limit(2))
        return [PatientId(id_) for id_ in found]


def newest_enrollment(engine: Engine, patient: PatientId) -> EnrollmentId | None:
    """Give a patient's newest enrollment."""
    query = select(EnrollmentRow.id).where(EnrollmentRow.patient_id == patient)
    with reading(engine) as session:
        found = session.exec(query.order_by(col(EnrollmentRow.created_at).desc())).first()
        return EnrollmentId(found) if found else None


def playbooks_of(engine: Engine, clinic: ClinicId) -> Sequence[PlaybookLine]:
    """List what a clinic has published, by kind, the newest first."""
    query = (
        select(ClinicPlaybookRow, PlaybookVersionRow)
        .join(PlaybookVersionRow, col(PlaybookVersionRow.sha256) == col(ClinicPlaybookRow.sha256))
        .where(ClinicPlaybookRow.clinic_id == clinic)
        .order_by(col(ClinicPlaybookRow.kind), col(ClinicPlaybookRow.from_month).desc())
    )
    with reading(engine) as session:
        return [
            PlaybookLine(
                version.playbook,
                version.version,
                version.title,
                used.kind,
                used.from_month,
                used.sha256,
            )
            for used, version in session.exec(query)
        ]
