"""What happens outside the playbook, told at the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import CLINIC, Place


@pytest.fixture(scope="module")
def handle(fresh_step: Callable[[], str]) -> str:
    """Give one patient to whom everything happens."""
    return fresh_step().partition(".")[0]


def test_a_stay_says_what_it_leads_to_and_counts_once(clinic_home: Place, handle: str) -> None:
    command = ["happened", handle, "admission", "--note", "Fall", "--by", "maria", "--json"]
    first = clinic_home.did(*command).data
    assert first["led_to"] == ["The way into the program is paused; 1 open step stands still."]
    assert [effect["event"] for effect in first["effects"]] == ["cycle_paused"]
    before = clinic_home.dump()
    again = clinic_home.did(*command, "--click", first["click"]).data
    assert again == first
    assert clinic_home.dump() == before
    told = clinic_home.did("happened", handle, "discharge", "--by", "maria")
    assert "whose clock runs again" in told.out
    shown = clinic_home.did("patient", handle)
    assert "admission: Fall" in shown.out
    assert "Maria Lopez" in shown.out


def test_what_nobody_waits_for_is_recorded_and_said(clinic_home: Place, handle: str) -> None:
    told = clinic_home.ccm("happened", handle, "lab_result", "--by", "maria")
    assert told.code == 1
    assert "no running playbook has a step" in told.out


def test_bad_words_and_times_leave_no_trace(clinic_home: Place, handle: str) -> None:
    before = clinic_home.dump()
    for wrong in (
        ["explosion"],
        ["death", "--at", "yesterday"],
        ["death", "--at", "2999-01-01"],
    ):
        ran = clinic_home.ccm("happened", handle, *wrong, "--by", "lee")
        assert ran.code == 2
        assert len(ran.err.splitlines()) == 2
    assert clinic_home.dump() == before


def test_a_step_that_is_not_optional_cannot_be_skipped(clinic_home: Place, handle: str) -> None:
    ran = clinic_home.ccm("skip", f"{handle}.identify", "--because", "x", "--by", "lee")
    assert ran.code == 4
    assert "is not optional" in ran.err


def test_what_is_told_while_the_server_is_away_is_kept(place: Place, few: Path) -> None:
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    place.did("import", few)
    patient = place.dump()["patient"][0][0]
    told = place.ccm("happened", patient, "admission", "--by", "maria")
    assert told.code == 3
    assert "It is recorded" in told.err
    assert "waits for the server" in place.did("patient", patient).out


def test_a_death_told_by_mistake_is_taken_back_with_a_reason(
    clinic_home: Place, handle: str
) -> None:
    clinic_home.did("happened", handle, "death", "--by", "lee")
    data = clinic_home.did("patient", handle, "--json").data
    assert data["enrollment"]["status"] == "ended"
    assert data["cycle"]["disposition"] == "deceased"
    void = ["happened", handle, "death", "--void", "--by", "lee"]
    assert clinic_home.ccm(*void).code == 2
    clinic_home.did(*void, "--because", "Another patient of that name")
    data = clinic_home.did("patient", handle, "--json").data
    assert data["enrollment"]["status"] == "identified"
    assert "Another patient of that name" in data["happenings"][0]["taken_back"]
    assert clinic_home.ccm(*void, "--because", "again").code == 4
