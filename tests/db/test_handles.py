"""What people type to name a patient tells them apart from everybody, in whatever clinic."""

from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views_names import enrollment_handles, handles_of, short_ids
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
AT = {
    "7f3a9c": "elm",
    "7f3a1c": "oak",
    "7f3b00": "elm",
    "00aa11": "oak",
    "7f3a9c55": "oak",
    "ffffff": "elm",
}


def test_handles_are_as_short_as_all_clinics_together_allow(engine: Engine) -> None:
    for clinic in ("elm", "oak"):
        staff = [{"id": "lee", "name": "Lee", "roles": ["lead"]}]
        file = {"clinic": clinic, "name": clinic, "time_zone": "UTC", "program_owner": "lee"}
        SqlClinicStore(engine).apply(ClinicFile.model_validate({**file, "staff": staff}), NOW)
    with writing(engine) as session:
        for id_, clinic in AT.items():
            _enrolled(session, id_, ClinicId(clinic))
    everybody = short_ids(map(EnrollmentId, AT))
    with Session(engine) as session:
        for clinic in ("elm", "oak"):
            mine = {EnrollmentId(id_) for id_, at in AT.items() if at == clinic}
            expected = {id_: everybody[id_] for id_ in mine}
            scope = col(EnrollmentRow.clinic_id) == clinic
            assert enrollment_handles(session, scope) == expected
            assert handles_of(session, mine) == expected


def _enrolled(session: Session, id_: str, clinic: ClinicId) -> None:
    patient = PatientRow(
        id=PatientId(f"p{id_}"),
        clinic_id=clinic,
        mrn=id_,
        family_name="Doe",
        given_name="Ada",
        source="test",
        source_id=id_,
        content_hash="0",
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(patient)
    session.flush()
    session.add(
        EnrollmentRow(
            id=EnrollmentId(id_),
            clinic_id=clinic,
            patient_id=patient.id,
            program="CCM",
            status=EnrollmentStatus.ACTIVE,
            created_at=NOW,
        )
    )
