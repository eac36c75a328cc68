"""Importing as often as wanted, into a real database."""

import gzip
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ccm_flow.adapters.db.engine import open_database, reading, writing
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.patient_rows import patient_record
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import ClinicRow, ImportRunRow, OrganizationRow, PatientRow
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.app.import_patients import import_patients
from ccm_flow.app.import_report import ImportRun
from ccm_flow.app.records import ConditionRecord, ImportProblem, PatientRecord
from ccm_flow.app.statuses import OrganizationKind
from ccm_flow.core.ids import ClinicId, OrganizationId

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
CLINIC = ClinicId("c1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'ccm.db'}")
    upgrade(engine)
    organization = OrganizationId("o1")
    with writing(engine) as session:
        session.add(OrganizationRow(id=organization, name="Elm", kind=OrganizationKind.CLINIC))
        session.flush()
        session.add(
            ClinicRow(
                id=CLINIC,
                organization_id=organization,
                name="Elm",
                time_zone="America/New_York",
                created_at=NOW,
            )
        )
    yield engine
    engine.dispose()


def test_the_second_import_changes_nothing(engine: Engine, sample: Path) -> None:
    store = SqlPatientStore(engine)
    first = import_patients(read_patients(sample), store, CLINIC, NOW)
    assert (first.new, first.changed, first.unchanged, first.problems) == (98, 0, 0, ())
    second = import_patients(read_patients(sample), store, CLINIC, LATER)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 98)
    with engine.connect() as connection:
        touched = text("SELECT count(*) FROM patient WHERE updated_at > created_at")
        assert connection.execute(touched).scalar_one() == 0


def test_what_was_imported_comes_back_the_same(engine: Engine, sample: Path) -> None:
    store = SqlPatientStore(engine)
    import_patients(read_patients(sample), store, CLINIC, NOW)
    kept = dict(store.records(CLINIC))
    source = [item for item in read_patients(sample) if isinstance(item, PatientRecord)]
    assert {r.source_id: r.content_hash() for r in kept.values()} == {
        r.source_id: r.content_hash() for r in source
    }
    patient, record = next(iter(kept.items()))
    with reading(engine) as session:
        assert patient_record(session, patient) == record


def test_only_a_changed_patient_is_written_and_keeps_their_id(
    engine: Engine, sample: Path, tmp_path: Path
) -> None:
    files = sorted(sample.glob("*.json.gz"))[:3]
    export = tmp_path / "export"
    export.mkdir()
    for file in files:
        shutil.copy(file, export)
    store = SqlPatientStore(engine)
    import_patients(read_patients(export), store, CLINIC, NOW)
    before = {record.source_id: patient for patient, record in store.records(CLINIC)}

    changed = export / files[1].name
    bundle = json.loads(gzip.decompress(changed.read_bytes()))
    bundle["entry"][0]["resource"]["telecom"][0]["value"] = "555-0100"
    del bundle["entry"][1]
    changed.write_bytes(gzip.compress(json.dumps(bundle).encode()))
    report = import_patients(read_patients(export), store, CLINIC, LATER)

    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    after = {record.source_id: patient for patient, record in store.records(CLINIC)}
    assert after == before
    with reading(engine) as session:
        row = session.get_one(PatientRow, after[bundle["id"]])
        assert (row.phone, row.created_at, row.updated_at) == ("555-0100", NOW, LATER)


def test_the_order_of_an_export_is_no_change() -> None:
    one, two = (ConditionRecord(str(i), "s", str(i), "x", "active") for i in (1, 2))
    record = PatientRecord("fhir", "p1", "p1", "Doe", "Jo", conditions=(one, two))
    assert replace(record, conditions=(two, one)).content_hash() == record.content_hash()


def test_a_patient_is_kept_whole_or_not_at_all(engine: Engine) -> None:
    good = PatientRecord("fhir", "p1", "p1", "Doe", "Jo")
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - what a careless reader might give
    broken_row = ConditionRecord("x", "s", "1", "x", "active", recorded_at=naive)
    bad = replace(good, source_id="p2", conditions=(broken_row,))
    store = SqlPatientStore(engine)
    with pytest.raises(Exception, match="no time zone"):
        import_patients([good, bad], store, CLINIC, NOW)
    assert [record.source_id for _, record in store.records(CLINIC)] == ["p1"]


def test_a_patient_who_comes_twice_is_kept_once_and_said(engine: Engine) -> None:
    record = PatientRecord("fhir", "p1", "p1", "Doe", "Jo")
    twice = [record, replace(record, given_name="Joe")]
    report = import_patients(twice, SqlPatientStore(engine), CLINIC, NOW)
    assert report.counts == {"read": 1, "new": 1, "changed": 0, "unchanged": 0, "skipped": 1}


def test_an_import_is_kept_with_its_counts_and_problems(engine: Engine) -> None:
    store = SqlPatientStore(engine)
    problem = ImportProblem("a.json", "entry 3", "What.", "Do this.", skipped=True)
    report = import_patients([problem], store, CLINIC, NOW)
    store.keep_run(ImportRun(CLINIC, NOW, LATER, report))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM import_run")).scalar_one() == 1
    with reading(engine) as session:
        row = session.get_one(ImportRunRow, _only_id(engine))
        assert row.problems == ["a.json, entry 3: What. Do this."]
        assert row.counts["skipped"] == 1


def _only_id(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT id FROM import_run")).scalar_one())
