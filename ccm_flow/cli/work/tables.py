"""Tables that read well in 80 columns and in a pipe."""

import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ccm_flow.cli.work.console import clean

_ONE_LINE = 100_000
"""Into a pipe every row is one line, so that it can be searched."""
LATE = "bold red"
QUIET = "dim"


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
