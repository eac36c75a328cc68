"""
The CSV folder that Synthea writes, as patients.

Tables are known by their columns, and columns by their names: versions differ in both. Days that
come as instants in UTC (coverage) are the clinic's days.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, TypeVar

from ccm_flow.adapters.ehr.csv_rows import CsvHead, CsvRow, rows_of
from ccm_flow.adapters.ehr.fhir_coverage import kind_of_words
from ccm_flow.adapters.ehr.fhir_values import SNOMED, day, instant, local_day, noon
from ccm_flow.adapters.ehr.row_shelf import RowShelf
from ccm_flow.adapters.ehr.source_files import SourceFile
from ccm_flow.app.records import (
    DIED_AT_UNKNOWN_TIME,
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    ImportProblem,
    MedicationRecord,
    PatientRecord,
)

SOURCE: Final = "synthea"
Listed = TypeVar("Listed", ConditionRecord, CoverageRecord, EncounterRecord, MedicationRecord)
# The columns that tell a table from all others, as `key_of` spells them.
_TABLES: Final = (
    ("patients", {"id", "birthdate", "deathdate", "first", "last"}, set[str]()),
    ("encounters", {"id", "start", "patient", "encounterclass"}, set[str]()),
    ("medications", {"start", "patient", "code", "dispenses"}, set[str]()),
    ("payertransitions", {"patient", "payer", "startdate", "enddate"}, set[str]()),
    ("payertransitions", {"patient", "payer", "startyear", "endyear"}, set[str]()),
    ("payers", {"id", "name", "amountcovered"}, set[str]()),
    (
        "conditions",
        {"start", "stop", "patient", "encounter", "code", "description"},
        {"id", "basecost", "type", "reasoncode", "udi"},
    ),
)
_OTHERS: Final = (
    {"patient", "encounter", "code"},
    {"id", "patientid"},
    {"id", "name", "revenue"},
    {"id", "organization", "speciality"},
    {"date", "patient", "encounter"},
    {"claimid", "chargeid"},
    {"patientid", "yeardate"},
)
_CLASSES: Final = {
    "wellness": "ambulatory",
    "ambulatory": "ambulatory",
    "outpatient": "ambulatory",
    "urgentcare": "ambulatory",
    "emergency": "emergency",
    "inpatient": "inpatient",
    "home": "home",
    "virtual": "virtual",
    "hospice": "hospice",
    "snf": "snf",
}
_LISTS: Final = {
    "conditions": "conditions",
    "coverages": "payertransitions",
    "encounters": "encounters",
    "medications": "medications",
}
_SEXES: Final = {"M": "male", "F": "female"}
_UNUSED: Final = ""


def table_of(head: CsvHead) -> str | None:
    """Name the table by its columns; empty for one that nothing is read from, else None."""
    keys = set(head.keys)
    for table, needed, absent in _TABLES:
        if needed <= keys and not absent & keys:
            return table
    return _UNUSED if any(needed <= keys for needed in _OTHERS) else None


@dataclass
class Synthea:
    """Collects the tables of an export and gives its patients."""

    shelf: RowShelf
    zone: tzinfo
    payers: dict[str, str] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)

    def read(self, file: SourceFile, head: CsvHead, table: str) -> Iterator[ImportProblem]:
        """Take in one table; raises what `rows_of` does."""
        self.tables.add(table)
        for row in rows_of(file, head):
            if isinstance(row, ImportProblem):
                yield row
            elif table == "payers":
                self.payers[row.get("id")] = row.get("name")
            elif whose := row.get("id" if table == "patients" else "patient"):
                self.shelf.add(table, whose, file.name, row)
            else:
                what = "This row names no patient."
                yield file.problem(what, "Export this file again.", entry=row.place)

    def patients(self) -> Iterator[PatientRecord | ImportProblem]:
        """Give everybody, one at a time."""
        unsaid = {name for name, table in _LISTS.items() if table not in self.tables}
        for whose, rows in self.shelf.patients("patients"):
            yield self._patient(whose, rows, frozenset({*unsaid, "phone", "language", "services"}))
        for file, line, count in self.shelf.strays("patients"):
            noun = "row belongs" if count == 1 else "rows belong"
            what = f"{count} {noun} to a patient who is not in this import."
            fix = "Import patients.csv together with the other tables."
            yield ImportProblem(file, f"line {line}", what, fix)

    def _patient(
        self, whose: str, rows: list[tuple[str, CsvRow]], partial: frozenset[str]
    ) -> PatientRecord:
        of: dict[str, list[CsvRow]] = {}
        for table, row in rows:
            of.setdefault(table, []).append(row)
        said = of["patients"][0]
        return PatientRecord(
            source=SOURCE,
            source_id=whose,
            mrn=whose,
            family_name=said.get("last"),
            given_name=" ".join(filter(None, (said.get("first"), said.get("middle")))),
            birth_date=day(said.get("birthdate")),
            sex=_SEXES.get(said.get("gender"), ""),
            address=_address(said),
            deceased_at=_death(said.get("deathdate"), self.zone),
            conditions=tuple(
                _unique(_condition(row, self.zone) for row in of.get("conditions", ()))
            ),
            coverages=tuple(_unique(self._coverages(of.get("payertransitions", [])))),
            encounters=tuple(_unique(_encounter(row) for row in of.get("encounters", ()))),
            medications=tuple(_unique(_medication(row) for row in of.get("medications", ()))),
            partial=partial,
        )

    def _coverages(self, rows: list[CsvRow]) -> Iterator[CoverageRecord]:
        for row in rows:
            payer = self.payers.get(row.get("payer")) or row.get("payer") or "unknown payer"
            start = local_day(row.get("startdate") or row.get("startyear"), self.zone)
            yield CoverageRecord(
                source_id=f"{row.get('memberid')}/{row.get('startdate') or row.get('startyear')}",
                payer=payer,
                kind=kind_of_words(payer),
                member_id=row.get("memberid") or None,
                starts_on=start,
                ends_on=_last_day(row, start, self.zone),
            )


def _last_day(row: CsvRow, start: date | None, zone: tzinfo) -> date | None:
    """
    Give the last day that a plan covers whole.

    A plan ends at the instant at which the next one begins, so that day is the next plan's.
    """
    if row.get("endyear"):
        last = day(row.get("endyear"))
        return date(last.year, 12, 31) if last is not None else None
    end = local_day(row.get("enddate"), zone)
    if end is None or end == date.min:
        return None
    before = end - timedelta(days=1)
    return max(before, start) if start is not None else before


def _address(said: CsvRow) -> dict[str, str]:
    parts = {"line": "address", "city": "city", "state": "state", "postal_code": "zip"}
    return {name: said.get(column) for name, column in parts.items() if said.get(column)}


def _death(written: str, zone: tzinfo) -> datetime | None:
    """Give the moment of a death; a day alone is its noon at the clinic, so that it stays a day."""
    if not written:
        return None
    if "T" in written:
        return instant(written) or DIED_AT_UNKNOWN_TIME
    on = day(written)
    return noon(on, zone) if on is not None else DIED_AT_UNKNOWN_TIME


def _condition(row: CsvRow, zone: tzinfo) -> ConditionRecord:
    stopped = row.get("stop")
    return ConditionRecord(
        source_id=f"{row.get('start')}/{row.get('code')}/{row.get('encounter')}",
        code_system=row.get("system") or SNOMED,  # older versions have no such column
        code=row.get("code"),
        display=row.get("description") or "condition without a name",
        clinical_status="resolved" if stopped else "active",
        onset_on=local_day(row.get("start"), zone),
        abated_on=local_day(stopped, zone),
    )


def _encounter(row: CsvRow) -> EncounterRecord:
    return EncounterRecord(
        source_id=row.get("id"),
        kind=_CLASSES.get(row.get("encounterclass").lower(), "other"),
        status="finished" if row.get("stop") else "in-progress",
        display=row.get("description"),
        starts_at=instant(row.get("start")),
        ends_at=instant(row.get("stop")),
    )


def _medication(row: CsvRow) -> MedicationRecord:
    return MedicationRecord(
        source_id=f"{row.get('start')}/{row.get('code')}/{row.get('encounter')}",
        code=row.get("code"),
        display=row.get("description") or "medicine without a name",
        status="stopped" if row.get("stop") else "active",
        authored_at=instant(row.get("start")),
    )


def _unique(rows: Iterable[Listed]) -> Iterator[Listed]:
    """Give what stands in a table twice a number, so that each keeps an id of its own."""
    seen: dict[str, int] = {}
    for row in rows:
        count = seen[row.source_id] = seen.get(row.source_id, 0) + 1
        yield row if count == 1 else replace(row, source_id=f"{row.source_id}#{count}")
