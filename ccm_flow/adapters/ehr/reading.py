"""
Reading an export of any kind, or a folder with several kinds, as patients.

Every file is looked at: it is read, or there is a line that says why not. What one patient has in
several files is put together, whichever file it comes from.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import assert_never

from ccm_flow.adapters.ehr.cms import Cms
from ccm_flow.adapters.ehr.csv_rows import CsvHead
from ccm_flow.adapters.ehr.detect import Kind, detect, forced
from ccm_flow.adapters.ehr.fhir import patients_of, read_document, read_lines
from ccm_flow.adapters.ehr.fhir_shelf import Shelf
from ccm_flow.adapters.ehr.roster import Roster
from ccm_flow.adapters.ehr.roster_columns import RosterMap, columns_of
from ccm_flow.adapters.ehr.row_shelf import RowShelf
from ccm_flow.adapters.ehr.source_files import UNREADABLE, SourceFile, files_in
from ccm_flow.adapters.ehr.staging import staging, whole_or_nothing
from ccm_flow.adapters.ehr.synthea import Synthea, table_of
from ccm_flow.app.records import LISTS, ImportProblem, PatientRecord, SourceSummary

Read = PatientRecord | ImportProblem | SourceSummary


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read an export."""

    zone: tzinfo = UTC
    """The clinic's: instants in UTC are moved to it before they become days."""
    kind: Kind | None = None
    """What to take every file for; None to go by what is in it."""
    roster: RosterMap = field(default_factory=RosterMap)


def read_patients(path: Path, options: ReadOptions | None = None) -> Iterator[Read]:
    """
    Give every patient in a file or folder, a problem for everything unusable, a summary at last.

    Nothing in a file makes this fail; the rest of the folder is read in any case.

    Raises:
        RosterMapError: the options name a column that a roster does not have.
    """
    if not path.exists():
        what, fix = "There is no such file or folder.", "Check the name."
        yield ImportProblem(path.name, "", what, fix, skipped=True)
        return
    with staging() as staged:
        yield from _Reading(staged, options or ReadOptions()).read(path)


class _Reading:
    """One pass over an export."""

    def __init__(self, staged: sqlite3.Connection, options: ReadOptions) -> None:
        self._staged = staged
        self._options = options
        self._fhir = Shelf(staged, options.zone)
        self._synthea = Synthea(RowShelf(staged, Kind.SYNTHEA), options.zone)
        self._cms = Cms(RowShelf(staged, Kind.CMS), options.zone)
        self._roster = Roster(options.roster, options.zone)
        self._rosters: list[tuple[SourceFile, CsvHead]] = []
        self._files: Counter[str] = Counter()
        self._unused: Counter[str] = Counter()
        self._left_out = False

    def read(self, path: Path) -> Iterator[Read]:
        """Read everything, then give what came of it."""
        found_any = False
        for file in files_in(path):
            found_any = True
            yield from self._file(file)
        if not found_any:
            what, fix = "The folder holds no file.", "Put an export into it."
            yield ImportProblem(path.name, "", what, fix, skipped=True)
        for item in self._patients():
            if isinstance(item, PatientRecord) and self._left_out:
                # Rows that are missing may be those that could not be read: nothing is removed.
                yield replace(item, partial=item.partial.union(LISTS))
            else:
                yield item
        yield SourceSummary(self._files, self._unused + self._fhir.unused)

    def _file(self, file: SourceFile) -> Iterator[ImportProblem]:
        try:
            kind = self._options.kind
            found = forced(file, kind) if kind else detect(file, self._options.roster)
            if found.kind is None:
                self._left_out = self._left_out or found.is_data
                yield file.problem(found.why_not, found.fix, skipped=found.is_data)
                return
            self._files[found.kind] += 1
            with whole_or_nothing(self._staged):
                for problem in self._take_in(file, found.kind, found.head):
                    self._left_out = self._left_out or problem.skipped
                    yield problem
        except UNREADABLE as error:
            self._left_out = True
            yield file.unreadable(error)

    def _take_in(
        self, file: SourceFile, kind: Kind, head: CsvHead | None
    ) -> Iterator[ImportProblem]:
        if kind is Kind.FHIR:
            return read_document(self._fhir, file)
        if kind is Kind.NDJSON:
            return read_lines(self._fhir, file)
        assert head is not None  # noqa: S101 - every table was detected by its header
        if kind is Kind.SYNTHEA:
            return self._synthea_table(file, head)
        if kind is Kind.CMS:
            return self._cms.read(file, head)
        if kind is Kind.ROSTER:
            columns_of(head, self._options.roster)  # a mapping that fails does so before all else
            self._rosters.append((file, head))
            return iter(())
        assert_never(kind)

    def _synthea_table(self, file: SourceFile, head: CsvHead) -> Iterator[ImportProblem]:
        table = table_of(head)
        if table:
            yield from self._synthea.read(file, head, table)
        else:
            self._unused[file.name] += 1

    def _patients(self) -> Iterator[PatientRecord | ImportProblem]:
        yield from patients_of(self._fhir)
        yield from self._synthea.patients()
        yield from self._cms.patients()
        for file, head in self._rosters:
            try:
                yield from self._roster.read(file, head)
            except UNREADABLE as error:
                yield file.unreadable(error)
