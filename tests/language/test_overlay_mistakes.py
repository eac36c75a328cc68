"""Seeded mistakes in overlays: the code, the place and the file of the chain it lies in."""

import re
from pathlib import Path

import pytest

from ccm_flow.language import CODES
from ccm_flow.language.overlay import Resolved
from ccm_flow.language.overlay_files import resolve_file

FOLDER = Path(__file__).parents[1] / "spec" / "mistakes" / "overlays"
FILES = sorted(FOLDER.glob("*.yaml"))
EXPECTATION = re.compile(r"# expect: (PB[0-9]{3}) ([0-9]+):([0-9]+)(?: (\S+))?")


def expected(file: Path) -> tuple[str, int, int, str]:
    match = EXPECTATION.fullmatch(file.read_text().splitlines()[0])
    assert match is not None, f"{file.name} does not say what to expect"
    return match[1], int(match[2]), int(match[3]), Path(match[4] or file.name).name


def checked(file: Path) -> Resolved:
    return resolve_file(file, [FOLDER / "parents"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_mistake_is_found_once_in_the_right_file(file: Path) -> None:
    problems = checked(file).problems
    found = [(p.code, p.line, p.column, Path(p.file).name) for p in problems]
    assert found == [expected(file)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_problem_says_what_to_do_and_shows_its_own_line(file: Path) -> None:
    (problem,) = checked(file).problems
    assert problem.message.endswith((".", "?"))
    assert problem.hint
    assert problem.source_line == Path(problem.file).read_text().splitlines()[problem.line - 1]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_errors_give_no_plan_and_warnings_do(file: Path) -> None:
    result = checked(file)
    assert (result.plan is None) == result.problems[0].is_error


def test_there_is_a_mistake_for_every_code_of_overlays() -> None:
    codes = {code for code in CODES if code.startswith("PB7")}
    assert codes <= {expected(file)[0] for file in FILES}
