"""A person's messages: how many are new, one page of them, and marking them read."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select, update

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    CycleRow,
    EnrollmentRow,
    MessageRow,
    PatientRow,
    StepRow,
)
from ccm_flow.adapters.db.views_names import Plans, patient_name
from ccm_flow.app.messages import TEXTS, MessageLine
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.state import StepStatus

PAGE = 50
"""Messages on one page."""


def messages(
    engine: Engine, person: PersonId, clinics: Collection[ClinicId], *, start: int, new_only: bool
) -> list[MessageLine]:
    """Give a person's messages, newest first; one more than a page when others follow."""
    where = [MessageRow.to_person == person, col(MessageRow.clinic_id).in_(clinics)]
    query = (
        select(MessageRow, CycleRow.playbook_sha256, PatientRow, StepRow.status)
        .outerjoin(CycleRow, col(CycleRow.id) == col(MessageRow.cycle_id))
        .outerjoin(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .outerjoin(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .outerjoin(
            StepRow,
            (col(StepRow.cycle_id) == col(MessageRow.cycle_id))
            & (col(StepRow.key) == col(MessageRow.step_key)),
        )
        .where(*(is_new(person, clinics) if new_only else where))
        .order_by(col(MessageRow.sent_at).desc(), col(MessageRow.id).desc())
    )
    with reading(engine) as session:
        rows = session.exec(query.offset(start).limit(PAGE + 1)).all()
        return _lines(session, rows)


def mark_read(
    engine: Engine,
    person: PersonId,
    now: datetime,
    *,
    message: str | None = None,
    until: datetime | None = None,
) -> None:
    """Mark one message, or all that were sent until an instant; only the person's own."""
    query = update(MessageRow).where(
        col(MessageRow.to_person) == person, col(MessageRow.read_at).is_(None)
    )
    if message is not None:
        query = query.where(col(MessageRow.id) == message)
    if until is not None:
        query = query.where(col(MessageRow.sent_at) <= until)
    with writing(engine) as session:
        session.exec(query.values(read_at=now))


def is_new(person: PersonId, clinics: Collection[ClinicId]) -> list[Any]:
    """Choose a person's messages that they have not read, at some clinics."""
    return [
        col(MessageRow.to_person) == person,
        col(MessageRow.read_at).is_(None),
        col(MessageRow.clinic_id).in_(clinics),
    ]


def _lines(
    session: Session,
    rows: Sequence[tuple[MessageRow, str | None, PatientRow | None, str | None]],
) -> list[MessageLine]:
    plans = Plans(session, {sha256 for _, sha256, *_ in rows if sha256 is not None})
    return [
        MessageLine(
            id=row.id,
            clinic=row.clinic_id,
            cycle=row.cycle_id,
            step=row.step_key,
            version=row.detail.get("sha256"),
            alert=row.detail.get("alert"),
            text=TEXTS.get(row.text_code, row.text_code.replace("_", " ").capitalize()),
            title=plans.words(sha256).title(row.step_key) if sha256 else row.detail["title"],
            patient_name=patient_name(patient) if patient else "",
            sent_at=row.sent_at,
            read_at=row.read_at,
            still_open=status == StepStatus.OPEN,
        )
        for row, sha256, patient, status in rows
    ]
