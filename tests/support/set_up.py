"""A small clinic in a real database, ready for its month."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import Engine
from sqlmodel import update

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore, person_id
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.demo.run import load_playbook

CLINIC = ClinicId("elm")
NOW = datetime(2037, 11, 20, 15, tzinfo=UTC)
MONTH = Month(2037, 12)

_STAFF = {
    "ann": ["coordinator"],
    "nat": ["nurse"],
    "pat": ["practitioner"],
    "bob": ["biller"],
    "lee": ["program_lead"],
}
_CREDENTIALS = {"ann": "ma", "nat": "rn", "pat": "physician", "bob": "none", "lee": "rn"}


@dataclass
class MovableClock:
    """A clock that a test sets."""

    instant: datetime = NOW

    def now(self) -> datetime:
        """Give the instant."""
        return self.instant


def person(slug: str) -> PersonId:
    """Name somebody of the staff."""
    return person_id(CLINIC, slug)


@cache
def _playbook(name: str) -> tuple[Plan, str]:
    return load_playbook(shipped("playbooks") / name)


def set_up_clinic(engine: Engine, patients: int = 1, *, paused: bool = False) -> list[EnrollmentId]:
    """Make the clinic with a shipped playbook of each kind and some active enrollments."""
    file = ClinicFile.model_validate(
        {
            "clinic": CLINIC,
            "name": "Elm Street Clinic",
            "time_zone": "America/New_York",
            "program_owner": "lee",
            "paused": paused,
            "staff": [
                {
                    "id": id_,
                    "name": id_.title(),
                    "roles": roles,
                    "credential": _CREDENTIALS[id_],
                }
                for id_, roles in _STAFF.items()
            ],
        }
    )
    store = SqlClinicStore(engine)
    store.apply(file, NOW)
    for name in ("ccm_monthly.yaml", "enrollment.yaml", "transitional_care.yaml"):
        plan, source = _playbook(name)
        store.publish(CLINIC, plan, source, Month(2037, 1), NOW)
    records = SqlPatientStore(engine)
    ids = [
        records.save(CLINIC, PatientRecord("test", str(n), f"MRN{n}", f"Family{n}", "Given"), NOW)
        for n in range(patients)
    ]
    enrolled = [one.enrollment for one in enroll(engine, CLINIC, ids, "CCM", NOW)]
    with writing(engine) as session:
        session.exec(update(EnrollmentRow).values(status=EnrollmentStatus.ACTIVE))
    assert SqlCareRecord(engine).clinic(CLINIC).active is not paused
    return sorted(enrolled)
