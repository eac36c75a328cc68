"""Importing and editing as people do it."""

from pathlib import Path

import pytest

from ccm_flow.adapters.ehr.csv_rows import key_of
from ccm_flow.adapters.ehr.roster_columns import ALIASES, DATES
from tests.cli.conftest import CLINIC, Place

ROSTER = Path(__file__).parents[2] / "sample" / "roster.csv"


@pytest.fixture
def set_up(place: Place) -> Place:
    """Give a place with a clinic and without a server."""
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    return place


@pytest.fixture
def listed(set_up: Place) -> Place:
    """Give the same with the patients of the sample list."""
    set_up.did("import", ROSTER)
    return set_up


def test_a_list_is_recognized_and_the_same_the_second_time(set_up: Place) -> None:
    first = set_up.did("import", ROSTER)
    assert "Taken for a clinic's list, 1 file." in first.out
    assert "4 new" in first.out
    again = set_up.did("import", ROSTER, "--json").data
    assert (again["unchanged"], again["new"], again["files"]) == (4, 0, {"roster": 1})
    assert again["rows"]["conditions"] == {"read": 9, "new": 0, "changed": 0, "gone": 0}


def test_a_dry_run_says_who_would_change_in_what(listed: Place) -> None:
    changed = listed.folder / "list.csv"
    text = ROSTER.read_text(encoding="utf-8").replace("508-555-0111", "508-555-0199")
    changed.write_text(text.replace("; E78.5", ""), encoding="utf-8")
    before = listed.dump()
    said = listed.did("import", changed, "--dry-run", "--json").data["changes"]
    assert said == [
        {
            "mrn": "R-1001",
            "source_id": "R-1001",
            "new": False,
            "fields": ["phone"],
            "rows": {"conditions": {"new": 0, "changed": 0, "gone": 1}},
        }
    ]
    assert listed.dump() == before


def test_what_was_left_out_is_listed_and_the_exit_code_says_so(set_up: Place) -> None:
    folder = set_up.folder / "export"
    folder.mkdir()
    (folder / "list.csv").write_bytes(ROSTER.read_bytes())
    (folder / "broken.json").write_text("{")
    ran = set_up.ccm("import", folder)
    assert ran.code == 1
    assert "Left out: broken.json" in ran.out
    assert "4 new" in ran.out


def test_an_edit_is_shown_and_no_import_undoes_it(listed: Place) -> None:
    edits = ("--phone", "508-555-0142", "--channel", "text", "--hours", "after 14:00")
    said = listed.did("edit-patient", "R-1001", *edits, "--by", "maria").out
    assert "Phone: 508-555-0142." in said
    text = ROSTER.read_text(encoding="utf-8").replace("508-555-0111", "508-555-0188")
    (listed.folder / "list.csv").write_text(text, encoding="utf-8")
    assert "1 changed" in listed.did("import", listed.folder / "list.csv").out
    shown = listed.did("patient", "R-1001", "--json").data
    assert shown["patient"]["phone"] == "508-555-0142"
    listed.did("edit-patient", "R-1001", "--forget", "phone", "--by", "maria")
    shown = listed.did("patient", "R-1001", "--json").data
    assert shown["patient"]["phone"] == "508-555-0188"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["edit-patient", "R-1001", "--by", "maria"], 2, "Nothing to edit"),
        (["edit-patient", "R-1001", "--channel", "pigeon", "--by", "maria"], 2, "not a channel"),
        (["edit-patient", "R-1001", "--address", "Mars", "--by", "maria"], 2, "address"),
        (["edit-patient", "R-1001", "--forget", "mrn", "--by", "maria"], 2, "not a field"),
        (["edit-patient", "R-1001", "--phone", "1", "--by", "zed"], 4, "Nobody at 'elm'"),
        (["edit-patient", "R-9", "--phone", "1", "--by", "maria"], 4, "no patient 'R-9'"),
        (["import", str(ROSTER), "--format", "fax"], 2, "not a kind of export"),
        (["import", str(ROSTER), "--map", "mrn=Nowhere"], 2, "no column 'Nowhere'"),
        (["import", str(ROSTER), "--map", "colour=MRN"], 2, "not a field"),
    ],
)
def test_what_cannot_be_done_is_a_sentence_and_changes_nothing(
    listed: Place, arguments: list[str], code: int, said: str
) -> None:
    before = listed.dump()
    ran = listed.ccm(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert listed.dump() == before


def test_the_pages_columns_are_those_that_are_known() -> None:
    """docs/import.md names every field of a list and the columns it is known by."""
    page = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
    table = page.split("| Field |")[1].split("\n\n")[0]
    for field, names in ALIASES.items():
        row = next(line for line in table.splitlines() if f"`{field}`" in line)
        known = {key_of(name) for name in row.replace(";", ",").replace("|", ",").split(",")}
        assert known & {key_of(name) for name in names}, field
    assert all(f"`{name}`" in page for name in DATES)
