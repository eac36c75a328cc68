"""Whatever is wrong is a sentence that says what and what to do, and nothing is half done."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import CLINIC, Place

SHIPPED = Path(__file__).parents[2] / "playbooks" / "ccm_monthly.yaml"


@pytest.fixture(scope="module")
def set_up(tmp_path_factory: pytest.TempPathFactory, make_place: Callable[[Path], Place]) -> Place:
    """Give a clinic without a server; one for all, because what is refused leaves it as it is."""
    place = make_place(tmp_path_factory.mktemp("set-up"))
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    return place


def test_an_empty_folder_says_how_to_begin_and_stays_empty(place: Place) -> None:
    for command in (["queue"], ["month"], ["patient", "7f3a"], ["import", "."], ["enroll"]):
        ran = place.ccm(*command)
        assert ran.code == 4
        assert "Nothing is set up" in ran.err
        assert "ccm clinic FILE" in ran.err
    assert list(place.folder.iterdir()) == []


def test_every_mistake_in_a_clinics_file_has_its_line_and_nothing_is_made(place: Place) -> None:
    broken = CLINIC.replace("opens: 09:30", "opens: early").replace("name: Elm", "nme: Elm")
    (place.folder / "clinic.yaml").write_text(broken)
    ran = place.ccm("clinic", "clinic.yaml")
    assert ran.code == 2
    for wanted in ("clinic.yaml:2:1", "nme", "clinic.yaml:4:", "09:00", "name is missing"):
        assert wanted in ran.err
    assert not place.home.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("time_zone: America/Nowhere", "'America/Nowhere' is not a time zone"),
        ("time_zone: [", "clinic.yaml:"),
    ],
)
def test_a_wrong_clinic_file_is_one_sentence(place: Place, change: str, said: str) -> None:
    (place.folder / "clinic.yaml").write_text(re.sub("time_zone: .*", change, CLINIC))
    ran = place.ccm("clinic", "clinic.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert not place.home.exists()


def test_a_playbook_with_errors_is_refused_with_their_places(set_up: Place) -> None:
    text = SHIPPED.read_text().replace("version: 1", "version: 2")
    text = text.replace("after: prepare", "after: prepar", 1)
    (set_up.folder / "broken.yaml").write_text(text)
    before = set_up.dump()
    ran = set_up.ccm("publish", "broken.yaml")
    assert ran.code == 2
    assert re.search(r"broken\.yaml:\d+:\d+: error", ran.err)
    assert "Did you mean 'prepare'?" in ran.err
    assert set_up.ccm("check", "broken.yaml").code == 2
    assert set_up.dump() == before


def test_a_published_version_never_changes(set_up: Place) -> None:
    (set_up.folder / "other.yaml").write_text(SHIPPED.read_text() + "\n# changed\n")
    before = set_up.dump()
    ran = set_up.ccm("publish", "other.yaml")
    assert ran.code == 2
    assert "new version number" in ran.err
    assert set_up.dump() == before


def test_a_month_that_is_over_gets_no_playbook(set_up: Place) -> None:
    ran = set_up.ccm("publish", SHIPPED, "--from", "2020-01")
    assert ran.code == 2
    assert "2020-01 is over" in ran.err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("not-json.json", "this is a letter"),
        ("not-fhir.json", '{"hello": "world"}'),
        ("empty.json", ""),
        ("no-patient.json", '{"resourceType": "Bundle", "type": "collection", "entry": []}'),
    ],
)
def test_a_file_that_is_not_fhir_is_left_out_and_nothing_is_kept(
    set_up: Place, name: str, content: str
) -> None:
    (set_up.folder / name).write_text(content)
    before = set_up.dump()
    ran = set_up.ccm("import", name)
    assert ran.code == 2
    assert name in ran.out + ran.err
    assert set_up.dump() == before


def test_an_import_from_nowhere_says_so(set_up: Place) -> None:
    ran = set_up.ccm("import", "no/such/folder")
    assert ran.code == 2
    assert "no/such/folder" in ran.err


def test_a_dry_run_counts_and_keeps_nothing(set_up: Place, few: Path) -> None:
    before = set_up.dump()
    ran = set_up.did("import", few, "--dry-run", "--json")
    assert ran.data["new"] == 30
    assert set_up.dump() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["queue", "--clinic", "oak"], 2, "There is no clinic 'oak'"),
        (["queue", "--owner", "zed"], 4, "Nobody at 'elm' is called 'zed'"),
        (["month", "2026-13"], 2, "'2026-13' is not a month"),
        (["month", "2031-01"], 4, "Nothing was opened for 2031-01"),
        (["month", "--kind", "weekly"], 2, "Choose one of: monthly, enrollment"),
        (["open-month", "2031-01"], 2, "2031-01 cannot be opened now"),
        (["patient", "nobody"], 4, "There is no patient 'nobody'"),
        (["patient", "%"], 4, "There is no patient '%'"),
        (["complete", "zz.outreach", "--outcome", "reached", "--by", "maria"], 4, "no step"),
        (["complete", "nonsense", "--outcome", "reached", "--by", "maria"], 4, "no step"),
        (["complete", "zz.outreach", "--outcome", "reached"], 2, "--by"),
        (["extend", "zz.outreach", "soon", "--because", "x", "--by", "lee"], 2, "amount of time"),
        (["publish", "nowhere.yaml"], 2, "'nowhere.yaml' cannot be read"),
        (["check", "nowhere.yaml"], 2, "'nowhere.yaml' cannot be read"),
        (["dance"], 2, "No such command"),
    ],
)
def test_what_is_not_there_is_a_sentence(
    set_up: Place, arguments: list[str], code: int, said: str
) -> None:
    before = set_up.dump()
    ran = set_up.ccm(*arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert set_up.dump() == before


def test_what_needs_the_server_says_how_to_start_it(set_up: Place, few: Path) -> None:
    set_up.did("import", few)
    before = set_up.dump()
    for arguments in (["enroll"], ["open-month"]):
        ran = set_up.ccm(*arguments)
        assert ran.code == 3
        assert "ccm start" in ran.err
    assert set_up.ccm("status").code == 3
    assert set_up.dump() == before


def test_a_database_that_is_none_is_a_sentence(set_up: Place) -> None:
    (set_up.folder / "letter.db").write_text("this is a letter, not a database" * 100)
    ran = set_up.ccm("queue", CCM_DATABASE_URL="sqlite:///letter.db")
    assert ran.code == 3
    assert "not a database" in ran.err


def test_an_error_of_the_program_is_one_sentence_and_the_log_has_the_rest(set_up: Place) -> None:
    """A library that is broken on this machine stands for any defect."""
    shadow = set_up.folder / "shadow"
    shadow.mkdir()
    (shadow / "holidays.py").write_text("1 / 0\n")
    both = os.pathsep.join([str(shadow), str(Path(__file__).parents[2])])
    ran = set_up.from_scratch("queue", PYTHONPATH=both)
    assert ran.code == 70
    assert len(ran.err.splitlines()) == 2
    assert "ZeroDivisionError" in (set_up.home / "ccm.log").read_text()
