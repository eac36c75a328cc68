"""Finding patients of a clinic's program by name or record number."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.tables import EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A patient in the program, as a person chooses among several."""

    clinic: ClinicId
    enrollment: EnrollmentId
    patient: PatientId
    name: str
    mrn: str
    birth_date: date | None


def find_enrolled(engine: Engine, clinic: ClinicId, text: str) -> list[Enrolled]:
    """List the first patients of a clinic's program that every word of a text fits."""
    query = (
        select(EnrollmentRow, PatientRow)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.ended_at).is_(None))
    )
    with reading(engine) as session:
        names = Names(session, clinic)
        query = query.where(*(names.fits(word) for word in text.split()))
        ordered = query.order_by(*names.order(), col(EnrollmentRow.id))
        return [_enrolled(*row) for row in session.exec(ordered.limit(_SHOWN))]


def get_enrolled(engine: Engine, enrollment: EnrollmentId) -> Enrolled | None:
    """Give one patient of the program; None when there is none."""
    query = (
        select(EnrollmentRow, PatientRow)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(EnrollmentRow.id == enrollment)
    )
    with reading(engine) as session:
        row = session.exec(query).first()
        return None if row is None else _enrolled(*row)


def _enrolled(enrolled: EnrollmentRow, patient: PatientRow) -> Enrolled:
    return Enrolled(
        enrolled.clinic_id,
        enrolled.id,
        patient.id,
        patient_name(patient),
        patient.mrn,
        patient.birth_date,
    )
