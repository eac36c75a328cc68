"""Notes, care plans and signatures that come with a click."""

import uuid
from datetime import datetime

from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.tables import CarePlanRow, CycleRow, NoteRow
from ccm_flow.app.care import Click


def note_row(click: Click, cycle: CycleRow, now: datetime) -> NoteRow:
    """Give the row for the note that was written with a click."""
    return NoteRow(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"note/{click.id}").hex,
        clinic_id=cycle.clinic_id,
        enrollment_id=cycle.enrollment_id,
        cycle_id=cycle.id,
        step_key=click.step,
        author_id=click.by,
        kind=(click.step or "other").partition("~")[0],
        fields=dict(click.work.fields),
        text=click.work.note,
        written_at=now,
    )


def keep_care_plan(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep the next version of the care plan."""
    latest = session.exec(
        select(func.max(CarePlanRow.version)).where(
            CarePlanRow.enrollment_id == cycle.enrollment_id
        )
    ).one()
    session.add(
        CarePlanRow(
            id=uuid.uuid5(uuid.NAMESPACE_OID, f"plan/{click.id}").hex,
            enrollment_id=cycle.enrollment_id,
            version=(latest or 0) + 1,
            elements=dict(click.work.fields),
            written_at=now,
            written_by=click.by,
        )
    )


def keep_care_plan_shared(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep that the patient got a copy of the latest version."""
    latest = session.exec(
        select(CarePlanRow)
        .where(CarePlanRow.enrollment_id == cycle.enrollment_id)
        .order_by(col(CarePlanRow.version).desc())
    ).first()
    if latest is not None and latest.shared_at is None:
        latest.shared_at = now
        latest.shared_how = click.work.fields.get("shared_how", "copy given")


def keep_signature(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """Sign every open note of the patient, the one just written too."""
    notes = session.exec(
        select(NoteRow).where(
            NoteRow.enrollment_id == cycle.enrollment_id, col(NoteRow.signed_at).is_(None)
        )
    )
    for note in notes:
        note.signed_at, note.signed_by = now, click.by
