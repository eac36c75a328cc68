"""Writing for people and for programs."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ccm_flow.core.month import Month

_ONE_LINE = 100_000
"""Into a pipe every row is one line, so that it can be searched."""
LATE = "bold red"
QUIET = "dim"


def say(text: str = "") -> None:
    """Print a line; what a terminal would take as a command is left out."""
    typer.echo(clean(text))


def emit(data: Any) -> None:
    """Print data as JSON; the keys are those of `ccm_flow.app.views`."""
    typer.echo(json.dumps(plain(data), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """Turn views into what JSON has: instants in ISO 8601 with offset, months as 2026-12."""
    if isinstance(value, Month):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def clean(text: str) -> str:
    """Drop control characters: names and notes come from elsewhere."""
    return "".join(char for char in text if char.isprintable() or char == "\n")


class Listing:
    """A table without lines: columns that never break are given first."""

    def __init__(self, *columns: str, keep: Sequence[str] = (), numbers: Sequence[str] = ()):
        self._table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for column in columns:
            self._table.add_column(
                column,
                no_wrap=column in keep or column in numbers,
                justify="right" if column in numbers else "left",
                overflow="fold",
            )

    def add(self, *cells: str | int, style: str = "") -> None:
        """Add a row."""
        self._table.add_row(*(Text(clean(str(cell)), style=style) for cell in cells))

    def print(self) -> None:
        """Write the table as wide as the terminal, or as wide as it is into a pipe."""
        console = _console()
        with console.capture() as captured:
            console.print(self._table)
        for line in captured.get().splitlines():
            sys.stdout.write(line.rstrip() + "\n")


def _console() -> Console:
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(
        width=_ONE_LINE if piped else None,
        highlight=False,
        markup=False,
        emoji=False,
        no_color="NO_COLOR" in os.environ or None,
    )
