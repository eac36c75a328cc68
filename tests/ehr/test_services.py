"""Billed services out of claims: what others billed decides what may be billed here."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

Write = Callable[[str, Any], Path]
Read = Callable[[Path], Any]
HCPCS = "https://bluebutton.cms.gov/resources/codesystem/hcpcs"
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe"}]}
DOCTOR = {
    "resourceType": "Practitioner",
    "id": "d1",
    "identifier": [{"system": "npi", "value": "99"}],
    "name": [{"family": "Marin", "given": ["Sofia"]}],
}


def item(code: str = "99490", system: str = HCPCS, **more: Any) -> dict[str, Any]:
    return {"productOrService": {"coding": [{"system": system, "code": code}]}, **more}


def claim(kind: str = "ExplanationOfBenefit", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "id": "e1",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        "billablePeriod": {"start": "2026-09-01", "end": "2026-09-30"},
        "provider": {"reference": "Practitioner?identifier=npi|99"},
        "item": [item()],
    } | more


def bundle(*resources: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def services(write: Write, read: Read, *resources: Any) -> list[Any]:
    return list(read(write("a.json", bundle(PATIENT, DOCTOR, *resources)))[0][0].services)


def test_code_days_and_practitioner_are_read(write: Write, read: Read) -> None:
    (found,) = services(write, read, claim())
    assert (found.code, found.starts_on, found.ends_on, found.practitioner) == (
        "99490",
        date(2026, 9, 1),
        date(2026, 9, 30),
        "Sofia Marin",
    )


def test_the_items_own_day_and_practitioner_go_first(write: Write, read: Read) -> None:
    team = [{"sequence": 2, "provider": {"display": "Dr. Chen"}}]
    one = item("G0181", servicedDate="2026-09-12", careTeamSequence=[2])
    (found,) = services(write, read, claim(item=[one], careTeam=team))
    assert (found.starts_on, found.ends_on) == (date(2026, 9, 12), date(2026, 9, 12))
    assert found.practitioner == "Dr. Chen"


@pytest.mark.parametrize(
    "more",
    [
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"use": "preauthorization"},
        {"billablePeriod": {}},
        {"item": [item(system="http://snomed.info/sct")]},
        {"item": [item(code="185349003")]},
    ],
)
def test_what_was_not_billed_is_no_service(write: Write, read: Read, more: Any) -> None:
    assert services(write, read, claim(**more)) == []


def test_a_billed_service_without_a_day_is_left_out_and_said(write: Write, read: Read) -> None:
    file = write("a.json", bundle(PATIENT, DOCTOR, claim(billablePeriod={})))
    (patient,), problems = read(file)
    assert patient.services == ()
    assert ["no day" in problem.what for problem in problems] == [True]


def test_a_claim_and_its_settlement_are_one_service(write: Write, read: Read) -> None:
    found = services(write, read, claim("Claim", id="k1"), claim())
    assert [row.source_id for row in found] == ["ExplanationOfBenefit/e1/1"]
    assert len(services(write, read, claim("Claim", id="k1"))) == 1


def test_the_service_of_cms_own_file_is_found(others_data: Path, read: Read) -> None:
    patients, _ = read(others_data / "vendor/cms-bfd-v2")
    assert [(row.code, row.starts_on) for row in patients[0].services] == [
        ("92999", date(1999, 10, 27))
    ]
