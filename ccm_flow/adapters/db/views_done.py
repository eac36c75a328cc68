"""What a person has just done, told on the page that comes next."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    AttemptRow,
    ClickRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    StepRow,
)
from ccm_flow.adapters.db.time_views import held_sentences
from ccm_flow.adapters.db.views_names import Plans, patient_name
from ccm_flow.app.statuses import ClickState
from ccm_flow.app.view_text import words
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, PersonId, StepKey
from ccm_flow.core.plan import Channel, Plan, planned_channel
from ccm_flow.core.state import StepStatus


@dataclass(frozen=True, slots=True)
class DoneNotice:
    """What became of a click on a step."""

    clinic: ClinicId
    cycle: CycleId
    key: StepKey
    title: str
    patient_name: str
    outcome: str
    """Its title; of an attempt, the result in words."""
    waits: bool
    """It was sent and the server has not taken it yet."""
    attempt: int | None
    """The attempt that was made, where the step is still open."""
    next_at: datetime | None
    next_channel: Channel | None
    notices: tuple[str, ...]
    """Why the time that was entered does not count yet."""


def done_notice(engine: Engine, click: ClickId, person: PersonId) -> DoneNotice | None:
    """Say what became of a person's own click; None for another's, or a refused one."""
    query = (
        select(ClickRow, StepRow, CycleRow, PatientRow)
        .join(CycleRow, col(CycleRow.id) == col(ClickRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .join(
            StepRow,
            (col(StepRow.cycle_id) == col(ClickRow.cycle_id))
            & (col(StepRow.key) == col(ClickRow.step_key)),
        )
        .where(ClickRow.id == click, ClickRow.by == person)
    )
    with reading(engine) as session:
        found = session.exec(query).first()
        if found is None or found[0].state is ClickState.REFUSED:
            return None
        row, step, cycle, patient = found
        plan = Plans(session, {cycle.playbook_sha256}).plan(cycle.playbook_sha256)
        tried = select(AttemptRow.number).where(
            AttemptRow.cycle_id == cycle.id, AttemptRow.step_key == step.key
        )
        made = max(session.exec(tried), default=None)
    goes_on = step.status is StepStatus.OPEN and row.kind == "attempt_made"
    return DoneNotice(
        clinic=cycle.clinic_id,
        cycle=cycle.id,
        key=step.key,
        title=step.title,
        patient_name=patient_name(patient),
        outcome=_outcome(plan, step, row),
        waits=row.state is ClickState.PENDING,
        attempt=made if goes_on else None,
        next_at=step.not_before if goes_on else None,
        next_channel=_channel(plan, step, cycle) if goes_on else None,
        notices=tuple(
            line.partition(" Put it right:")[0] for line in held_sentences(engine, click)
        ),
    )


def _outcome(plan: Plan, step: StepRow, row: ClickRow) -> str:
    event = row.payload["event"]
    chosen = str(event.get("outcome") or event.get("result") or "")
    spec = plan.by_id.get(step.step_id)
    titles = {one.id: one.title for one in spec.outcomes} if spec else {}
    return next((title for id_, title in titles.items() if id_ == chosen), words(chosen))


def _channel(plan: Plan, step: StepRow, cycle: CycleRow) -> Channel | None:
    spec = plan.by_id.get(step.step_id)
    if spec is None or spec.attempts is None:
        return None
    facts = {"preferred_channel": "any", **cycle.facts}
    return planned_channel(plan, spec.attempts, step.attempts_made + 1, facts)
