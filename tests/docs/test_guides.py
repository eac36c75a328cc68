"""
The guides' commands work, in the order in which they are read, and print what the guides quote.

A guide says in a comment what it runs in. A `yaml NAME` block is a file that is written; in a
`console` block each `$ ccm ...` is run, ends with 0 unless the line names another exit code, and
prints every line that is quoted below it.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.bootstrap import DemoClock
from tests.cli.conftest import Nursery, Place
from tests.support import billed

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
BLOCK = re.compile(r"^```(console|yaml \S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"\$ ccm (.*?)(?:\s+# exit code (\d+))?")


@dataclass
class Command:
    """One command of a guide and what it is said to print."""

    arguments: list[str]
    code: int
    quoted: list[str]


def commands(block: str) -> Iterator[Command]:
    found: Command | None = None
    for line in block.splitlines():
        begins = COMMAND.fullmatch(line)
        if begins:
            if found:
                yield found
            found = Command(shlex.split(begins[1]), int(begins[2] or 0), [])
        elif found and line.strip():
            found.quoted.append(line.strip())
    if found:
        yield found


def a_folder_with_the_playbooks(folder: Path) -> None:
    for name in ("playbooks", "sample"):
        (folder / name).symlink_to(ROOT / name)


def the_january_after_a_month(folder: Path) -> None:
    """Make a clinic of three patients whose December can be billed; one is short of minutes."""
    home = folder / ".ccm"
    home.mkdir()
    (home / "demo").write_text("made by a test\n")
    engine = open_database(f"sqlite:///{home / 'ccm.db'}")
    upgrade(engine)
    for number, enrollment in enumerate(billed.set_up(engine, 3)):
        billed.play(engine, enrollment)
        billed.work(engine, enrollment, [12, 13] if number < 2 else [5])
    DemoClock(engine).move_to(billed.AFTER)
    engine.dispose()


BEGINNINGS: dict[str, Callable[[Path], None]] = {
    "a folder with the playbooks": a_folder_with_the_playbooks,
    "the January after a month": the_january_after_a_month,
}


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    one = Nursery(tmp_path_factory.mktemp("streams"))
    yield one
    one.close()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda file: file.stem)
def test_a_guides_commands_do_what_it_says(guide: Path, tmp_path: Path, nursery: Nursery) -> None:
    text = guide.read_text(encoding="utf-8")
    (begins,) = re.findall(r"<!-- runs in: (.*?) -->", text)
    BEGINNINGS[begins](tmp_path)
    place = Place(tmp_path, nursery, tmp_path / "cache")
    ran = 0
    for kind, block in BLOCK.findall(text):
        if kind != "console":
            (tmp_path / kind.removeprefix("yaml ")).write_text(block, encoding="utf-8")
            continue
        for one in commands(block):
            done = place.ccm(*one.arguments)
            printed = done.out + done.err
            assert done.code == one.code, (one.arguments, printed)
            assert [line for line in one.quoted if line not in printed] == [], printed
            ran += 1
    assert ran > 3


def test_there_is_a_guide_for_each_kind_of_user() -> None:
    assert {guide.stem for guide in GUIDES} == {"coordinator", "operations-lead", "month-end"}


def test_pictures_are_small_and_each_is_shown() -> None:
    pictures = list((ROOT / "docs" / "pictures").glob("*.png"))
    shown = "".join(
        file.read_text(encoding="utf-8")
        for file in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
    )
    assert [one.name for one in pictures if one.stat().st_size > 150_000] == []
    assert [one.name for one in pictures if one.name not in shown] == []
