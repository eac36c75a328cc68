"""The names of patients whom a rehearsal singles out, at one clinic."""

from collections.abc import Collection, Mapping

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.core.ids import ClinicId, EnrollmentId


def names_of(
    engine: Engine, clinic: ClinicId, enrollments: Collection[EnrollmentId]
) -> Mapping[EnrollmentId, str]:
    """Give the names of a clinic's patients by their enrollments; of no other clinic's."""
    query = (
        select(EnrollmentRow.id, PatientRow)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(EnrollmentRow.clinic_id == clinic, col(EnrollmentRow.id).in_(enrollments))
    )
    with reading(engine) as session:
        return {EnrollmentId(id_): patient_name(patient) for id_, patient in session.exec(query)}
