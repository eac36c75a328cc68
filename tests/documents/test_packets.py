"""A packet holds what an auditor asks for, says the same as JSON and PDF, and shows tampering."""

import csv
import json
from collections.abc import Iterator
from copy import deepcopy
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from pypdf import PdfReader
from sqlalchemy import Engine

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.views import patient_month
from ccm_flow.adapters.documents.lines_csv import lines_csv
from ccm_flow.adapters.documents.packet_json import NotAPacketError, packet_json, read_packet
from ccm_flow.adapters.documents.packet_pdf import DEMO_MARK, packet_pdf
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.adapters.fhir_export.bundle import bundle_json, month_bundle
from ccm_flow.app.close_month import Closing, approve_lines, close_month
from ccm_flow.app.hand_off import OnePacket, claim_lines, packets
from ccm_flow.app.packet import FORMAT
from ccm_flow.app.packet_seal import packet_problems
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.canonical import fingerprint
from ccm_flow.core.ids import EnrollmentId
from tests.support import billed
from tests.support.billed import AFTER, ELM, MONTH, person

GOLDEN = Path(__file__).parent / "packet.json"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'ccm.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def month(engine: Engine) -> list[EnrollmentId]:
    """Give three approved months; the second patient's minutes are simulated."""
    enrolled = billed.set_up(engine, 3)
    for number, enrollment in enumerate(enrolled):
        billed.play(engine, enrollment)
        source = TimeSource.SIMULATED if number == 1 else TimeSource.MANUAL
        billed.work(engine, enrollment, source=source)
    hand = billed.hand_off(engine, "none")
    closing = Closing(ELM, MONTH, person("bob"), AFTER.date())
    close_month(hand.store, hand.rules, closing, AFTER)
    approve_lines(hand.store, ELM, MONTH, by=person("bob"), now=AFTER)
    return enrolled


def packet_of(engine: Engine, enrollment: EnrollmentId) -> OnePacket:
    (one,) = packets(billed.hand_off(engine, "none"), ELM, MONTH, AFTER, [enrollment])
    return one


def pdf_text(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def without_ids(content: Any) -> Any:
    """Take out what is drawn anew on each run: ids, and the hashes over them."""
    if isinstance(content, dict):
        return {
            name: "..."
            if name in {"id", "stream", "sha256", "detail", "facts_sha256", "rules_sha256"}
            else without_ids(value)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [without_ids(item) for item in content]
    return content


def test_a_packet_is_the_golden_one(engine: Engine, month: list[EnrollmentId]) -> None:
    """Its layout is a promise to those who read it; a change of meaning is a new format."""
    content = without_ids(packet_of(engine, month[0]).sealed.content)
    assert content == json.loads(GOLDEN.read_text())
    assert content["format"] == FORMAT


def test_a_packet_comes_in_the_order_of_an_auditors_questions(
    engine: Engine, month: list[EnrollmentId]
) -> None:
    names = list(packet_of(engine, month[0]).sealed.content)
    wanted = ["need", "eligibility", "care_plan", "consents", "contacts", "time", "notes", "codes"]
    assert [name for name in names if name in wanted] == wanted
    text = " ".join(pdf_text(packet_pdf(packet_of(engine, month[0]).sealed)))
    titles = ["1. Need", "2. Eligibility", "3. Care plan", "4. Consent", "5. Services"]
    places = [text.index(title) for title in [*titles, "6. Time log", "7. Notes", "8. Codes"]]
    assert places == sorted(places)


def test_pdf_and_json_carry_the_same_hash_on_every_page(
    engine: Engine, month: list[EnrollmentId]
) -> None:
    sealed = packet_of(engine, month[0]).sealed
    assert read_packet(packet_json(sealed)) == sealed
    assert packet_problems(sealed.content, sealed.sha256) == ()
    pages = pdf_text(packet_pdf(sealed))
    assert all(sealed.sha256 in page for page in pages)
    assert all(f"Page {i} of {len(pages)}" in page for i, page in enumerate(pages, start=1))


def test_equal_packets_have_equal_bytes(engine: Engine, month: list[EnrollmentId]) -> None:
    one, other = (packet_of(engine, month[0]).sealed for _ in range(2))
    assert packet_json(one) == packet_json(other)
    assert packet_pdf(one) == packet_pdf(other)


def test_names_keep_their_own_letters(engine: Engine, month: list[EnrollmentId]) -> None:
    for enrollment, name in zip(month, ["Łukasz Juárez", "Ελένη Παπαδάκη"], strict=False):
        assert name in pdf_text(packet_pdf(packet_of(engine, enrollment).sealed))[0]


def test_the_pdf_says_what_the_packet_holds(engine: Engine, month: list[EnrollmentId]) -> None:
    text = " ".join(" ".join(pdf_text(packet_pdf(packet_of(engine, month[0]).sealed))).split())
    for part in (
        "MRN0",
        "1EG4-TE5-MK73",
        "NPI 1234567893",
        "44054006",
        "HbA1c",
        "cost sharing may apply",
        "Monthly check-in call, attempt 1",
        "registered nurse",
        "25 whole minutes",
        "99490",
        "approved",
        "Sugar log reviewed",
    ):
        assert part in text, part


def test_simulated_minutes_are_told_apart_on_every_page(
    engine: Engine, month: list[EnrollmentId]
) -> None:
    for number, enrollment in enumerate(month):
        sealed = packet_of(engine, enrollment).sealed
        marked = [DEMO_MARK in page for page in pdf_text(packet_pdf(sealed))]
        assert sealed.content["demo"] is (number == 1)
        assert set(marked) == {number == 1}


@pytest.mark.parametrize("place", ["counted_seconds", "ledger", "ledger_and_hash"])
def test_tampering_shows(engine: Engine, month: list[EnrollmentId], place: str) -> None:
    sealed = packet_of(engine, month[0]).sealed
    content, sha256 = deepcopy(sealed.content), sealed.sha256
    if place == "counted_seconds":
        content["counted_seconds"] += 600
    else:
        del content["ledger"][2]
    if place == "ledger_and_hash":
        sha256 = fingerprint(content)
    assert packet_problems(content, sha256)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"packet": 1}', "not json"])
def test_what_is_no_packet_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotAPacketError):
        read_packet(text)


