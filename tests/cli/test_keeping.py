"""Encrypting what stands in the database, and removing a patient, as commands."""

from pathlib import Path

import pytest

from tests.cli.conftest import CLINIC, Place


@pytest.fixture
def imported(place: Place, few: Path) -> Place:
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    place.did("import", few)
    return place


def test_what_is_there_is_encrypted_found_as_before_and_opened_again(
    imported: Place,
) -> None:
    rows = imported.did("eligible", "--json").data
    refused = imported.ccm("key", "seal")
    assert (refused.code, "CCM_SEALED_FIELDS is off" in refused.err) == (2, True)
    on = {"CCM_SEALED_FIELDS": "on"}
    assert imported.ccm("key", "seal", "--json", **on).data["rows"] > len(rows)
    assert imported.ccm("eligible", "--json", **on).data == rows
    assert imported.ccm("key", "seal", "--json", **on).data["rows"] == 0
    assert imported.did("key", "unseal", "--json").data["rows"] > len(rows)
    assert imported.did("eligible", "--json").data == rows


def test_removing_is_shown_first_and_done_with_a_signature(imported: Place) -> None:
    patient = imported.did("eligible", "--json").data[0]["patient"]
    early = imported.ccm("retention", "apply", patient)
    assert (early.code, "are kept until" in early.err) == (4, True)
    asked = ("retention", "apply", patient, "--on-request", "--json")
    before = imported.dump()
    shown = imported.did(*asked).data
    assert (shown["removed"], shown["rows"]["patient"]) == (False, 1)
    unsigned = imported.ccm(*asked, "--sign", "Lee Moss", "--by", "lee")
    assert (unsigned.code, "Say in a sentence" in unsigned.err) == (2, True)
    assert imported.dump() == before
    signed = ("--sign", "Lee Moss", "--by", "lee", "--because", "Letter of March 3, on file.")
    assert imported.did(*asked, *signed).data == {**shown, "removed": True}
    again = imported.ccm(*asked)
    assert (again.code, "removed already" in again.err) == (4, True)
    assert imported.did("audit", "verify", "--record-only").code == 0
    assert imported.did("retention", "list", "--json").data["due"] == []
