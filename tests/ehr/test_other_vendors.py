"""Files that nobody in this project wrote. They are not shipped: skipped where they are not."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.records import SourceSummary
from ccm_flow.core.eligibility import CoverageKind

Read = Callable[[Path], Any]
MICROSOFT = "vendor/microsoft-fhir-server"


@pytest.mark.parametrize(
    ("folder", "patients"),
    [
        ("vendor/hl7-r4-examples", 8),
        ("vendor/us-core", 2),
        ("vendor/pacio", 1),
        ("vendor/cms-bfd-v2", 1),
    ],
)
def test_whole_folders_are_read(others_data: Path, read: Read, folder: str, patients: int) -> None:
    found, problems = read(others_data / folder)
    assert len(found) >= patients
    assert all(problem.what and problem.fix for problem in problems)


def test_all_of_it_at_once_is_read(others_data: Path, read: Read) -> None:
    found, _ = read(others_data / "vendor")
    assert len(found) >= 12


def test_stu3_is_refused_by_name(others_data: Path, read: Read) -> None:
    found, problems = read(others_data / "vendor/google-fhir/synthea.bundle.json")
    assert found == []
    assert "STU3" in str(problems[0])


@pytest.mark.parametrize(
    ("name", "patients"),
    [
        ("SmartPatientA.json", 1),
        ("PatientWithMinimalData.json", 0),
        ("PatientMissingResourceType.json", 0),
        ("Bundle-TypeMissing.json", 1),
        ("Bundle-TransactionWithMultipleResourcesWithSameFullUrl.json", 1),
    ],
)
def test_broken_inputs_give_sentences(
    others_data: Path, read: Read, name: str, patients: int
) -> None:
    found, problems = read(others_data / MICROSOFT / name)
    assert len(found) >= patients
    assert found or problems


BROKEN = {
    "google-fhir/synthea.bundle.json": "FHIR STU3",
    "microsoft-fhir-server/Import-InvalidPatient.ndjson": "not valid JSON",
    "microsoft-fhir-server/PatientMissingResourceType.json": "resourceType is missing",
    "microsoft-fhir-server/PatientWithMinimalData.json": "no id",
    "microsoft-fhir-server/Bundle-TransactionWithMultipleResourcesWithSameFullUrl.json": "no id",
    "hl7-r4-examples/Coverage-7546D.json": "not in this import",
    "cms-bfd-v2/patientSearchById.json": "count as dead",
}
"""Files that are broken or odd on purpose, and what is said about each when it comes alone."""


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_file_is_named_with_its_reason(others_data: Path, read: Read, name: str) -> None:
    _, problems = read(others_data / "vendor" / name)
    assert BROKEN[name] in "\n".join(map(str, problems))


def test_every_vendors_file_alone_gives_a_patient_or_a_reason_or_nothing_of_use(
    others_data: Path,
) -> None:
    for file in sorted((others_data / "vendor").rglob("*")):
        if file.is_file():
            *items, summary = read_patients(file)
            assert isinstance(summary, SourceSummary)
            assert items or summary.unused or summary.files, file.name


def test_the_other_lines_of_a_file_with_a_broken_one_are_kept(
    others_data: Path, read: Read
) -> None:
    patients, problems = read(others_data / MICROSOFT / "Import-InvalidPatient.ndjson")
    assert len(patients) >= 1
    assert [problem.entry for problem in problems if "valid JSON" in problem.what] == ["line 4"]


def test_a_bulk_export_counts_as_described(others_data: Path, read: Read) -> None:
    patients, problems = read(others_data / "bulk-smart10")
    assert len(patients) == 13
    assert sum(patient.deceased_at is None for patient in patients) == 10
    assert sum(len(patient.conditions) for patient in patients) == 555
    assert sum(len(patient.encounters) for patient in patients) == 1_215
    assert [problem.file for problem in problems] == ["log.ndjson"]


def test_medicare_part_b_is_found_in_cms_own_files(others_data: Path, read: Read) -> None:
    """Patient and coverage lie in different files; Part B ended in 2022."""
    found, _ = read(others_data / "vendor/cms-bfd-v2")
    part_b = [row for row in found[0].coverages if row.kind is CoverageKind.MEDICARE_PART_B]
    assert [(row.starts_on, row.ends_on) for row in part_b] == [
        (date(2021, 7, 17), date(2022, 8, 17))
    ]
    assert all(row.kind is not CoverageKind.MEDICARE_ADVANTAGE for row in found[0].coverages)


def test_a_whole_synthea_run_counts_as_its_tables_do(others_data: Path, read: Read) -> None:
    """
    92 people with two or more conditions; the run's description counts 90.

    The two more have chronic migraine beside one other disease; see docs/eligibility.md.
    """
    rules, on, two = load_condition_groups(), date(2026, 9, 30), 0
    patients = [
        patient
        for folder in ("fhir", "fhir_lean")
        for patient in read(others_data / "synthea-ma" / folder)[0]
    ]
    alive = [patient for patient in patients if patient.deceased_at is None]
    two = sum(len(judge_record(patient, rules, on).groups) >= 2 for patient in alive)
    assert (len(patients), len(alive), two) == (178, 120, 92)
