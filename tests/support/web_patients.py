"""Patients with a running month for the tests of the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache

from sqlalchemy import Engine, event
from sqlmodel import update

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import EnrollmentRow, PersonRow
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.demo.run import load_playbook
from tests.support.open_month import open_month

ELM = ClinicId("elm")
MONTH = Month(2026, 12)
EVIL = "<script>alert(1)</script>"
TEAM = {
    "coordinator": "maria",
    "nurse": "nat",
    "practitioner": "pat",
    "biller": "bill",
    "program_lead": "lee",
}


@cache
def _playbook(name: str) -> tuple[Plan, str]:
    return load_playbook(shipped("playbooks") / name)


def add_patients(
    engine: Engine, now: datetime, many: int = 1, clinic: ClinicId = ELM
) -> list[EnrollmentId]:
    """Put active patients with a running month into the clinic; their names hold a script tag."""
    store = SqlClinicStore(engine)
    for name in ("ccm_monthly.yaml", "enrollment.yaml"):
        plan, source = _playbook(name)
        store.publish(clinic, plan, source, Month(2026, 1), now)
    patients = SqlPatientStore(engine)
    ids = [
        patients.save(
            clinic,
            PatientRecord(
                "test",
                f"{clinic}-{number}",
                f"MRN-{number:03d}",
                f"Family{number:03d}{EVIL}",
                f"Given{number:03d}",
                birth_date=date(1940, 5, 6),
                phone="555-0101",
                language="en-US",
            ),
            now,
        )
        for number in range(many)
    ]
    enrolled = [one.enrollment for one in enroll(engine, clinic, ids, "CCM", now)]
    with writing(engine) as session:
        session.exec(update(EnrollmentRow).values(status=EnrollmentStatus.ACTIVE))
        session.exec(update(PersonRow).values(credential=Credential.RN))
    for one in enrolled if clinic == ELM else ():
        open_month(engine, one, MONTH, TEAM)
    return enrolled


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the reading queries that are made."""
    made: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            made.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(engine, "before_cursor_execute", note)
