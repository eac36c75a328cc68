"""What an import did, counted while it goes on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ccm_flow.app.import_changes import PatientChange
from ccm_flow.app.records import LISTS, ImportProblem, PatientRecord, SourceSummary
from ccm_flow.core.ids import ClinicId

SHOWN_OF_A_KIND: Final = 10
"""So many problems of one kind in one file are listed one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class RowCount:
    """What was read of one kind of row, and what it changed."""

    read: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class ChangedPatient:
    """One patient whom an import would add or change."""

    source_id: str
    mrn: str
    change: PatientChange


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    """Files, lines, entries and patients that were left out; `problems` says which and why."""
    rows: Mapping[str, RowCount] = field(default_factory=dict)
    """By list: `conditions`, `coverages`, ..."""
    files: Mapping[str, int] = field(default_factory=dict)
    """How many files were taken for which kind of export."""
    unused: Mapping[str, int] = field(default_factory=dict)
    """Kinds of resources, or tables, that nothing is read from."""
    problems: tuple[ImportProblem, ...] = ()
    changes: tuple[ChangedPatient, ...] = ()
    """Of a dry run alone."""

    @property
    def read(self) -> int:
        """How many patients were understood."""
        return self.new + self.changed + self.unchanged

    @property
    def counts(self) -> dict[str, int]:
        """The patients, counted."""
        return {
            "read": self.read,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
        }


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import, as it is kept."""

    clinic: ClinicId
    started_at: datetime
    finished_at: datetime
    report: ImportReport

    @property
    def source(self) -> str:
        """The kinds of export that were read, e.g. `fhir, roster`."""
        return ", ".join(sorted(self.report.files)) or "nothing"

    @property
    def counts(self) -> dict[str, int]:
        """Patients and rows, flat: `new`, `conditions new`, ..."""
        flat = {
            f"{name} {what}": getattr(count, what)
            for name, count in self.report.rows.items()
            for what in ("read", "new", "changed", "gone")
        }
        return {**self.report.counts, **flat}


class Tally:
    """Builds a report from what happens."""

    def __init__(self, *, keeps_changes: bool) -> None:
        self._keeps_changes = keeps_changes
        self._patients: Counter[str] = Counter()
        self._rows: dict[str, Counter[str]] = {name: Counter() for name in LISTS}
        self._problems: list[ImportProblem] = []
        self._alike: Counter[tuple[str, str, str, bool]] = Counter()
        self._changes: list[ChangedPatient] = []
        self._summary = SourceSummary({}, {})

    def problem(self, problem: ImportProblem) -> None:
        """Count a problem, and list it while there are not too many of its kind."""
        alike = (problem.file, problem.what, problem.fix, problem.skipped)
        self._alike[alike] += 1
        if self._alike[alike] <= SHOWN_OF_A_KIND:
            self._problems.append(problem)

    def patient(self, record: PatientRecord, change: PatientChange) -> None:
        """Count a patient and what becomes of their rows."""
        kind = "new" if change.is_new else "unchanged" if change.is_empty else "changed"
        self._patients[kind] += 1
        for name, counted in self._rows.items():
            counted["read"] += len(getattr(record, name))
            if name in change.rows:
                rows = change.rows[name]
                counted["new"] += len(rows.added)
                counted["changed"] += len(rows.changed)
                counted["gone"] += len(rows.gone)
        if self._keeps_changes and not change.is_empty:
            self._changes.append(ChangedPatient(record.source_id, record.mrn, change))

    def summary(self, summary: SourceSummary) -> None:
        """Take in what the reader says in the end."""
        self._summary = summary

    def report(self) -> ImportReport:
        """Give the report as it stands."""
        more = [
            ImportProblem(
                file, "", f"{count - SHOWN_OF_A_KIND} more like this: {what}", fix, skipped
            )
            for (file, what, fix, skipped), count in self._alike.items()
            if count > SHOWN_OF_A_KIND
        ]
        return ImportReport(
            new=self._patients["new"],
            changed=self._patients["changed"],
            unchanged=self._patients["unchanged"],
            skipped=sum(count for alike, count in self._alike.items() if alike[3]),
            rows={name: RowCount(**counted) for name, counted in self._rows.items()},
            files=dict(self._summary.files),
            unused=dict(self._summary.unused),
            problems=(*self._problems, *more),
            changes=tuple(self._changes),
        )
