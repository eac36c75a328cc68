"""A biller's day on the command line: from readiness to packets, and back again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.bootstrap import DemoClock
from tests.cli.conftest import Place
from tests.support import billed
from tests.support.billed import AFTER

DECEMBER = ("--month", "2026-12")
BOB = ("--by", "bob")


@pytest.fixture
def place(tmp_path: Path, make_place: Callable[[Path], Place]) -> Place:
    """
    Give a set-up of a demo in January, whose December can be billed, and a second clinic.

    The third patient has only five minutes.
    """
    place = make_place(tmp_path)
    place.home.mkdir()
    (place.home / "demo").write_text("made by a test\n")
    engine = open_database(f"sqlite:///{place.home / 'ccm.db'}")
    upgrade(engine)
    for number, enrollment in enumerate(billed.set_up(engine, 3)):
        billed.play(engine, enrollment)
        billed.work(engine, enrollment, [12, 13] if number < 2 else [5])
    oak = {
        "clinic": "oak",
        "name": "Oak",
        "time_zone": "America/New_York",
        "program_owner": "eve",
        "staff": [{"id": "eve", "name": "Eve Oz", "roles": ["biller"]}],
    }
    SqlClinicStore(engine).apply(ClinicFile.model_validate(oak), datetime.now(UTC))
    DemoClock(engine).move_to(AFTER)
    engine.dispose()
    return place


def handles(place: Place) -> dict[str, str]:
    """Give the patients' short names by record number."""
    rows = place.did("month", "2026-12", "--clinic", "elm", "--json").data["rows"]
    return {row["mrn"]: row["handle"] for row in rows}


def elm(place: Place, command: str, *more: str) -> Any:
    ran = place.did(command, *DECEMBER, "--clinic", "elm", *more, "--json")
    return ran.data


def test_from_readiness_to_the_approved_file(place: Place) -> None:
    short = handles(place)
    readiness = elm(place, "readiness")
    (held_up,) = [one for one in readiness["patients"] if one["blockers"]]
    assert (held_up["handle"], held_up["missing_minutes"]) == (short["MRN2"], 15)
    assert all(line["owner_name"] for line in held_up["blockers"])

    refused = place.ccm("close", *DECEMBER, "--clinic", "elm", *BOB)
    assert refused.code == 4
    assert "5 of 20 minutes" in refused.err
    assert "--anyway" in refused.err
    assert place.ccm("close", *DECEMBER, "--clinic", "elm", *BOB, "--anyway").code == 2
    closed = elm(place, "close", *BOB, "--anyway", "--because", "one is short")
    assert (closed["made"], closed["not_ready"]) == (2, 1)

    assert len(elm(place, "approve", *BOB)["approved"]) == 2
    lines = elm(place, "lines", "--csv", "december.csv")["lines"]
    assert {line["state"] for line in lines} == {"approved"}
    text = (place.folder / "december.csv").read_text()
    assert text.count("99490") == 2
    assert "Łukasz Juárez" in text
    assert (place.folder / "december.csv").stat().st_mode & 0o077 == 0

    reopened = elm(place, "reopen", *BOB, "--because", "late letter")
    assert reopened["because"] == "late letter"
    assert place.ccm("approve", *DECEMBER, "--clinic", "elm", *BOB).code == 4
    again = elm(place, "close", *BOB, "--anyway", "--because", "one is short")
    assert (again["made"], again["kept"]) == (0, 2)


def test_codes_give_the_reasoning_and_packets_the_evidence(place: Place) -> None:
    first = handles(place)["MRN0"]
    codes = place.did("codes", first, "--json").data
    assert codes["state"] == "not closed"
    assert [line["code"] for line in codes["lines"]] == ["99490"]
    assert any("99490 needs 20" in sentence for sentence in codes["reasoning"])
    made = place.did("packet", first, *DECEMBER, "--out", "out", "--json").data
    (packet,) = made["packets"]
    whole = json.loads((place.folder / packet["json"]).read_text())
    assert whole["sha256"] == packet["sha256"]
    assert whole["packet"]["demo"] is True
    assert (place.folder / packet["pdf"]).read_bytes().startswith(b"%PDF-")
    exported = place.did("export-fhir", first, *DECEMBER, "--out", "fhir", "--json").data
    bundle = json.loads((place.folder / exported["bundles"][0]["file"]).read_text())
    assert bundle["type"] == "collection"


def test_nobody_of_another_clinic_learns_that_a_patient_exists(place: Place) -> None:
    first = handles(place)["MRN0"]
    for command in (
        ("accept", first, "--by", "eve"),
        ("return", first, "--because", "why?", "--by", "oak.eve"),
        ("packet", first, *DECEMBER, "--clinic", "oak"),
        ("codes", first, "--clinic", "oak"),
        ("export-fhir", first, *DECEMBER, "--out", "x", "--clinic", "oak"),
    ):
        ran = place.ccm(*command)
        assert ran.code == 4, command
        assert f"There is no patient '{first}'." in ran.err


def test_only_biller_or_program_owner_decide(place: Place) -> None:
    ran = place.ccm("close", *DECEMBER, "--clinic", "elm", "--by", "ann")
    assert ran.code == 4
    assert "biller or the program owner" in ran.err


def test_nothing_is_taken_over_that_nobody_approved(place: Place) -> None:
    first = handles(place)["MRN0"]
    before = place.dump()
    ran = place.ccm("accept", first, *BOB)
    assert ran.code == 4
    assert "no billing line" in ran.err
    elm(place, "close", *BOB, "--anyway", "--because", "one is short")
    assert "not approved" in place.ccm("accept", first, *BOB).err
    elm(place, "approve", *BOB)
    closed = place.dump()
    away = place.ccm("accept", first, *BOB)
    assert away.code == 3
    assert place.dump() == closed != before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("packet", *DECEMBER), 2),
        (("packet", "x", "--all", *DECEMBER), 2),
        (("packet", "nobody", *DECEMBER), 4),
        (("lines", "--month", "2026-12", "--clinic", "elm"), 4),
        (("lines", "--month", "december", "--clinic", "elm"), 2),
        (("approve", *DECEMBER, "--clinic", "elm", *BOB), 4),
        (("reopen", *DECEMBER, "--clinic", "elm", "--because", "x", *BOB), 4),
        (("close", "--month", "2027-01", "--clinic", "elm", *BOB), 4),
    ],
)
def test_bad_input_is_said_in_a_sentence(
    place: Place, arguments: tuple[str, ...], code: int
) -> None:
    ran = place.ccm(*arguments)
    assert ran.code == code, ran
    assert ran.err.startswith("ccm: ")
