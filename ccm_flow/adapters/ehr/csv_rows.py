"""Rows of a CSV by the names of their columns, whatever the delimiter, quoting or encoding."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ccm_flow.adapters.ehr.fhir_values import storable
from ccm_flow.adapters.ehr.source_files import SourceFile, encoding_of, open_text
from ccm_flow.app.records import ImportProblem

_DELIMITERS: Final = ",;\t|"
_LONGEST_HEADER: Final = 65_536


@dataclass(frozen=True, slots=True)
class CsvHead:
    """How a CSV is written."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    """As the file spells them, without blanks around."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns as `key_of` spells them; empty where a column has no name."""
        return tuple(key_of(column) for column in self.columns)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its line in the file, and its values by column."""

    line: int
    values: Mapping[str, str]

    @property
    def place(self) -> str:
        """Where it is, as reports say it."""
        return f"line {self.line}"

    def get(self, key: str) -> str:
        """Give a value without blanks around it; empty when there is no such column."""
        return self.values.get(key, "")


def key_of(column: str) -> str:
    """Spell a column so that case, blanks and punctuation make no difference."""
    return re.sub(r"[\W_]+", "", column).lower()


def head_of(file: SourceFile) -> CsvHead:
    """
    Read the header; the delimiter is the one that gives the most columns.

    Raises:
        OSError, EOFError, zlib.error, UnicodeError: the file cannot be read.
    """
    encoding = encoding_of(file.path)
    with open_text(file.path, encoding) as text:
        line = text.readline(_LONGEST_HEADER).strip("\r\n")
    best: tuple[str, list[str]] = (",", [])
    for delimiter in _DELIMITERS:
        try:
            columns = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        if len(columns) > len(best[1]):
            best = (delimiter, columns)
    return CsvHead(encoding, best[0], tuple(storable(column).strip() for column in best[1]))


def rows_of(file: SourceFile, head: CsvHead) -> Iterator[CsvRow | ImportProblem]:
    """
    Give every row under the header, and a problem for each that does not fit it.

    Raises:
        OSError, EOFError, zlib.error, UnicodeError: the file breaks off.
    """
    keys = head.keys
    with open_text(file.path, head.encoding) as text:
        read = csv.reader(text, delimiter=head.delimiter)
        try:
            next(read, None)
            for cells in read:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) < len(keys) or any(cell.strip() for cell in cells[len(keys) :]):
                    yield _misfit(file, read.line_num)
                    continue
                values = (storable(cell).strip() for cell in cells)
                yield CsvRow(read.line_num, dict(zip(keys, values, strict=False)))
        except csv.Error:
            what = "The rest of the file is not CSV, perhaps for a quotation mark too many."
            place = f"after line {read.line_num}"
            yield file.problem(what, "Export this file again.", entry=place)


def _misfit(file: SourceFile, line: int) -> ImportProblem:
    return file.problem(
        "This row does not have as many fields as the header.",
        "Look for a delimiter or a quotation mark in one of its values.",
        entry=f"line {line}",
    )
