"""The work queue: what is open at a clinic, the most pressing first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, PatientRow, StepRow
from ccm_flow.adapters.db.views_names import (
    People,
    Plans,
    clinic_row,
    handles_of,
    patient_name,
)
from ccm_flow.adapters.db.views_returned import question_about, questions_of
from ccm_flow.app.views import QueueRow, QueueView, Why, WhyKind
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, RoleId, cycle_suffix
from ccm_flow.core.state import StepStatus

Found = tuple[StepRow, CycleRow, EnrollmentRow, PatientRow]
_NEVER = datetime.max.replace(tzinfo=UTC)


def queue(
    engine: Engine,
    clinic: ClinicId,
    *,
    now: datetime,
    owner: PersonId | None = None,
    role: RoleId | None = None,
) -> QueueView:
    """
    List a clinic's open steps: overdue ones first, then by deadline, paused ones last.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        place = clinic_row(session, clinic)
        found = _open_steps(session, clinic)
        people = People(session, {step.owner_id for step, *_ in found})
        plans = Plans(session, {cycle.playbook_sha256 for _, cycle, *_ in found})
        handles = step_handles(found, handles_of(session, {who.id for *_, who, _ in found}))
        asked = questions_of(session, clinic)
        rows = [
            _row(item, handle, (people, plans), asked, now)
            for item, handle in zip(found, handles, strict=True)
            if owner in (None, item[0].owner_id) and role in (None, item[0].owner_role)
        ]
        return QueueView(clinic, place.name, place.time_zone, now, tuple(sorted(rows, key=_order)))


def _open_steps(session: Session, clinic: ClinicId) -> Sequence[Found]:
    query = (
        select(StepRow, CycleRow, EnrollmentRow, PatientRow)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
    )
    return [(step, cycle, enrolled, who) for step, cycle, enrolled, who in session.exec(query)]


def step_handles(found: Sequence[Found], short: Mapping[EnrollmentId, str]) -> list[str]:
    """
    Name open steps: `7f3a.outreach`, and `7f3a.outreach@2026-12` where two cycles have it open.

    One step may be open twice around the turn of a month, while the old one is being closed, and
    beside an episode (`7f3a.sign_off@episode:2026-12`).
    """
    times = Counter((enrolled.id, step.key) for step, _, enrolled, _ in found)
    return [
        step_handle(short[enrolled.id], step, cycle, alone=times[(enrolled.id, step.key)] == 1)
        for step, cycle, enrolled, _ in found
    ]


def step_handle(enrollment: str, step: StepRow, cycle: CycleRow, *, alone: bool) -> str:
    """Name one step."""
    return f"{enrollment}.{step.key}" + ("" if alone else cycle_suffix(cycle.id))


def _order(row: QueueRow) -> tuple[bool, bool, datetime, bool, str]:
    urgent = row.urgency == "urgent"
    return row.due_at is None, not row.late, row.due_at or _NEVER, not urgent, row.handle


def _row(
    item: Found,
    handle: str,
    named: tuple[People, Plans],
    asked: Mapping[CycleId, Why],
    now: datetime,
) -> QueueRow:
    (step, cycle, enrolled, patient), (people, plans) = item, named
    plan = plans.words(cycle.playbook_sha256)
    return QueueRow(
        handle=handle,
        cycle=cycle.id,
        key=step.key,
        title=step.title,
        phase=step.phase,
        kind=cycle.kind,
        month=cycle.month,
        enrollment=enrolled.id,
        patient=patient.id,
        patient_name=patient_name(patient),
        mrn=patient.mrn,
        owner=step.owner_id,
        owner_name=people.name(step.owner_id),
        role=step.owner_role,
        role_title=plan.role(step.owner_role),
        opened_at=step.opened_at,
        due_at=step.due_at,
        late=_is_late(step, now),
        attempt=None if step.attempts_allowed is None else step.attempts_made + 1,
        attempts_allowed=step.attempts_allowed,
        not_before=step.not_before,
        urgency=step.urgency,
        escalated=step.escalated,
        why=tuple(why_listed(step, now, asked)),
        outcomes=plan.choices(step.key),
    )


def _is_late(step: StepRow, now: datetime) -> bool:
    return step.due_at is not None and step.due_at < now


def why_listed(step: StepRow, now: datetime, asked: Mapping[CycleId, Why]) -> list[Why]:
    """Give every reason for which a step is on the list; `asked` is what billers returned."""
    why = []
    question = question_about(asked, step)
    if question is not None:
        why.append(question)
    if step.due_at is None:
        why.append(Why(WhyKind.PAUSED))
    elif _is_late(step, now):
        why.append(Why(WhyKind.OVERDUE, step.due_at))
    if step.urgency is not None:
        why.append(Why(WhyKind.QUESTION, step.opened_at, step.because or ""))
    if step.escalated:
        why.append(Why(WhyKind.ESCALATED))
    if step.not_before is not None:
        ahead = step.not_before > now
        kind = WhyKind.ATTEMPT_PLANNED if ahead else WhyKind.ATTEMPT_DUE
        why.append(Why(kind, step.not_before))
    return why or [Why(WhyKind.OPEN, step.opened_at)]
