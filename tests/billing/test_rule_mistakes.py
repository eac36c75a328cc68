"""Seeded mistakes in rule files: one per file, with the code and the place in its first line."""

import re
from pathlib import Path

import pytest

from ccm_flow.language.rules_check import RuleFile, check_rule_files, check_rule_text
from ccm_flow.language.rules_codes import RULE_CODES

FOLDER = Path(__file__).parents[1] / "spec" / "rule_mistakes"
SMALL = FOLDER / "beside" / "small.yaml"
ALONE = sorted(FOLDER.glob("*.yaml"))
BESIDE = sorted(path for path in (FOLDER / "beside").glob("*.yaml") if path != SMALL)
EXPECTATION = re.compile(r"# expect: (RB[0-9]{3}) ([0-9]+):([0-9]+)")


def text_of(file: Path) -> str:
    return file.read_bytes().decode(errors="surrogateescape")


def load(file: Path) -> RuleFile:
    if file not in BESIDE:
        return check_rule_text(text_of(file), file.name)
    both = [(text_of(SMALL), SMALL.name), (text_of(file), file.name)]
    return check_rule_files(both).files[1]


def expected(file: Path) -> tuple[str, int, int]:
    match = EXPECTATION.match(text_of(file))
    assert match is not None, f"{file.name} does not say what to expect"
    return match[1], int(match[2]), int(match[3])


@pytest.mark.parametrize("file", [*ALONE, *BESIDE], ids=lambda file: file.stem)
def test_each_mistake_is_found_once_at_its_place(file: Path) -> None:
    found = [(p.code, p.line, p.column) for p in load(file).problems]
    assert found == [expected(file)]


@pytest.mark.parametrize("file", [*ALONE, *BESIDE], ids=lambda file: file.stem)
def test_each_problem_says_what_to_do_and_shows_the_line(file: Path) -> None:
    (problem,) = load(file).problems
    shown = problem.render()
    assert problem.message.endswith((".", "?"))
    assert problem.hint
    assert "playbook" not in (problem.message + problem.hint).lower()
    assert shown.startswith(f"{file.name}:{problem.line}:{problem.column}: ")
    assert "^" in shown


def test_the_file_that_all_mistakes_are_made_in_is_good() -> None:
    file = check_rule_text(text_of(SMALL), "small.yaml")
    assert file.problems == ()
    assert file.book is not None


def test_there_is_a_mistake_for_every_code() -> None:
    assert {expected(file)[0] for file in [*ALONE, *BESIDE]} == set(RULE_CODES)


@pytest.mark.parametrize("file", ALONE, ids=lambda file: file.stem)
def test_errors_give_no_rules_and_warnings_do(file: Path) -> None:
    read = load(file)
    assert (read.book is None) == read.problems[0].is_error


def test_every_mistake_of_a_file_is_found_in_one_pass() -> None:
    text = text_of(SMALL)
    for old, new in (
        ("units: 2", "units: 0"),
        ("base: [99490]", "base: [99409]"),
        ("act: warn", "act: forbid"),
        ("amount: 66.13", "amount: -1"),
        ("source: memory, status: verify}\n    needs", "status: verify}\n    needs"),
    ):
        assert old in text
        text = text.replace(old, new)
    codes = [problem.code for problem in check_rule_text(text, "small.yaml").problems]
    assert codes == ["RB403", "RB302", "RB206", "RB203", "RB304"]