def test_claim_lines_hold_what_a_practice_system_needs(
    engine: Engine, month: list[EnrollmentId]
) -> None:
    made = packets(billed.hand_off(engine, "none"), ELM, MONTH, AFTER)
    rows = list(csv.DictReader(StringIO(lines_csv(claim_lines(made)).decode())))
    assert len(rows) == 3
    by_mrn = {row["mrn"]: row for row in rows}
    row = by_mrn["MRN0"]
    assert (row["code"], row["units"], row["place_of_service"]) == ("99490", "1", "11")
    assert (row["member_id"], row["rendering_npi"]) == ("1EG4-TE5-MK73", "1234567893")
    assert row["packet_sha256"] == packet_of(engine, month[0]).sealed.sha256
    assert row["changed_since_approval"] == "no"
    assert by_mrn["MRN1"]["clinic"] == "DEMO, never to be billed: Elm Street Clinic"


def bundle_of(engine: Engine, enrollment: EnrollmentId) -> dict[str, Any]:
    view = patient_month(engine, enrollment, MONTH, now=AFTER)
    return month_bundle(packet_of(engine, enrollment).sealed, view.steps, str(enrollment))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_a_bundle_is_valid_fhir_r4_and_refers_to_nothing_outside(
    engine: Engine, month: list[EnrollmentId]
) -> None:
    for enrollment in month:
        bundle = bundle_of(engine, enrollment)
        Bundle.model_validate(bundle)
        inside = [entry["fullUrl"] for entry in bundle["entry"]]
        assert len(set(inside)) == len(inside)
        assert set(references(bundle)) <= set(inside)
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert kinds == {
        "Patient",
        "Organization",
        "Condition",
        "Consent",
        "Goal",
        "CarePlan",
        "Task",
        "Communication",
        "Encounter",
        "ChargeItem",
        "Practitioner",
        "Provenance",
    }


def test_a_bundle_is_the_same_each_time_and_marks_what_is_made_up(
    engine: Engine, month: list[EnrollmentId]
) -> None:
    for number, enrollment in enumerate(month):
        one = bundle_of(engine, enrollment)
        assert bundle_json(one) == bundle_json(bundle_of(engine, enrollment))
        tagged = {"meta" in entry["resource"] for entry in one["entry"]}
        assert tagged == {number == 1}


def test_our_own_reader_takes_a_bundle_back(
    engine: Engine, month: list[EnrollmentId], tmp_path: Path
) -> None:
    (tmp_path / "month.json").write_bytes(bundle_json(bundle_of(engine, month[0])))
    read = list(read_patients(tmp_path))
    (patient,) = [one for one in read if isinstance(one, PatientRecord)]
    assert (patient.mrn, patient.family_name, patient.given_name) == ("MRN0", "Juárez", "Łukasz")
    assert {one.code for one in patient.conditions} == {"44054006", "59621000"}
