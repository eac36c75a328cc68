"""Synthea's CSV folder: an excerpt that comes with the project, and the whole run where it is."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.ehr.reading import ReadOptions, read_patients
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.records import LISTS, ImportProblem, PatientRecord, SourceSummary
from ccm_flow.core.eligibility import CoverageKind

Read = Callable[[Path], Any]
BOSTON = ReadOptions(zone=ZoneInfo("America/New_York"))
EXCERPT = Path(__file__).parent / "data" / "synthea"


def people(path: Path, options: ReadOptions = BOSTON) -> dict[str, PatientRecord]:
    return {
        item.family_name: item
        for item in read_patients(path, options)
        if isinstance(item, PatientRecord)
    }


def copy(to: Path, **changes: Callable[[list[list[str]]], list[list[str]]]) -> Path:
    """Copy the excerpt, with some of its tables changed."""
    to.mkdir()
    for file in EXCERPT.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as source:
            rows = list(csv.reader(source))
        rows = changes.get(file.stem, lambda same: same)(rows)
        if rows:
            with (to / file.name).open("w", newline="", encoding="utf-8") as target:
                csv.writer(target).writerows(rows)
    return to


def without(*columns: str) -> Callable[[list[list[str]]], list[list[str]]]:
    def drop(rows: list[list[str]]) -> list[list[str]]:
        kept = [i for i, name in enumerate(rows[0]) if name not in columns]
        return [[row[i] for i in kept] for row in rows]

    return drop


def test_every_table_is_read_and_the_others_are_named() -> None:
    items = list(read_patients(EXCERPT, BOSTON))
    assert [item for item in items if isinstance(item, ImportProblem)] == []
    found = [item for item in items if isinstance(item, PatientRecord)]
    counts = {name: sum(len(getattr(one, name)) for one in found) for name in LISTS}
    assert counts == {
        "conditions": 79,
        "coverages": 20,
        "encounters": 91,
        "medications": 45,
        "services": 0,
    }
    assert items[-1] == SourceSummary({"synthea": 7}, {"allergies.csv": 1})


def test_names_and_zip_codes_stay_as_they_are_written() -> None:
    found = people(EXCERPT)
    assert set(found) >= {"Rodríguez701", "Kihn564"}
    assert all(len(one.address["postal_code"]) == 5 for one in found.values())
    assert found["Quigley282"].given_name == "Osvaldo336"


def test_coverage_days_are_the_clinics_days() -> None:
    """2026-07-07T04:32:19Z is half past midnight in Boston and the evening before in Denver."""
    newest = {
        zone: max(
            people(EXCERPT, ReadOptions(zone=ZoneInfo(zone)))["Rodríguez701"].coverages,
            key=lambda row: row.starts_on or date.min,
        )
        for zone in ("America/New_York", "America/Denver")
    }
    assert newest["America/New_York"].starts_on == date(2026, 7, 7)
    assert newest["America/Denver"].starts_on == date(2026, 7, 6)


def test_no_day_belongs_to_two_plans() -> None:
    for patient in people(EXCERPT).values():
        periods = sorted((row.starts_on, row.ends_on) for row in patient.coverages)
        for (_, ended), (began, _) in pairwise(periods):
            assert ended < began


def test_a_dead_patient_keeps_open_conditions_and_is_never_a_candidate() -> None:
    dead = people(EXCERPT)["Kihn564"]
    assert dead.deceased_at is not None
    assert dead.deceased_at.date() == date(1992, 7, 30)
    assert any(row.clinical_status == "active" for row in dead.conditions)
    assert any(row.starts_at and row.starts_at > dead.deceased_at for row in dead.encounters)
    assert not judge_record(dead, load_condition_groups(), date(2026, 9, 30)).is_candidate


def test_columns_are_found_by_name_wherever_they_stand(tmp_path: Path) -> None:
    def backwards(rows: list[list[str]]) -> list[list[str]]:
        return [row[::-1] for row in rows]

    turned = copy(tmp_path / "x", conditions=backwards, patients=backwards, encounters=backwards)
    assert people(turned) == people(EXCERPT)


def test_older_versions_without_some_columns_are_read(tmp_path: Path) -> None:
    """3.2.0 has neither conditions.SYSTEM nor patients.MIDDLE."""
    older = copy(tmp_path / "x", conditions=without("SYSTEM"), patients=without("MIDDLE"))
    for name, patient in people(older).items():
        assert patient.conditions == people(EXCERPT)[name].conditions


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "soon", ""])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York"])
def test_no_instant_is_too_early_or_too_late(tmp_path: Path, written: str, zone: str) -> None:
    def odd(rows: list[list[str]]) -> list[list[str]]:
        dated = [i for i, name in enumerate(rows[0]) if "DATE" in name or name in {"START", "STOP"}]
        return [
            rows[0],
            *([written if i in dated else v for i, v in enumerate(r)] for r in rows[1:]),
        ]

    tables = ("patients", "conditions", "encounters", "medications", "payer_transitions")
    folder = copy(tmp_path / "x", **dict.fromkeys(tables, odd))
    assert len(people(folder, ReadOptions(zone=ZoneInfo(zone)))) == 6


def test_zipped_tables_are_read(tmp_path: Path) -> None:
    for file in EXCERPT.glob("*.csv"):
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
    assert people(tmp_path) == people(EXCERPT)


def test_rows_of_unknown_patients_are_counted(tmp_path: Path) -> None:
    folder = copy(
        tmp_path / "x", patients=lambda rows: [row for row in rows if "Rodríguez701" not in row]
    )
    problems = [item for item in read_patients(folder) if isinstance(item, ImportProblem)]
    assert {problem.file for problem in problems} == {
        "conditions.csv",
        "encounters.csv",
        "medications.csv",
        "payer_transitions.csv",
    }
    assert all("not in this import" in problem.what for problem in problems)


def test_a_missing_table_says_nothing_about_what_is_kept(tmp_path: Path) -> None:
    folder = copy(tmp_path / "x", conditions=lambda _rows: [])
    assert all("conditions" in patient.partial for patient in people(folder).values())


@pytest.fixture(scope="session")
def whole_run(others_data: Path) -> list[Any]:
    return list(read_patients(others_data / "synthea-ma" / "csv", BOSTON))


def test_the_whole_run_counts_as_described(whole_run: list[Any]) -> None:
    found = [item for item in whole_run if isinstance(item, PatientRecord)]
    assert [item for item in whole_run if isinstance(item, ImportProblem)] == []
    assert len(found) == 178
    assert sum(one.deceased_at is not None for one in found) == 58
    conditions = [row for one in found for row in one.conditions]
    assert len(conditions) == 5308
    assert Counter(row.clinical_status for row in conditions)["active"] == 2739
    assert sum(len(one.encounters) for one in found) == 8100
    assert sum(len(one.medications) for one in found) == 8177
    alive = [one for one in found if one.deceased_at is None]
    late = (max(one.coverages, key=lambda row: row.starts_on or date.min) for one in alive)
    medicare = {CoverageKind.MEDICARE_PART_B, CoverageKind.DUAL}
    assert sum(row.kind in medicare for row in late) == 76


def test_tables_and_bundles_of_one_run_say_the_same(
    whole_run: list[Any], others_data: Path
) -> None:
    folder = others_data / "synthea-ma" / "fhir"
    bundles = [item for item in read_patients(folder, BOSTON) if isinstance(item, PatientRecord)]
    tables = {item.source_id: item for item in whole_run if isinstance(item, PatientRecord)}
    assert len(bundles) == 118
    for one in bundles:
        other = tables[one.source_id]
        assert (one.family_name, one.birth_date) == (other.family_name, other.birth_date)
        assert Counter(row.code for row in one.conditions) == Counter(
            row.code for row in other.conditions
        )
        assert {row.source_id for row in one.encounters} == {
            row.source_id for row in other.encounters
        }
        assert (one.deceased_at is None) == (other.deceased_at is None)
