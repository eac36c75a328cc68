"""Rows of tables waiting on disk until all that one patient has is together."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final

from ccm_flow.adapters.ehr.csv_rows import CsvRow

_TABLE: Final = """
    CREATE TABLE staged_row (
        n INTEGER PRIMARY KEY, export TEXT, kind TEXT, whose TEXT, file TEXT, line INTEGER,
        body TEXT
    );
"""


class RowShelf:
    """Keeps rows of every table of an export by the patient they name."""

    def __init__(self, staged: sqlite3.Connection, export: str) -> None:
        self._db = staged
        self._export = export
        known = "SELECT 1 FROM sqlite_master WHERE name = 'staged_row'"
        if staged.execute(known).fetchone() is None:
            staged.execute(_TABLE)

    def add(self, kind: str, whose: str, file: str, row: CsvRow) -> None:
        """Take in a row."""
        values = (self._export, kind, whose, file, row.line, json.dumps(dict(row.values)))
        self._db.execute(
            "INSERT INTO staged_row (export, kind, whose, file, line, body)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )

    def patients(self, kind: str) -> Iterator[tuple[str, list[tuple[str, CsvRow]]]]:
        """
        Give everybody who has a row of a kind, in the order of first sight, with all their rows.

        Each row comes with its kind.
        """
        self._db.execute(
            "CREATE INDEX IF NOT EXISTS staged_row_whose ON staged_row (export, whose, kind, n)"
        )
        names = self._db.execute(
            "SELECT whose FROM staged_row WHERE export = ? AND kind = ?"
            " GROUP BY whose ORDER BY min(n)",
            (self._export, kind),
        )
        for (whose,) in names:
            yield whose, self._rows(whose)

    def strays(self, kind: str) -> Iterator[tuple[str, int, int]]:
        """Give file, first line and number of the rows whose patient has no row of a kind."""
        yield from self._db.execute(
            "SELECT file, min(line), count(*) FROM staged_row AS lost WHERE export = ?"
            " AND NOT EXISTS (SELECT 1 FROM staged_row AS own WHERE own.export = lost.export"
            " AND own.whose = lost.whose AND own.kind = ?) GROUP BY file ORDER BY file",
            (self._export, kind),
        )

    def _rows(self, whose: str) -> list[tuple[str, CsvRow]]:
        found = self._db.execute(
            "SELECT kind, line, body FROM staged_row WHERE export = ? AND whose = ? ORDER BY n",
            (self._export, whose),
        )
        return [(kind, CsvRow(line, _values(body))) for kind, line, body in found]


def _values(body: str) -> Mapping[str, str]:
    read: dict[str, str] = json.loads(body)
    return read
