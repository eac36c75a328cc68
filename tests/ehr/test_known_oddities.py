"""
Twenty oddities of real exports, each by its number, and what is made of it.

The numbers are those of the data description beside the project; every case here is written by
hand or taken from the excerpts, so it runs everywhere.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.ehr.reading import ReadOptions, read_patients
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.records import ImportProblem, PatientRecord
from ccm_flow.core.eligibility import CoverageKind

Write = Callable[[str, Any], Path]
SNOMED = "http://snomed.info/sct"
ON = date(2026, 9, 30)
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe", "given": ["Jo"]}]}
TABLES = {
    "patients.csv": (
        "Id,BIRTHDATE,DEATHDATE,FIRST,LAST,ZIP\n"
        "p1,1950-01-02,2020-05-01,Luis Miguel102,D'Amore443,01610\n"
    ),
    "payers.csv": "Id,NAME,AMOUNT_COVERED\nm,Medicare,1\n",
    "payer_transitions.csv": (
        "PATIENT,MEMBERID,START_DATE,END_DATE,PAYER,SECONDARY_PAYER\n"
        "p1,1,2026-03-01T03:30:00Z,2027-03-01T03:30:00Z,m,Blue Cross Blue Shield\n"
    ),
    "encounters.csv": (
        "STOP,START,Id,PATIENT,ENCOUNTERCLASS,DESCRIPTION\n"
        "2020-05-03T01:00:00Z,2020-05-03T00:30:00Z,e1,p1,hospice,Death certification\n"
    ),
    "conditions.csv": (
        "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n1934-01-01,,p1,e1,44054006,Diabetes\n"
    ),
}


@dataclass(frozen=True)
class Found:
    """What came of the files."""

    patients: list[PatientRecord]
    problems: list[ImportProblem]

    @property
    def one(self) -> PatientRecord:
        """Give the only patient."""
        (patient,) = self.patients
        return patient

    @property
    def groups(self) -> tuple[str, ...]:
        """Give the condition groups that count."""
        return judge_record(self.one, load_condition_groups(), ON).groups

    @property
    def said(self) -> str:
        """Give all problems in one text."""
        return "\n".join(map(str, self.problems))


def of(kind: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": kind, "id": f"{kind}1", "subject": {"reference": "Patient/p1"}} | more


def coded(*codes: str, status: str = "active") -> list[dict[str, Any]]:
    return [
        of(
            "Condition",
            id=f"c{code}",
            clinicalStatus={"coding": [{"code": status}]},
            code={"coding": [{"system": SNOMED, "code": code}]},
        )
        for code in codes
    ]


def bundle(*resources: Any, kind: str | None = "transaction") -> dict[str, Any]:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "entry": entries} | ({"type": kind} if kind else {})


def paid(when: str, payer: str) -> dict[str, Any]:
    inside = {"resourceType": "Coverage", "id": "coverage", "payor": [{"display": payer}]}
    return of(
        "ExplanationOfBenefit",
        id=when,
        patient={"reference": "Patient/p1"},
        created=when,
        contained=[inside],
        insurance=[{"coverage": {"reference": "#coverage"}}],
    )


def plan(name: str, **more: Any) -> dict[str, Any]:
    classes = [
        {"type": {"coding": [{"code": code}]}, "value": value}
        for code, value in (("group", "Medicare"), ("plan", name))
    ]
    return (
        of("Coverage", id=name, beneficiary={"reference": "Patient/p1"}, **{"class": classes})
        | more
    )


def bom(content: Any) -> str:
    return "\ufeff" + json.dumps(content)


Files = Mapping[str, Any]
Check = Callable[[Found], object]
HOSPITALS = bundle(
    {
        "resourceType": "Practitioner",
        "id": "d",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "99"}],
        "name": [{"family": "Marin"}],
    }
)
BILLED = {
    "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "99490"}]},
    "servicedDate": "2026-09-01",
}
NPI = {"reference": "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|99"}
ODDITIES: list[tuple[int, str, Files, Check]] = [
    (
        1,
        "a conditional reference leads into another bundle",
        {
            "a.json": bundle(
                PATIENT, paid("2026-01-01", "x") | {"provider": NPI, "item": [BILLED]}
            ),
            "practitioners.json": HOSPITALS,
        },
        lambda found: found.one.services[0].practitioner == "Marin",
    ),
    (
        2,
        "the payer stands only in statements, and the newest wins",
        {"a.json": bundle(PATIENT, paid("2026-02-01", "Medicare"), paid("2025-01-01", "Medicaid"))},
        lambda found: [row.kind for row in found.one.coverages] == [CoverageKind.MEDICARE_PART_B],
    ),
    (
        3,
        "findings and situations are no diseases",
        {"a.json": bundle(PATIENT, *coded("160903007", "73595000", "314529007"))},
        lambda found: len(found.one.conditions) == 3 and found.groups == (),
    ),
    (
        4,
        "diabetes of five codes is one condition",
        {"a.json": bundle(PATIENT, *coded("127013003", "90781000119102", "157141000119108"))},
        lambda found: found.groups == ("diabetes",),
    ),
    (
        5,
        "the dead keep open conditions and encounters after death, and are no candidates",
        {
            "a.json": bundle(
                PATIENT | {"deceasedDateTime": "2020-05-01T10:00:00+00:00"},
                *coded("44054006"),
                of("Encounter", period={"start": "2020-05-03T10:00:00+00:00"}),
            )
        },
        lambda found: (
            len(found.one.encounters) == 1
            and not judge_record(found.one, load_condition_groups(), ON).is_candidate
        ),
    ),
    (
        6,
        "a plan whose end lies ahead is in force, and a second payer is no reason against it",
        TABLES,
        lambda found: (
            found.one.coverages[0].ends_on == date(2027, 2, 27)
            and found.one.coverages[0].kind is CoverageKind.MEDICARE_PART_B
        ),
    ),
    (
        7,
        "names with digits and apostrophes and ZIP codes with zeros stay as they are",
        TABLES,
        lambda found: (
            (found.one.family_name, found.one.address["postal_code"]) == ("D'Amore443", "01610")
        ),
    ),
    (
        8,
        "an instant in UTC is the clinic's day, here the month before",
        TABLES,
        lambda found: (
            found.one.coverages[0].starts_on == date(2026, 2, 28)
            and found.one.encounters[0].starts_at == datetime(2020, 5, 3, 0, 30, tzinfo=UTC)
        ),
    ),
    (
        9,
        "columns are found by name; an older header without SYSTEM and MIDDLE is read",
        TABLES,
        lambda found: found.one.conditions[0].code_system == SNOMED and found.problems == [],
    ),
    (
        10,
        "rows reach back to 1934",
        TABLES,
        lambda found: found.one.conditions[0].onset_on == date(1934, 1, 1),
    ),
    (
        11,
        "hospice is told from an office visit, in tables and in FHIR",
        TABLES
        | {
            "x/a.json": bundle(
                PATIENT | {"id": "p2"},
                of(
                    "Encounter",
                    subject={"reference": "Patient/p2"},
                    type=[{"text": "Hospice care"}],
                    **{"class": {"code": "AMB"}},
                ),
            )
        },
        lambda found: [one.encounters[0].kind for one in found.patients] == ["hospice", "hospice"],
    ),
    (
        12,
        "a medicine may be a reference to another entry",
        {
            "a.json": bundle(
                PATIENT,
                {"resourceType": "Medication", "id": "m", "code": {"text": "Metformin"}},
                of(
                    "MedicationRequest",
                    status="stopped",
                    medicationReference={"reference": "Medication/m"},
                ),
            )
        },
        lambda found: (
            [(row.display, row.status) for row in found.one.medications]
            == [("Metformin", "stopped")]
        ),
    ),
    (
        13,
        "a byte-order mark is no obstacle, and of five lines the broken one is named",
        {
            "a.json": bom(PATIENT),
            "b.ndjson": "\ufeff"
            + "\n".join(
                [json.dumps(one) for one in coded("1", "2")] + ["{", json.dumps(coded("3")[0])]
            ),
        },
        lambda found: (
            len(found.one.conditions) == 3
            and [problem.entry for problem in found.problems] == ["line 3"]
        ),
    ),
    (
        14,
        "ids with PUT, no fullUrl, a bundle in a bundle, a condition without code or status",
        {"a.json": bundle(PATIENT, bundle(of("Condition"), of("MedicationStatement")))},
        lambda found: (
            found.one.conditions[0].clinical_status == "unknown" and len(found.one.medications) == 1
        ),
    ),
    (
        15,
        "any type of bundle or none; an entry without a resource; the same fullUrl twice",
        {
            "a.json": bundle(PATIENT, kind=None),
            "b.json": {
                "resourceType": "Bundle",
                "type": "batch-response",
                "entry": [
                    {"request": {"method": "DELETE", "url": "Patient/9"}},
                    {"fullUrl": "urn:uuid:1", "resource": coded("1")[0]},
                    {"fullUrl": "urn:uuid:1", "resource": coded("1")[0]},
                    {"resource": {"id": "no type"}},
                ],
            },
        },
        lambda found: (
            len(found.one.conditions) == 1
            and [(problem.file, problem.entry) for problem in found.problems]
            == [("b.json", "entry 4")]
        ),
    ),
    (
        16,
        "absolute references, years alone, a payor that points nowhere",
        {
            "a.json": bundle(
                PATIENT | {"birthDate": "1951"},
                of(
                    "Condition",
                    subject={"reference": "http://ehr.example/fhir/Patient/p1"},
                    onsetDateTime="2002",
                ),
                of(
                    "Coverage",
                    beneficiary={"reference": "Patient/p1"},
                    payor=[{"reference": "Organization/none"}],
                ),
            )
        },
        lambda found: (
            found.one.birth_date == date(1951, 1, 1)
            and found.one.conditions[0].onset_on == date(2002, 1, 1)
            and found.one.coverages[0].kind is CoverageKind.OTHER
        ),
    ),
    (
        17,
        "Part B is said in the class; Part C without a period is none; four MBIs; death at birth",
        {
            "a.json": bundle(
                PATIENT
                | {
                    "birthDate": "1940-05-01",
                    "deceasedDateTime": "1940-05-01",
                    "meta": {"lastUpdated": "IGNORED_FIELD"},
                    "identifier": [
                        {"type": {"coding": [{"code": "MC"}]}, "value": str(n)} for n in range(4)
                    ],
                },
                plan("Part B", period={"start": "2021-07-17", "end": "2022-08-17"}),
                plan("Part C"),
            )
        },
        lambda found: (
            [(row.kind, row.ends_on) for row in found.one.coverages]
            == [(CoverageKind.MEDICARE_PART_B, date(2022, 8, 17))]
            and found.one.deceased_at is not None
            and found.one.mrn == "p1"
            and "they count as dead" in found.said
        ),
    ),
    (
        18,
        "STU3 is refused by its name",
        {"a.json": bundle(PATIENT, of("Condition", clinicalStatus="active"))},
        lambda found: found.patients == [] and "FHIR STU3" in found.said,
    ),
    (
        19,
        "a CMS summary: quoted header, days as eight digits, 2 is no, the code as record number",
        {
            "summary_2010.csv": '"DESYNPUF_ID","BENE_BIRTH_DT","BENE_SMI_CVRAGE_TOT_MONS",'
            '"SP_CHF","SP_COPD"\n00AB,19231101,12,1,2\n'
        },
        lambda found: (
            (found.one.mrn, found.one.birth_date) == ("00AB", date(1923, 11, 1))
            and [row.code for row in found.one.conditions] == ["SP_CHF"]
        ),
    ),
    (
        20,
        "bulk files whose names say nothing, and references that dangle",
        {
            "part-7": f"{json.dumps(coded('1')[0])}\n{json.dumps(PATIENT)}\n",
            "part-8": f"{json.dumps(of('Condition', subject={'reference': 'Patient/zz'}))}\n{{}}\n",
        },
        lambda found: (
            len(found.one.conditions) == 1
            and "1 resource belongs to a patient who is not in this import" in found.said
        ),
    ),
]


@pytest.mark.parametrize(
    ("files", "check"),
    [pytest.param(files, check, id=f"{n}: {what}") for n, what, files, check in ODDITIES],
)
def test_an_oddity_comes_out_right(
    write: Write, tmp_path: Path, files: Files, check: Check
) -> None:
    for name, content in files.items():
        write(f"export/{name}", content)
    options = ReadOptions(zone=ZoneInfo("America/New_York"))
    items = list(read_patients(tmp_path / "export", options))
    found = Found(
        [item for item in items if isinstance(item, PatientRecord)],
        [item for item in items if isinstance(item, ImportProblem)],
    )
    assert check(found), found


def test_no_oddity_is_missing() -> None:
    assert [number for number, *_ in ODDITIES] == list(range(1, 21))
