"""The documentation of the commands cannot fall behind them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from ccm_flow.cli.main import app

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def commands() -> Iterator[tuple[str, list[str]]]:
    group = typer.main.get_command(app)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        options = [
            option
            for parameter in command.params
            for option in parameter.opts
            if option.startswith("--") and option != "--help"
        ]
        yield name, options


@pytest.mark.parametrize(("name", "options"), list(commands()))
def test_every_command_and_option_is_documented_with_an_example(
    name: str, options: list[str]
) -> None:
    parts = re.split(r"^### `ccm (?=[a-z])", PAGE, flags=re.MULTILINE)
    section = next((part for part in parts if re.match(rf"{name}[ `]", part)), None)
    assert section is not None, f"docs/cli.md has no section for `ccm {name}`"
    assert f"    ccm {name}" in section
    assert [option for option in options if option not in section] == []


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_help_has_an_example_and_a_short_first_sentence(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert f"Example: ccm {name}" in command.help
    assert len(command.help.strip().splitlines()[0]) <= 80


def test_every_documented_command_exists() -> None:
    documented = set(re.findall(r"^### `ccm ([a-z-]+)", PAGE, flags=re.MULTILINE))
    assert documented == {name for name, _ in commands()}


def test_the_exit_codes_are_in_the_help_and_on_the_page() -> None:
    help_text = app.info.epilog or ""
    for code in ("0", "1", "2", "3", "4", "70", "130"):
        assert re.search(rf"^  {code} ", help_text, flags=re.MULTILINE)
        assert f"| {code} |" in PAGE
