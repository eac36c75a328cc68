"""Odd and broken files, written by hand: each gives what it can and a sentence for the rest."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.app.records import DIED_AT_UNKNOWN_TIME
from ccm_flow.core.eligibility import CoverageKind

Write = Callable[[str, Any], Path]
Read = Callable[[Path], Any]
SNOMED = "http://snomed.info/sct"
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe", "given": ["Jo"]}]}


def bundle(*resources: Any, kind: str | None = "collection") -> dict[str, Any]:
    entries = [
        {"fullUrl": f"urn:uuid:{r.get('id', i)}", "resource": r} for i, r in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "entry": entries} | ({"type": kind} if kind else {})


def condition(reference: str = "Patient/p1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": SNOMED, "code": "44054006", "display": "Diabetes"}]},
        "subject": {"reference": reference},
    } | more


def coverage(**more: Any) -> dict[str, Any]:
    beneficiary = {"reference": "Patient/p1"}
    return {
        "resourceType": "Coverage",
        "id": "v1",
        "status": "active",
        "beneficiary": beneficiary,
    } | more


def claim(created: str, payer: str) -> dict[str, Any]:
    return {
        "resourceType": "ExplanationOfBenefit",
        "patient": {"reference": "Patient/p1"},
        "created": created,
        "contained": [
            {"resourceType": "Coverage", "id": "coverage", "payor": [{"display": payer}]}
        ],
        "insurance": [{"coverage": {"reference": "#coverage"}}],
    }


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "urn:uuid:p1",
        "https://ehr.example.org/fhir/Patient/p1",
        "Patient/p1/_history/3",
        "Patient?identifier=urn:mrn|77",
    ],
)
def test_a_reference_of_any_form_finds_its_patient(
    write: Write, read: Read, reference: str
) -> None:
    patient = PATIENT | {"identifier": [{"system": "urn:mrn", "value": "77"}]}
    patients, problems = read(write("a.json", bundle(patient, condition(reference))))
    assert problems == []
    assert [row.code for row in patients[0].conditions] == ["44054006"]


@pytest.mark.parametrize("kind", ["transaction", "batch", "searchset", "document", "message", None])
def test_bundles_of_any_type_are_read(write: Write, read: Read, kind: str | None) -> None:
    patients, problems = read(write("a.json", bundle(PATIENT, condition(), kind=kind)))
    assert (len(patients), len(patients[0].conditions), problems) == (1, 1, [])


def test_zipped_files_and_byte_order_marks_are_read(write: Write, read: Read) -> None:
    text = "\ufeff" + json.dumps(bundle(PATIENT, condition()))
    file = write("a.json.gz", gzip.compress(text.encode()))
    assert len(read(file)[0]) == 1
    assert len(read(write("b.json", text))[0]) == 1


def test_a_bundle_inside_a_bundle_is_read(write: Write, read: Read) -> None:
    patients, _ = read(write("a.json", bundle(PATIENT, bundle(condition()))))
    assert len(patients[0].conditions) == 1


def test_a_patient_who_is_whole_in_one_file_gets_what_lies_loose_in_others(
    write: Write, read: Read
) -> None:
    write("x/a.json", bundle(PATIENT, condition()))
    folder = write("x/b.json", condition(id="c2")).parent
    patients, problems = read(folder)
    assert ([len(patient.conditions) for patient in patients], problems) == ([2], [])


def test_one_resource_per_file_is_put_together(write: Write, read: Read) -> None:
    write("x/a.json", condition())
    folder = write("x/b.json", PATIENT).parent
    patients, problems = read(folder)
    assert (len(patients[0].conditions), problems) == (1, [])


def test_the_rest_of_a_folder_is_read_when_a_file_is_broken(write: Write, read: Read) -> None:
    write("x/1.json", "{not json")
    write("x/2.json", b"\xff\xfe\x00")
    write("x/3.json.gz", gzip.compress(b'{"a": 1}' * 99)[:-9])
    write("x/4.json", [1, 2])
    write("x/5.json", {"hello": "world"})
    folder = write("x/6.json", bundle(PATIENT, condition())).parent
    patients, problems = read(folder)
    assert len(patients) == 1
    assert [problem.file for problem in problems] == [
        "1.json",
        "2.json",
        "3.json.gz",
        "4.json",
        "5.json",
    ]
    assert all(problem.what and problem.fix and problem.skipped for problem in problems)


@pytest.mark.parametrize(
    ("resource", "version"),
    [
        (condition(clinicalStatus="active"), "STU3"),
        (condition(context={"reference": "Encounter/1"}), "STU3"),
        ({"resourceType": "MedicationOrder"}, "DSTU2"),
        ({"resourceType": "Encounter", "class": [{"coding": []}]}, "R5"),
    ],
)
def test_other_versions_are_refused_by_name(
    write: Write, read: Read, resource: Any, version: str
) -> None:
    patients, problems = read(write("a.json", bundle(PATIENT, resource)))
    assert patients == []
    assert len(problems) == 1
    assert version in str(problems[0])
    assert "R4" in problems[0].fix


@pytest.mark.parametrize("junk", [None, 7, "x", [], [None], {"coding": "x"}, [{"coding": [7]}]])
@pytest.mark.parametrize(
    "field",
    ["name", "telecom", "address", "communication", "identifier", "birthDate", "deceasedDateTime"],
)
def test_no_shape_of_a_patient_makes_the_import_fail(
    write: Write, read: Read, field: str, junk: Any
) -> None:
    patients, _ = read(write("a.json", bundle(PATIENT | {field: junk})))
    assert len(patients) == 1


@pytest.mark.parametrize("junk", [None, 7, "x", [], [None], {"coding": "x"}, [{"coding": [7]}]])
@pytest.mark.parametrize(
    "kind", ["Condition", "Coverage", "Encounter", "MedicationRequest", "ExplanationOfBenefit"]
)
def test_no_shape_of_a_resource_makes_the_import_fail(
    write: Write, read: Read, kind: str, junk: Any
) -> None:
    fields = ("code", "period", "type", "payor", "class", "insurance", "contained", "created")
    fields += ("onsetDateTime", "medicationReference", "status", "identifier")
    subject = {"subject": {"reference": "Patient/p1"}}
    resource = {"resourceType": kind} | dict.fromkeys(fields, junk) | subject
    patients, _ = read(write("a.json", bundle(PATIENT, resource)))
    assert len(patients) <= 1


def test_an_entry_without_a_resource_is_named_but_requests_are_not(
    write: Write, read: Read
) -> None:
    content = bundle(PATIENT, {"id": "no type"})
    content["entry"] += [{"request": {"method": "DELETE", "url": "Patient/9"}}]
    patients, problems = read(write("a.json", content))
    assert len(patients) == 1
    assert [problem.entry for problem in problems] == ["entry 2"]


def test_resources_of_an_unknown_patient_are_counted(write: Write, read: Read) -> None:
    others = [condition("Patient/p9"), condition("Patient/p9", id="c2")]
    _, problems = read(write("a.json", bundle(PATIENT, *others)))
    assert "2 resources belong to a patient who is not in this import" in str(problems[0])


def test_two_people_with_one_id_are_told_and_never_mixed(write: Write, read: Read) -> None:
    other = PATIENT | {"name": [{"family": "Roe", "given": ["Al"]}]}
    write("x/1.json", bundle(PATIENT, condition()))
    folder = write("x/2.json", bundle(other, condition(id="c2"))).parent
    patients, problems = read(folder)
    assert [(p.family_name, len(p.conditions)) for p in patients] == [("Doe", 1)]
    assert [(p.file, p.skipped) for p in problems] == [("2.json", True)]
    assert "same id" in problems[0].what


def test_one_patient_written_into_two_files_is_one_with_all_that_is_theirs(
    write: Write, read: Read
) -> None:
    write("x/1.json", bundle(PATIENT, condition()))
    folder = write("x/2.json", bundle(PATIENT, condition(), condition(id="c2"))).parent
    patients, problems = read(folder)
    assert [sorted(row.source_id for row in p.conditions) for p in patients] == [["c1", "c2"]]
    assert problems == []


def test_of_two_versions_the_last_updated_holds(write: Write, read: Read) -> None:
    old = PATIENT | {"meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}
    new = PATIENT | {"meta": {"lastUpdated": "2026-02-01T00:00:00Z"}, "gender": "female"}
    patients, problems = read(write("a.json", bundle(new, old)))
    assert [patient.sex for patient in patients] == ["female"]
    assert "taken for one person" in problems[0].what


def test_a_year_alone_is_its_first_day(write: Write, read: Read) -> None:
    content = bundle(PATIENT | {"birthDate": "1950"}, condition(onsetDateTime="2002-05"))
    patient = read(write("a.json", content))[0][0]
    assert patient.birth_date == date(1950, 1, 1)
    assert patient.conditions[0].onset_on == date(2002, 5, 1)


def test_instants_are_kept_in_utc(write: Write, read: Read) -> None:
    period = {"start": "2026-09-30T22:00:00-05:00"}
    visit = {"resourceType": "Encounter", "subject": {"reference": "Patient/p1"}, "period": period}
    patient = read(write("a.json", bundle(PATIENT, visit)))[0][0]
    assert patient.encounters[0].starts_at == datetime(2026, 10, 1, 3, tzinfo=UTC)


def test_a_death_without_a_date_is_still_a_death(write: Write, read: Read) -> None:
    patient = read(write("a.json", bundle(PATIENT | {"deceasedBoolean": True})))[0][0]
    assert patient.deceased_at == DIED_AT_UNKNOWN_TIME


def test_conditions_that_were_never_true_are_left_out(write: Write, read: Read) -> None:
    refuted = condition(verificationStatus={"coding": [{"code": "refuted"}]})
    assert read(write("a.json", bundle(PATIENT, refuted)))[0][0].conditions == ()


def test_icd_10_is_chosen_over_snomed(write: Write, read: Read) -> None:
    codes = [
        {"system": SNOMED, "code": "44054006"},
        {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "E11.9"},
    ]
    content = bundle(PATIENT, condition(code={"coding": codes, "text": "Type 2 diabetes"}))
    row = read(write("a.json", content))[0][0].conditions[0]
    assert (row.code, row.display) == ("E11.9", "Type 2 diabetes")


def plan(group: str, name: str) -> list[dict[str, Any]]:
    return [
        {"type": {"coding": [{"code": "group"}]}, "value": group},
        {"type": {"coding": [{"code": "plan"}]}, "value": name},
    ]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"payor": [{"display": "Medicare"}]}, CoverageKind.MEDICARE_PART_B),
        ({"payor": [{"display": "Dual Eligible"}]}, CoverageKind.DUAL),
        ({"payor": [{"display": "Medicaid"}]}, CoverageKind.MEDICAID),
        ({"payor": [{"display": "NO_INSURANCE"}]}, CoverageKind.NONE),
        ({"payor": [{"display": "Aetna"}]}, CoverageKind.COMMERCIAL),
        ({"payor": [{"display": "Aetna Medicare Advantage HMO"}]}, CoverageKind.MEDICARE_ADVANTAGE),
        ({"payor": [{"display": "Medicare Supplement Plan G"}]}, CoverageKind.COMMERCIAL),
        (
            {"payor": [{"display": "Centers for Medicare & Medicaid Services"}]},
            CoverageKind.MEDICARE_PART_B,
        ),
        ({"class": plan("Medicare", "Part A")}, CoverageKind.OTHER),
        ({"class": plan("Medicare", "Part B")}, CoverageKind.MEDICARE_PART_B),
        (
            {"class": plan("Medicare", "Part C"), "period": {"start": "2026-01-01"}},
            CoverageKind.MEDICARE_ADVANTAGE,
        ),
        (
            {"type": {"coding": [{"system": "https://nahdo.org/sopt", "code": "14"}]}},
            CoverageKind.DUAL,
        ),
        ({}, CoverageKind.OTHER),
    ],
)
def test_insurance_is_understood_wherever_it_is_said(
    write: Write, read: Read, said: Any, kind: CoverageKind
) -> None:
    patients, _ = read(write("a.json", bundle(PATIENT, coverage(**said))))
    assert [row.kind for row in patients[0].coverages] == [kind]


def test_a_part_c_row_without_a_period_says_nothing(write: Write, read: Read) -> None:
    patients, _ = read(
        write("a.json", bundle(PATIENT, coverage(**{"class": plan("Medicare", "Part C")})))
    )
    assert patients[0].coverages == ()


def test_without_a_coverage_the_newest_claim_says_who_pays(write: Write, read: Read) -> None:
    claims = [
        claim("2025-02-01", "Medicare"),
        claim("2024-01-01", "Aetna"),
        claim("2026-02-01", "Medicare"),
        claim("2023-01-01", "Medicare"),
    ]
    row = read(write("a.json", bundle(PATIENT, *claims)))[0][0].coverages[0]
    assert (row.kind, row.starts_on) == (CoverageKind.MEDICARE_PART_B, date(2025, 2, 1))


def test_medicines_are_found_wherever_they_are_written(write: Write, read: Read) -> None:
    concept = {"coding": [{"code": "860975", "display": "Metformin"}]}
    base = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "subject": {"reference": "Patient/p1"},
    }
    requests = [
        base | {"id": "1", "medicationCodeableConcept": concept},
        base | {"id": "2", "medicationReference": {"reference": "urn:uuid:m1"}},
        base
        | {
            "id": "3",
            "medicationReference": {"reference": "#m"},
            "contained": [{"id": "m", "code": concept}],
        },
    ]
    medicine = {"resourceType": "Medication", "id": "m1", "code": concept}
    patient = read(write("a.json", bundle(PATIENT, medicine, *requests)))[0][0]
    assert [row.display for row in patient.medications] == ["Metformin"] * 3


def test_a_missing_file_and_an_empty_folder_are_told(read: Read, tmp_path: Path) -> None:
    assert "no such file" in str(read(tmp_path / "nowhere")[1][0])
    assert "holds no file" in str(read(tmp_path)[1][0])
