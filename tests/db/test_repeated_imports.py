"""What an import writes again, what it leaves alone, and whose word holds, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy import select as sa_select
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.patient_edit_store import edit_patient
from ccm_flow.adapters.db.patient_rows import patient_record, stored_record
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.service_store import add_service, services_in_force, take_back
from ccm_flow.adapters.db.tables import EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views import patient_month
from ccm_flow.app.import_patients import import_patients
from ccm_flow.app.import_report import ImportReport
from ccm_flow.app.patient_edits import BadEditError
from ccm_flow.app.records import (
    LISTS,
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    MedicationRecord,
    PatientRecord,
    ServiceRecord,
)
from ccm_flow.app.statuses import PatientField, ServiceOrigin
from ccm_flow.core.eligibility import CoverageKind
from ccm_flow.core.ids import PatientId
from tests.support.set_up import CLINIC, MONTH, NOW, person, set_up_clinic

LATER = NOW + timedelta(days=1)
VISIT = datetime(2037, 3, 1, 15, tzinfo=UTC)
SERVICE = ServiceRecord("eob/1", "99490", date(2037, 9, 1), date(2037, 9, 30), "Dr. Chen")
RECORD = PatientRecord(
    "test",
    "new",
    "MRN-new",
    "Doe",
    "Jo",
    phone="555-0100",
    language="en-US",
    address={"line": "1 Elm Street", "postal_code": "01602"},
    conditions=tuple(ConditionRecord(str(n), "s", str(n), "x", "active") for n in range(3)),
    coverages=(CoverageRecord("v1", "Medicare", CoverageKind.MEDICARE_PART_B),),
    encounters=(EncounterRecord("e1", "ambulatory", "finished", "Visit", VISIT, VISIT),),
    medications=(MedicationRecord("m1", "1", "Metformin", "active"),),
    services=(SERVICE,),
)


@pytest.fixture
def store(engine: Engine) -> SqlPatientStore:
    set_up_clinic(engine)
    return SqlPatientStore(engine)


def bring_in(store: SqlPatientStore, *records: PatientRecord, **more: Any) -> ImportReport:
    return import_patients(records, store, CLINIC, more.pop("now", LATER), **more)


def all_of(table: str) -> Any:
    return sa_select(text("*")).select_from(text(f'"{table}"'))


def dump(engine: Engine) -> dict[str, list[Any]]:
    """Give every row of every table."""
    with engine.connect() as connection:
        return {
            table: sorted(map(repr, connection.execute(all_of(table)).all()))
            for table in inspect(engine).get_table_names()
        }


def patient_of(engine: Engine, source_id: str = "new") -> PatientId:
    with reading(engine) as session:
        query = select(PatientRow).where(PatientRow.source_id == source_id)
        return session.exec(query).one().id


def test_a_second_import_changes_no_row_at_all(engine: Engine, store: SqlPatientStore) -> None:
    bring_in(store, RECORD, now=NOW)
    before = dump(engine)
    backwards = {name: tuple(reversed(getattr(RECORD, name))) for name in LISTS}
    report = bring_in(store, replace(RECORD, **backwards))
    assert (report.read, report.unchanged) == (1, 1)
    assert dump(engine) == before


def test_what_was_imported_comes_back_the_same(engine: Engine, store: SqlPatientStore) -> None:
    bring_in(store, RECORD)
    with reading(engine) as session:
        assert stored_record(session, patient_of(engine)).content_hash() == RECORD.content_hash()


def test_an_update_touches_only_the_rows_that_differ(
    engine: Engine, store: SqlPatientStore
) -> None:
    bring_in(store, RECORD, now=NOW)
    before = dump(engine)
    kept, changed, _ = RECORD.conditions
    conditions = (kept, replace(changed, display="y"), replace(changed, source_id="9"))
    report = bring_in(store, replace(RECORD, conditions=conditions))
    after = dump(engine)
    rows = report.rows["conditions"]
    assert (report.changed, rows.read, rows.new, rows.changed, rows.gone) == (1, 3, 1, 1, 1)
    assert len(set(after["condition"]) - set(before["condition"])) == 2
    touched = {table for table in before if before[table] != after[table]}
    assert touched == {"condition", "patient"}


def test_a_dry_run_says_the_same_and_keeps_nothing(engine: Engine, store: SqlPatientStore) -> None:
    bring_in(store, RECORD, now=NOW)
    before = dump(engine)
    changed = replace(RECORD, phone="555-0199", medications=())
    dry = bring_in(store, changed, replace(RECORD, source_id="other", mrn="o"), dry_run=True)
    assert dump(engine) == before
    assert [(one.source_id, one.change.is_new) for one in dry.changes] == [
        ("new", False),
        ("other", True),
    ]
    assert dry.changes[0].change.fields == ("phone",)
    assert dry.changes[0].change.rows["medications"].gone == ("m1",)
    real = bring_in(store, changed, replace(RECORD, source_id="other", mrn="o"))
    assert (real.counts, real.rows) == (dry.counts, dry.rows)


def test_a_source_that_says_nothing_about_something_removes_nothing(
    engine: Engine, store: SqlPatientStore
) -> None:
    bring_in(store, RECORD, now=NOW)
    before = dump(engine)
    silent = replace(
        RECORD,
        phone="",
        conditions=RECORD.conditions[:1],
        services=(),
        partial=frozenset({"phone", "conditions", "services"}),
    )
    assert bring_in(store, silent).unchanged == 1
    assert dump(engine) == before


def test_the_same_person_out_of_another_kind_of_export_is_not_taken_in_twice(
    engine: Engine, store: SqlPatientStore
) -> None:
    bring_in(store, RECORD, now=NOW)
    before = dump(engine)
    report = bring_in(store, replace(RECORD, source="other", source_id="77"))
    assert (report.read, report.skipped) == (0, 1)
    assert "another kind of export" in report.problems[0].what
    assert dump(engine) == before


def test_problems_of_a_kind_are_counted_after_the_first_ten(store: SqlPatientStore) -> None:
    report = bring_in(store, *[RECORD] * 26)
    assert report.skipped == 25
    assert len(report.problems) == 11
    assert report.problems[-1].what.startswith("15 more like this")


def test_a_service_is_appended_and_taken_back_but_never_changed(
    engine: Engine, store: SqlPatientStore
) -> None:
    bring_in(store, RECORD, now=NOW)
    patient = patient_of(engine)
    moved = replace(SERVICE, ends_on=date(2037, 9, 15))
    for said in ((moved,), (), (SERVICE,)):
        bring_in(store, replace(RECORD, services=said))
        with reading(engine) as session:
            found = services_in_force(session, patient)
            assert [row.ends_on for row in found] == [one.ends_on for one in said]
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as session:
        session.connection().execute(text("UPDATE service SET code = 'x'"))


def test_a_person_who_takes_a_service_back_is_not_overruled_by_the_next_import(
    engine: Engine, store: SqlPatientStore
) -> None:
    bring_in(store, RECORD, now=NOW)
    patient = patient_of(engine)
    by: dict[str, Any] = {"origin": ServiceOrigin.PERSON, "by": person("ann"), "at": LATER}
    with writing(engine) as session:
        take_back(session, services_in_force(session, patient), **by)
        add_service(session, patient, replace(SERVICE, source_id="", code="G0181"), **by)
    bring_in(store, replace(RECORD, phone="555-0199"))
    with reading(engine) as session:
        assert [row.code for row in services_in_force(session, patient)] == ["G0181"]
        record = patient_record(session, patient)
        assert [row.code for row in record.services] == ["G0181"]


def test_a_persons_edit_outlives_every_import_and_can_be_forgotten(
    engine: Engine, store: SqlPatientStore
) -> None:
    bring_in(store, RECORD, now=NOW)
    patient = patient_of(engine)
    home = {"line": "2 Oak Lane", "postal_code": "01604"}
    with writing(engine) as session:
        first = {PatientField.PHONE: "555-0142", PatientField.ADDRESS: home}
        edit_patient(session, patient, first, person("ann"), NOW)
        edit_patient(session, patient, {PatientField.PHONE: "555-0143"}, person("nat"), LATER)
    bring_in(store, replace(RECORD, phone="555-0188"))
    with reading(engine) as session:
        record = patient_record(session, patient)
        assert (record.phone, record.address) == ("555-0143", home)
        assert stored_record(session, patient).phone == "555-0188"
    assert patient_month(engine, patient, now=LATER).patient.phone == "555-0143"
    with writing(engine) as session:
        edit_patient(session, patient, {PatientField.PHONE: None}, person("ann"), LATER)
    assert dict(store.records(CLINIC))[patient].phone == "555-0188"


def test_edits_cannot_be_changed_afterwards(engine: Engine, store: SqlPatientStore) -> None:
    bring_in(store, RECORD, now=NOW)
    with writing(engine) as session:
        values = {PatientField.PHONE: "555-0142"}
        edit_patient(session, patient_of(engine), values, person("ann"), NOW)
    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as session:
        session.connection().execute(text("DELETE FROM patient_edit"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (PatientField.PHONE, " "),
        (PatientField.PREFERRED_CHANNEL, "pigeon"),
        (PatientField.LANGUAGE, "en glish"),
        (PatientField.ADDRESS, {}),
        (PatientField.ADDRESS, {"planet": "Mars"}),
        (PatientField.ADDRESS, "somewhere"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_nothing_is_kept(
    engine: Engine, store: SqlPatientStore, field: PatientField, value: Any
) -> None:
    before = dump(engine)
    values = {PatientField.CONTACT_HOURS: "mornings", field: value}
    patient = patient_of(engine, "0")
    with pytest.raises(BadEditError), writing(engine) as session:
        edit_patient(session, patient, values, person("ann"), NOW)
    assert dump(engine) == before


def test_playbooks_are_told_the_language_and_channel_that_people_noted(
    engine: Engine, store: SqlPatientStore
) -> None:
    with writing(engine) as session:
        (enrolled,) = session.exec(select(EnrollmentRow)).all()
        assert gather_facts(session, enrolled.id, MONTH, NOW)["preferred_channel"] == "any"
        wishes = {PatientField.LANGUAGE: "es-MX", PatientField.PREFERRED_CHANNEL: "text"}
        edit_patient(session, enrolled.patient_id, wishes, person("ann"), NOW)
        session.flush()
        facts = gather_facts(session, enrolled.id, MONTH, NOW)
    assert (facts["language"], facts["preferred_channel"]) == ("es", "text")
