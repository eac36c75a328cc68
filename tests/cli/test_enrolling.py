"""Who may be offered the program, and consent, as commands without a server."""

import csv
from pathlib import Path

import pytest

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.core.ids import ClinicId, PatientId
from tests.cli.conftest import CLINIC, Place
from tests.support.set_up import NOW

KEYS = {"patient", "eligible", "groups", "reasons", "evidence", "needs", "last_visit", "new", "mrn"}


@pytest.fixture
def imported(place: Place, few: Path) -> Place:
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    place.did("import", few)
    return place


@pytest.fixture
def enrolled(imported: Place) -> Place:
    """Enroll the first who is eligible, without a server."""
    first = imported.did("eligible", "--json").data[0]["patient"]
    engine = open_database(f"sqlite:///{imported.home / 'ccm.db'}")
    enroll(engine, ClinicId("elm"), [PatientId(first)], "CCM", NOW)
    engine.dispose()
    return imported


def patient_of(place: Place) -> str:
    rows = place.did("eligible", "--json").data
    return str(next(row["patient"] for row in rows if row["enrollment"]))


def test_eligible_gives_a_ranked_list_of_rows_and_changes_nothing(imported: Place) -> None:
    before = imported.dump()
    rows = imported.did("eligible", "--json").data
    assert all(set(row) >= KEYS for row in rows)
    assert all(row["eligible"] is (not row["reasons"]) for row in rows)
    assert all(one["source"] for row in rows for one in row["evidence"] if one["kind"] != "death")
    ranks = [(not row["eligible"], -len(row["groups"])) for row in rows]
    assert ranks == sorted(ranks)
    assert imported.dump() == before


def test_eligible_as_text_and_as_a_file(imported: Place) -> None:
    text = imported.did("eligible").out
    assert "living patients may be offered the program" in text
    assert "still needed: risk rationale" in text
    imported.did("eligible", "--csv", "list.csv")
    with (imported.folder / "list.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(imported.did("eligible", "--json").data)
    assert {row["eligible"] for row in rows} == {"yes", "no"}


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("eligible", "--on", "yesterday"), 2, "'yesterday' is not a date"),
        (("eligible", "--csv", "no/such/folder.csv"), 2, "cannot be written"),
        (("eligible", "--clinic", "oak"), 2, "no clinic 'oak'"),
        (("consent", "nobody"), 4, "no patient 'nobody'"),
    ],
)
def test_bad_input_is_a_sentence(
    imported: Place, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = imported.ccm(*arguments)
    assert ran.code == code
    assert sentence in ran.err


def test_consent_is_taken_shown_and_taken_back(enrolled: Place) -> None:
    who = patient_of(enrolled)
    refused = enrolled.ccm(
        "consent", who, "--accept", "--statements", "cost_sharing", "--by", "ben"
    )
    assert refused.code == 4
    assert "not confirmed: availability, one practitioner, right to stop" in refused.err
    agreed = ("consent", who, "--accept", "--mode", "verbal", "--statements", "all", "--by", "ben")
    once = (*agreed, "--click", "c1", "--json")
    assert enrolled.did(*once).data["answers"] == enrolled.did(*once).data["answers"]
    view = enrolled.did(*once).data
    assert len(view["answers"]) == 1
    assert view["in_force"]
    assert view["answers"][0]["taken_by_name"] == "Ben Ode"
    gone = enrolled.did("consent", who, "--revoke", "--because", "Moves", "--by", "ben", "--json")
    assert gone.data["last_day"] is not None
    assert enrolled.ccm("consent", who, "--revoke", "--because", "x", "--by", "ben").code == 4
    assert "ends" in enrolled.did("consent", who).out
    assert "Consent" in enrolled.did("consent", who).out


def test_only_a_practitioner_states_the_risk(enrolled: Place) -> None:
    who = patient_of(enrolled)
    why = ("rationale", who, "--because", "Two admissions for heart failure", "--tier", "high")
    assert enrolled.ccm(*why, "--by", "ben").code == 4
    assert enrolled.ccm("rationale", who, "--because", "Ill", "--by", "pat").code == 2
    [row] = enrolled.did(*why, "--by", "pat", "--json").data
    assert (row["tier"], row["by_name"]) == ("high", "Pat Roy")
    rows = enrolled.did("eligible", "--json").data
    assert "risk_rationale" not in next(row for row in rows if row["patient"] == who)["needs"]


def test_the_funnel_shows_who_is_on_the_way(enrolled: Place) -> None:
    view = enrolled.did("funnel", "--json").data
    assert [stage["reached"] for stage in view["stages"]] == [1, 0, 0, 0, 0, 0]
    assert len(view["patients"]) == 1
    assert "On the way: 1" in enrolled.did("funnel").out


def test_only_a_practitioner_bills(enrolled: Place) -> None:
    who = patient_of(enrolled)
    change = ("practitioner", who, "--because", "Leaves", "--by", "lee", "--to")
    assert enrolled.ccm(*change, "ben").code == 4
    assert enrolled.did(*change, "pat", "--json").data["changed"] is False
