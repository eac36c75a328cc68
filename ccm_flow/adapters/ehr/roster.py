"""A clinic's own list of patients (CSV) as patients: one row is one patient."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Final

from ccm_flow.adapters.ehr.csv_rows import CsvHead, CsvRow, rows_of
from ccm_flow.adapters.ehr.fhir_coverage import kind_of_words
from ccm_flow.adapters.ehr.fhir_values import ICD10_CM, noon
from ccm_flow.adapters.ehr.roster_columns import DATES, MRN, RosterMap, columns_of
from ccm_flow.adapters.ehr.source_files import SourceFile
from ccm_flow.app.records import (
    DIED_AT_UNKNOWN_TIME,
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    ImportProblem,
    PatientRecord,
)

SOURCE: Final = "roster"
_ICD10: Final = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?")
_BETWEEN: Final = re.compile(r"[;,|\s]+")
_SEXES: Final = {"m": "male", "male": "male", "f": "female", "female": "female"}
_LANGUAGES: Final = {
    "english": "en",
    "spanish": "es",
    "portuguese": "pt",
    "chinese": "zh",
    "vietnamese": "vi",
    "french": "fr",
    "russian": "ru",
    "arabic": "ar",
    "korean": "ko",
    "haitian creole": "ht",
    "tagalog": "tl",
}
_NO: Final = frozenset({"", "n", "no", "false", "0", "alive"})
_YES: Final = frozenset({"y", "yes", "true", "1", "deceased", "dead"})
_FIELDS: Final = {
    "birth_date": {"birth_date"},
    "sex": {"sex"},
    "phone": {"phone"},
    "language": {"language"},
    "address": {"address", "city", "state", "zip"},
    "deceased_at": {"deceased"},
    "conditions": {"conditions"},
    "coverages": {"coverage"},
}
_COVERAGE_DAYS: Final = ("coverage_start", "coverage_end")
_ALWAYS_PARTIAL: Final = frozenset({"encounters", "medications", "services"})
_FIX: Final = "Put it right in the list and import again."


def is_roster(head: CsvHead, wanted: RosterMap) -> bool:
    """Tell whether a table has what a roster cannot do without: record number and a name."""
    found = columns_of(head, RosterMap()) | dict(wanted.columns)
    return MRN in found and bool({"last_name", "name"} & found.keys())


@dataclass
class Roster:
    """Reads rosters; a record number that comes again is told with the line it stood on first."""

    wanted: RosterMap
    zone: tzinfo
    _seen: dict[str, str] = field(default_factory=dict)

    def read(self, file: SourceFile, head: CsvHead) -> Iterator[PatientRecord | ImportProblem]:
        """
        Give the patients of one file.

        Raises:
            RosterMapError: the mapping names a column that is not there.
            OSError, EOFError, zlib.error, UnicodeError: the file breaks off.
        """
        columns = columns_of(head, self.wanted)
        missing = [name for name in (MRN,) if name not in columns]
        if missing or not {"last_name", "name"} & columns.keys():
            fix = "Say which columns they are, e.g. --map 'mrn=Chart #' --map 'last_name=Surname'."
            yield file.problem("This list has no column for record number or name.", fix)
            return
        yield from _unknown(file, head, columns)
        partial = _ALWAYS_PARTIAL | {
            name for name, needed in _FIELDS.items() if not needed & columns.keys()
        }
        for row in rows_of(file, head):
            if isinstance(row, ImportProblem):
                yield row
            else:
                said = {name: row.get(key) for name, key in columns.items()}
                yield from self._row(file, row, said, partial)

    def _row(
        self, file: SourceFile, row: CsvRow, said: dict[str, str], partial: frozenset[str]
    ) -> Iterator[PatientRecord | ImportProblem]:
        number = said[MRN]
        if not number:
            what = "This row has no record number, so the patient could not be found again."
            yield file.problem(what, _FIX, entry=row.place)
            return
        if number in self._seen:
            what = "This record number stands in the list already; the first row was kept."
            yield file.problem(what, _FIX, entry=f"{row.place}, first on {self._seen[number]}")
            return
        self._seen[number] = row.place
        reading = _Row(file, row, said, self.wanted.dates, self.zone)
        record = reading.record(partial)
        yield from reading.problems
        yield record


@dataclass
class _Row:
    """One row on its way to a patient, with what was wrong in it."""

    file: SourceFile
    row: CsvRow
    said: dict[str, str]
    dates: str | None
    zone: tzinfo
    problems: list[ImportProblem] = field(default_factory=list)

    def record(self, partial: frozenset[str]) -> PatientRecord:
        """Put the patient together; what cannot be read is left empty and told."""
        family, given = self._name()
        return PatientRecord(
            source=SOURCE,
            source_id=self.said[MRN],
            mrn=self.said[MRN],
            family_name=family,
            given_name=given,
            birth_date=self._day("birth_date"),
            sex=_SEXES.get(self._get("sex").lower(), self._get("sex").lower()),
            phone=self._get("phone"),
            language=self._language(),
            address=self._address(),
            deceased_at=self._death(),
            conditions=tuple(self._conditions()),
            coverages=tuple(self._coverages()),
            encounters=tuple(self._visits()),
            partial=partial | {name for name, bad in self._unread() if bad},
        )

    def _get(self, name: str) -> str:
        return self.said.get(name, "")

    def _wrong(self, what: str) -> None:
        self.problems.append(self.file.problem(what, _FIX, entry=self.row.place, skipped=False))

    def _name(self) -> tuple[str, str]:
        if self._get("last_name"):
            return self._get("last_name"), self._get("first_name")
        family, _, given = self._get("name").partition(",")
        if not family:
            self._wrong("This patient has no name.")
        return family.strip(), given.strip() or self._get("first_name")

    def _day(self, name: str) -> date | None:
        written = self._get(name)
        read = day_of(written, self.dates)
        if written and read is None:
            self._wrong(f"The {name.replace('_', ' ')} cannot be read as a day with a full year.")
        return read

    def _unread(self) -> Iterator[tuple[str, bool]]:
        """Name the fields whose value is there but cannot be read: they keep what they had."""
        yield "birth_date", self._unreadable("birth_date")
        yield "conditions", any(not _ICD10.fullmatch(code) for code in self._codes())
        yield "coverages", self._unreadable(*_COVERAGE_DAYS)

    def _unreadable(self, *names: str) -> bool:
        return any(
            self._get(name) and day_of(self._get(name), self.dates) is None for name in names
        )

    def _language(self) -> str:
        said = self._get("language")
        return _LANGUAGES.get(said.lower(), said)

    def _address(self) -> dict[str, str]:
        parts = {"line": "address", "city": "city", "state": "state", "postal_code": "zip"}
        return {name: self._get(column) for name, column in parts.items() if self._get(column)}

    def _death(self) -> datetime | None:
        if self._get("deceased").lower() in _NO:
            return None
        on = self._day("deceased") if self._get("deceased").lower() not in _YES else None
        return noon(on, self.zone) if on else DIED_AT_UNKNOWN_TIME

    def _codes(self) -> list[str]:
        return [code for code in _BETWEEN.split(self._get("conditions").upper()) if code]

    def _conditions(self) -> Iterator[ConditionRecord]:
        for code in dict.fromkeys(self._codes()):
            if not _ICD10.fullmatch(code):
                self._wrong("The conditions hold something that is no ICD-10 code.")
                continue
            yield ConditionRecord(
                source_id=code,
                code_system=ICD10_CM,
                code=code,
                display=f"ICD-10 {code}",
                clinical_status="active",
            )

    def _coverages(self) -> Iterator[CoverageRecord]:
        payer = self._get("coverage")
        starts_on, ends_on = self._day("coverage_start"), self._day("coverage_end")
        if payer and not self._unreadable(*_COVERAGE_DAYS):
            yield CoverageRecord(
                source_id="coverage",
                payer=payer,
                kind=kind_of_words(payer),
                member_id=self._get("member_id") or None,
                starts_on=starts_on,
                ends_on=ends_on,
            )

    def _visits(self) -> Iterator[EncounterRecord]:
        on = self._day("last_visit")
        if on is not None:
            at = noon(on, self.zone)
            yield EncounterRecord(on.isoformat(), "ambulatory", "finished", "Visit", at, at)


def day_of(written: str, dates: str | None) -> date | None:
    """
    Read a day; a time after it is let go.

    Without a given format, days are read as YYYY-MM-DD, MM/DD/YYYY, DD.MM.YYYY or YYYYMMDD. Years
    of two digits are not: 35 may be 1935 or 2035.
    """
    text = written.strip().split("T")[0].split(" ")[0]
    usual = [form for name, form in DATES.items() if name != "DD/MM/YYYY"]
    for form in [DATES[dates]] if dates else usual:
        try:
            read = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return read if read.year > 1800 else None
    return None


def _unknown(file: SourceFile, head: CsvHead, columns: dict[str, str]) -> Iterator[ImportProblem]:
    known = set(columns.values())
    others = [
        name for name, key in zip(head.columns, head.keys, strict=True) if name and key not in known
    ]
    if others:
        what = f"Nothing is read from: {', '.join(others)}."
        fix = "Say with --map what a column means, or leave it."
        yield file.problem(what, fix, skipped=False)
