"""`ccm rules`: what is in force, what it says, and what is wrong with a file."""

import json
import re
import shutil
from pathlib import Path

import pytest
import typer.main

from ccm_flow.cli.main import app
from tests.cli.conftest import Place

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules" / "billing"
MISTAKE = ROOT / "tests" / "spec" / "rule_mistakes" / "rb302_base.yaml"
WARNING = ROOT / "tests" / "spec" / "rule_mistakes" / "rb308_unused_source.yaml"


def test_the_shipped_rules_are_listed_with_what_is_to_verify(place: Place) -> None:
    lines = place.did("rules", "list").out.splitlines()
    assert lines[0].split()[:3] == ["RULES", "MONTHS", "CODES"]
    assert [line.split()[0] for line in lines[1:4]] == [
        "medicare-2024",
        "medicare-2025",
        "medicare-2026",
    ]
    listed = json.loads(place.did("rules", "list", "--json").out)
    assert all(entry["good"] for entry in listed)
    assert sum(listed[0]["by_status"].values()) == listed[0]["count"]


def test_a_file_of_ones_own_takes_the_place_of_the_shipped_one(place: Place) -> None:
    folder = place.home / "rules"
    folder.mkdir(parents=True)
    text = (RULES / "2026.yaml").read_text().replace("amount: 66.13", "amount: 67.89")
    (folder / "2026.yaml").write_text(text)
    said = place.did("rules", "explain", "99490", "--month", "2026-03").out
    assert "$67.89" in said
    assert len(json.loads(place.did("rules", "list", "--json").out)) == 3


def test_broken_rules_of_ones_own_are_named_and_not_used(place: Place) -> None:
    folder = place.home / "rules"
    folder.mkdir(parents=True)
    shutil.copy(MISTAKE, folder / "2026.yaml")
    ran = place.ccm("rules", "explain", "99490", "--month", "2026-03")
    assert ran.code == 2
    assert "ccm rules check" in ran.err
    listed = place.ccm("rules", "list")
    assert listed.code == 2
    assert "not usable" in listed.out


def test_a_mistake_is_shown_at_its_place_with_a_hint(place: Place) -> None:
    ran = place.ccm("rules", "check", MISTAKE)
    assert ran.code == 2
    assert f"{MISTAKE}:55:37: error RB302: There is no code or group '99409'." in ran.out
    assert "Did you mean '99490'?" in ran.out
    assert f"{MISTAKE}: 1 error." in ran.out


def test_warnings_count_when_asked_to(place: Place) -> None:
    assert place.ccm("rules", "check", WARNING).code == 0
    assert place.ccm("rules", "check", WARNING, "--strict").code == 1
    assert place.ccm("rules", "check", *sorted(RULES.glob("*.yaml")), "--strict").code == 0


def test_the_check_prints_data_too(place: Place) -> None:
    (entry,) = json.loads(place.ccm("rules", "check", MISTAKE, "--json").out)
    assert (entry["good"], entry["problems"][0]["code"]) == (False, "RB302")
    assert entry["problems"][0]["doc"] == "docs/rule-messages.md#rb302"
    sarif = json.loads(place.ccm("rules", "check", MISTAKE, "--sarif").out)
    assert sarif["runs"][0]["results"][0]["ruleId"] == "RB302"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("check", "nowhere.yaml"), 2, "'nowhere.yaml' cannot be read"),
        (("explain", "99490", "--month", "soon"), 2, "'soon' is not a month"),
        (("explain", "99490", "--month", "2031-01"), 4, "no billing rules for 2031-01"),
        (("explain", "99941", "--month", "2026-01"), 4, "nothing about '99941'"),
    ],
)
def test_bad_input_is_a_sentence(
    place: Place, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = place.ccm("rules", *arguments)
    assert (ran.code, said in ran.err) == (code, True), ran


def test_an_explanation_names_a_source_for_every_sentence(place: Place) -> None:
    said = json.loads(place.did("rules", "explain", "g0558", "--month", "2025-03", "--json").out)
    assert said["code"] == "G0558"
    assert all(rule["source"] and rule["status"] for rule in said["rules"])
    text = place.did("rules", "explain", "G0511", "--month", "2025-03").out
    assert "2025-09-30" in text


def test_every_rules_command_and_option_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    group = typer.main.get_command(app).commands["rules"]  # type: ignore[attr-defined]
    sections = re.split(r"^### `ccm ", page, flags=re.MULTILINE)
    for name, command in group.commands.items():
        (section,) = [part for part in sections if part.startswith(f"rules {name}")]
        options = [option for parameter in command.params for option in parameter.opts]
        wanted = [option for option in options if option.startswith("--") and option != "--help"]
        assert [option for option in wanted if option not in section] == [], name
        assert f"Example: ccm rules {name}" in command.help
