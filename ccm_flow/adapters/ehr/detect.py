"""Telling what kind of export a file is, by what is in it."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from ccm_flow.adapters.ehr.cms import is_cms
from ccm_flow.adapters.ehr.csv_rows import CsvHead, head_of
from ccm_flow.adapters.ehr.roster import is_roster
from ccm_flow.adapters.ehr.roster_columns import RosterMap
from ccm_flow.adapters.ehr.source_files import SourceFile, open_bytes
from ccm_flow.adapters.ehr.synthea import table_of

_LONGEST_LINE: Final = 64 * 1024 * 1024
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_DATA_ENDINGS: Final = (
    ".json",
    ".ndjson",
    ".jsonl",
    ".csv",
    ".tsv",
    ".gz",
    ".xml",
    ".zip",
    ".xlsx",
)


class Kind(StrEnum):
    """The kinds of export that can be read."""

    FHIR = "fhir"
    NDJSON = "ndjson"
    SYNTHEA = "synthea"
    ROSTER = "roster"
    CMS = "cms"


@dataclass(frozen=True, slots=True)
class Detected:
    """What a file was taken for."""

    kind: Kind | None
    """None when it is nothing that can be read."""
    head: CsvHead | None = None
    """Of a table."""
    why_not: str = ""
    fix: str = ""
    is_data: bool = True
    """False for what only lies beside an export, such as a README."""


def detect(file: SourceFile, wanted: RosterMap) -> Detected:
    """
    Look into a file.

    Raises:
        OSError, EOFError, zlib.error, UnicodeError: it cannot be read.
    """
    with open_bytes(file.path) as stream:
        begins = _first_line(stream)
        if not begins:
            return _empty(file)
        if begins.startswith((b"{", b"[")):
            if _is_log(begins):
                what = "The log of a bulk export; nothing is read from it."
                return Detected(None, why_not=what, fix="Leave it.", is_data=False)
            return Detected(_kind_of_json(file, begins, stream.readline(_LONGEST_LINE)))
    if begins.startswith((b"<?xml", b"<Bundle", b"<Patient")):
        return _not(file, "This is XML, which is not read.", "Export FHIR R4 as JSON.")
    if begins.startswith(b"PK\x03\x04"):
        what = "This is a ZIP archive or a spreadsheet, which is not read."
        return _not(file, what, "Unpack it, or save the sheet as CSV.")
    return _table(file, wanted)


def forced(file: SourceFile, kind: Kind) -> Detected:
    """
    Take a file for the kind that a person named.

    Raises:
        OSError, EOFError, zlib.error, UnicodeError: it cannot be read.
    """
    with open_bytes(file.path) as stream:
        if not _first_line(stream):
            return _empty(file)
    if kind in {Kind.FHIR, Kind.NDJSON}:
        return Detected(kind)
    head = head_of(file)
    if kind is Kind.SYNTHEA and table_of(head) is None:
        return _not(file, "Its columns are not those of a Synthea table.", "Leave --format out.")
    if kind is Kind.CMS and not is_cms(head):
        what = "Its columns are not those of a CMS beneficiary summary."
        return _not(file, what, "Leave --format out.")
    return Detected(kind, head)


def _first_line(stream: BinaryIO) -> bytes:
    """Give the first line that is not blank; empty when there is none."""
    line = stream.readline(_LONGEST_LINE)
    while line and not line.strip(_BLANK):
        line = stream.readline(_LONGEST_LINE)
    return line.lstrip(_BLANK)


def _kind_of_json(file: SourceFile, first: bytes, second: bytes) -> Kind:
    """One line for each resource is bulk data; a document may stand on one line or on many."""
    if ".ndjson" in file.path.name or ".jsonl" in file.path.name:
        return Kind.NDJSON
    is_next = second.lstrip().startswith(b"{")
    return Kind.NDJSON if is_next and (_parses(first) or _parses(second)) else Kind.FHIR


def _is_log(line: bytes) -> bool:
    return b'"exportId"' in line and b'"eventId"' in line and b'"resourceType"' not in line


def _parses(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _table(file: SourceFile, wanted: RosterMap) -> Detected:
    head = head_of(file)
    if is_cms(head):
        return Detected(Kind.CMS, head)
    if table_of(head) is not None:
        return Detected(Kind.SYNTHEA, head)
    if is_roster(head, wanted):
        return Detected(Kind.ROSTER, head)
    if len(head.columns) > 1 and file.path.name.lower().endswith((".csv", ".tsv", ".csv.gz")):
        fix = "A list of patients needs record number and name; docs/import.md has the columns."
        return _not(file, "A table whose columns are not known here.", fix)
    return _not(
        file, "Nothing in it is read: it is neither FHIR JSON nor a known table.", "Leave it."
    )


def _empty(file: SourceFile) -> Detected:
    return _not(file, "This file is empty.", "Export it again.")


def _not(file: SourceFile, what: str, fix: str) -> Detected:
    is_data = file.path.name.lower().endswith(_DATA_ENDINGS)
    return Detected(None, why_not=what, fix=fix, is_data=is_data)
