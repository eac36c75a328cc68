"""Seeded mistakes: one per file, with the code and the place in its first line."""

import re
from pathlib import Path

import pytest

from ccm_flow.adapters.templates import load_templates
from ccm_flow.language import CODES, CheckResult, Templates, load_file
from ccm_flow.language.messages_page import NOTE, SCRIPT

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "spec" / "mistakes"
FILES = sorted(FOLDER.glob("*.yaml"))
EXPECTATION = re.compile(rb"# expect: (PB[0-9]{3}) ([0-9]+):([0-9]+)\n")

SHIPPED = load_templates(ROOT / "templates")


def load(file: Path) -> CheckResult:
    """Check a file with the shipped templates and those that its comments add."""
    text = file.read_bytes().decode(errors="replace")
    scripts = dict(SHIPPED.scripts)
    for name, language, body in SCRIPT.findall(text):
        scripts[name] = {language: body}
    return load_file(file, Templates(scripts, {**SHIPPED.notes, **dict(NOTE.findall(text))}))


def expected(file: Path) -> tuple[str, int, int]:
    with file.open("rb") as opened:
        match = EXPECTATION.fullmatch(opened.readline())
    assert match is not None, f"{file.name} does not say what to expect"
    return match[1].decode(), int(match[2]), int(match[3])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_mistake_is_found_once_at_its_place(file: Path) -> None:
    problems = load(file).problems
    assert [(p.code, p.line, p.column) for p in problems] == [expected(file)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_problem_says_what_to_do_and_shows_the_line(file: Path) -> None:
    (problem,) = load(file).problems
    shown = problem.render()
    assert problem.message.endswith((".", "?"))
    assert problem.hint
    assert shown.startswith(f"{file}:{problem.line}:{problem.column}: {problem.severity} PB")
    assert "^" in shown
    assert problem.end_column > problem.column


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_errors_give_no_plan_and_warnings_do(file: Path) -> None:
    result = load(file)
    assert (result.plan is None) == result.problems[0].is_error


def test_there_is_a_mistake_for_every_code() -> None:
    # Those of overlays need several files each: see test_overlay_mistakes.py.
    alone = {code for code in CODES if not code.startswith("PB7")}
    assert {expected(file)[0] for file in FILES} == alone
