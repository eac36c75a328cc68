"""What the documents promise is there."""

import re
from pathlib import Path

import pytest
import typer

from ccm_flow.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sample/*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")
COMMAND = re.compile(r"\bccm ([a-z][a-z-]+)\b")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    lost = [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert lost == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_command_that_is_named_exists(document: Path) -> None:
    group = typer.main.get_command(app)
    known = set(getattr(group, "commands", {}))
    code = re.findall(r"```.*?```|`[^`]+`", document.read_text(encoding="utf-8"), re.DOTALL)
    named = {command for block in code for command in COMMAND.findall(block)}
    assert named <= known


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(file.name[:4]) for file in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
