"""People's edits of patients in the database: appended, never changed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import PatientEditRow, PatientRow
from ccm_flow.app.patient_edits import EditValue, PatientEdit, check_edit
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.ids import PatientId, PersonId, patient_stream


def edit_patient(
    session: Session,
    patient: PatientId,
    values: Mapping[PatientField, EditValue],
    by: PersonId,
    at: datetime,
) -> None:
    """
    Write down what a person put right; None lets the imported value hold again.

    Raises:
        BadEditError: a value cannot be what its field holds; nothing was written.
    """
    checked = {field: check_edit(field, value) for field, value in values.items()}
    for field, value in checked.items():
        kept = dict(value) if isinstance(value, Mapping) else value
        session.add(PatientEditRow(patient_id=patient, field=field, value=kept, by=by, at=at))
    if checked:
        held = session.exec(select(PatientRow).where(PatientRow.id == patient).with_for_update())
        stream, fields = patient_stream(patient), sorted(field.value for field in checked)
        detail = {"fields": ", ".join(fields)}
        append(
            session, held.one().clinic_id, stream, "patient_edited", actor=by, at=at, detail=detail
        )


def edits_of(session: Session, patient: PatientId) -> list[PatientEdit]:
    """Give what people put right about a patient, the earliest first."""
    return edits_where(session, col(PatientRow.id) == patient).get(patient, [])


def edits_where(session: Session, which: ColumnElement[bool]) -> dict[PatientId, list[PatientEdit]]:
    """Give the edits of all patients that a condition on `PatientRow` chooses."""
    query = (
        select(PatientEditRow)
        .join(PatientRow, col(PatientRow.id) == col(PatientEditRow.patient_id))
        .where(which)
        .order_by(col(PatientEditRow.id))
    )
    found: dict[PatientId, list[PatientEdit]] = {}
    for row in session.exec(query).all():
        edit = PatientEdit(row.field, row.value, row.by, row.at)
        found.setdefault(row.patient_id, []).append(edit)
    return found
