"""`ccm simulate` and `ccm capacity`: figures for people, data for programs, nothing made up."""

from pathlib import Path

import pytest

from tests.cli.conftest import CLINIC, Place

PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "ccm_monthly.yaml"
SMALL = (PLAYBOOK, "--patients", "12", "--months", "2", "--month", "2026-12")


def test_a_simulation_needs_no_set_up_and_says_where_it_fails(place: Place) -> None:
    said = place.did("simulate", *SMALL, "--staff", "in_house").out
    assert said.splitlines()[0].startswith("ccm-monthly version 2: 12 simulated patients, 2 months")
    assert "Month 1" in said
    assert "Care coordinator" in said
    assert "fails first on" in said or "does not fail" in said
    assert not place.home.exists()


def test_the_same_command_gives_the_same_bytes_and_another_seed_does_not(place: Place) -> None:
    first, again = (place.did("simulate", *SMALL, "--json") for _ in range(2))
    assert first.out == again.out
    assert place.did("simulate", *SMALL, "--json", "--seed", "2").out != first.out
    data = first.data
    assert [one["number"] for one in data["months"]] == [1, 2]
    assert data["assumptions"]["late"].startswith("An assumption.")


def test_three_ways_of_staffing_stand_side_by_side_on_screen_and_page(place: Place) -> None:
    page = place.folder / "page.html"
    ran = place.did("simulate", *SMALL, "--compare", "--html", page)
    for word in ("In-house", "Managed", "Hybrid", "Busiest role"):
        assert word in ran.out
    text = page.read_text(encoding="utf-8")
    assert text.count("<h2>") == 4
    assert "What was assumed" in text
    assert "http" not in text.replace("http-equiv", "")


def test_every_mistake_of_both_files_is_told_and_nothing_is_simulated(place: Place) -> None:
    staff, behaviour = place.folder / "staff.yaml", place.folder / "ours.yaml"
    staff.write_text("staff: x\npeople:\n  - {id: ann, roles: {nurse: 9}, hours: 09:00-25:00}\n")
    behaviour.write_text("behaviour: x\nsources: {a: b}\nlate: {percent: 200, source: c}\n")
    ran = place.ccm("simulate", *SMALL, "--staff", staff, "--behaviour", behaviour)
    assert ran.code == 2
    assert not ran.out
    for wanted in (f"{staff}:3:41: error SM403", "SM303", f"{behaviour}:3:17", "SM301"):
        assert wanted in ran.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--patients", "0"], "at least one patient"),
        (["--months", "99"], "99 months cannot be simulated"),
        (["--staff", "nobody.yaml"], "cannot be read"),
        (["--month", "soon"], "'soon' is not a month"),
    ],
)
def test_bad_input_is_a_sentence(place: Place, options: list[str], sentence: str) -> None:
    ran = place.ccm("simulate", PLAYBOOK, *options)
    assert ran.code == 2
    assert sentence in ran.err


def test_capacity_says_what_it_rests_on_and_ends_with_1_when_a_role_falls_short(
    place: Place,
) -> None:
    (place.folder / "clinic.yaml").write_text(CLINIC)
    place.did("clinic", "clinic.yaml")
    assert place.ccm("capacity").code == 4
    asked = ("capacity", "--patients", "900", "--months", "1")
    ran = place.ccm(*asked)
    assert ran.code == 1
    for word in ("falls short first", "not said", "no wages given", "what-if", "assumed: "):
        assert word in ran.out
    enough = place.did("capacity", "--patients", "3", "--months", "1", "--json").data
    assert enough["shortfall"] is None
    assert {one["name"] for one in enough["inputs"]} >= {"Patients", "Staff", "Revenue", "Sample"}
    unknown = place.ccm(*asked, "--staff-add", "cook=1", "--minutes", "outreach")
    assert unknown.code == 2
    assert "Write it as outreach=15." in unknown.err
