"""
CMS beneficiary summary files (as in the SynPUF public use files) as patients.

One file is one year, and no column says which: the year is taken from the file's name. There are
no names and no visits; the beneficiary code stands as the record number. Months of Part B are
totals: a period is only written where the year itself or a death says which months they were.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from ccm_flow.adapters.ehr.csv_rows import CsvHead, CsvRow, rows_of
from ccm_flow.adapters.ehr.fhir_values import noon
from ccm_flow.adapters.ehr.row_shelf import RowShelf
from ccm_flow.adapters.ehr.source_files import SourceFile
from ccm_flow.app.records import (
    CMS_CHRONIC_FLAG,
    DIED_AT_UNKNOWN_TIME,
    ConditionRecord,
    CoverageRecord,
    ImportProblem,
    PatientRecord,
)
from ccm_flow.core.eligibility import CoverageKind

SOURCE: Final = "cms"
CODE: Final = "desynpufid"
_NEEDED: Final = {CODE, "benebirthdt", "benesmicvragetotmons"}
FLAGS: Final = {
    "SP_ALZHDMTA": "Alzheimer's disease or related dementia",
    "SP_CHF": "Heart failure",
    "SP_CHRNKIDN": "Chronic kidney disease",
    "SP_CNCR": "Cancer",
    "SP_COPD": "Chronic obstructive pulmonary disease",
    "SP_DEPRESSN": "Depression",
    "SP_DIABETES": "Diabetes",
    "SP_ISCHMCHT": "Ischemic heart disease",
    "SP_OSTEOPRS": "Osteoporosis",
    "SP_RA_OA": "Rheumatoid arthritis or osteoarthritis",
    "SP_STRKETIA": "Stroke or transient ischemic attack",
    "BENE_ESRD_IND": "End-stage renal disease",
}
"""Column and what a yes in it says."""
_YES: Final = frozenset({"1", "Y"})
_SEXES: Final = {"1": "male", "2": "female"}
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_UNSAID: Final = frozenset(
    {"phone", "language", "address", "encounters", "medications", "services"}
)


def is_cms(head: CsvHead) -> bool:
    """Tell whether a table is a beneficiary summary."""
    return set(head.keys) >= _NEEDED


@dataclass
class Cms:
    """Collects the years of a summary and gives its beneficiaries."""

    shelf: RowShelf
    zone: tzinfo

    def read(self, file: SourceFile, head: CsvHead) -> Iterator[ImportProblem]:
        """Take in one year; raises what `rows_of` does."""
        years = set(_YEAR.findall(file.path.name))
        if len(years) != 1:
            what = "This is a CMS beneficiary summary, but the file's name does not say its year."
            yield file.problem(what, "Put the year into the name, e.g. summary_2010.csv.")
            return
        year = years.pop()
        for row in rows_of(file, head):
            if isinstance(row, ImportProblem):
                yield row
            elif not row.get(CODE):
                what = "This row names no beneficiary."
                yield file.problem(what, "Export this file again.", entry=row.place)
            else:
                dated = CsvRow(row.line, {**row.values, "year": year})
                self.shelf.add("summary", row.get(CODE), file.name, dated)
                yield from _doubts(file, dated)

    def patients(self) -> Iterator[PatientRecord]:
        """Give every beneficiary, one at a time, with all their years."""
        for code, rows in self.shelf.patients("summary"):
            by_year = {int(row.get("year")): row for _, row in rows}
            yield self._patient(code, [by_year[year] for year in sorted(by_year)])

    def _patient(self, code: str, years: list[CsvRow]) -> PatientRecord:
        newest = years[-1]
        died = next((row.get("benedeathdt") for row in years if row.get("benedeathdt")), "")
        return PatientRecord(
            source=SOURCE,
            source_id=code,
            mrn=code,
            family_name="Beneficiary",
            given_name=code,
            birth_date=_day(newest.get("benebirthdt")),
            sex=_SEXES.get(newest.get("benesexidentcd"), ""),
            deceased_at=_death(died, self.zone),
            conditions=tuple(_conditions(years)),
            coverages=tuple(row for year in years for row in _coverage(year)),
            partial=_UNSAID,
        )


def _conditions(years: list[CsvRow]) -> Iterator[ConditionRecord]:
    """Give every flag that was ever set; active when the newest year sets it."""
    for flag, title in FLAGS.items():
        column = flag.replace("_", "").lower()
        if any(row.get(column) in _YES for row in years):
            yield ConditionRecord(
                source_id=flag,
                code_system=CMS_CHRONIC_FLAG,
                code=flag,
                display=title,
                clinical_status="active" if years[-1].get(column) in _YES else "inactive",
            )


def _coverage(row: CsvRow) -> Iterator[CoverageRecord]:
    year, part_b = int(row.get("year")), _months(row, "benesmicvragetotmons")
    advantage = _months(row, "benehmocvragetotmons")
    last = _last_covered(row, part_b)
    if last is None or 0 < advantage < part_b:
        return
    is_advantage = advantage > 0
    yield CoverageRecord(
        source_id=f"{year}",
        payer="Medicare Advantage" if is_advantage else "Medicare Part B",
        kind=CoverageKind.MEDICARE_ADVANTAGE if is_advantage else CoverageKind.MEDICARE_PART_B,
        member_id=row.get(CODE),
        starts_on=date(year, 1, 1),
        ends_on=last,
    )


def _last_covered(row: CsvRow, months: int) -> date | None:
    """Give the last covered day where the total says which months; else None."""
    year, died = int(row.get("year")), _day(row.get("benedeathdt"))
    if died is not None and died.year == year and months >= died.month:
        return died
    return date(year, 12, 31) if months >= 12 else None


def _doubts(file: SourceFile, row: CsvRow) -> Iterator[ImportProblem]:
    part_b = _months(row, "benesmicvragetotmons")
    fix = "Ask for the coverage by month before you bill."
    if part_b and _last_covered(row, part_b) is None:
        what = "Part B was held for some months, but not said which: no coverage was written."
        yield file.problem(what, fix, entry=row.place, skipped=False)
    elif part_b and 0 < _months(row, "benehmocvragetotmons") < part_b:
        what = "A managed care plan was held for some months, but not said which: no coverage was"
        yield file.problem(f"{what} written.", fix, entry=row.place, skipped=False)


def _months(row: CsvRow, column: str) -> int:
    written = row.get(column)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 3 else 0


def _day(written: str) -> date | None:
    try:
        return datetime.strptime(written, "%Y%m%d").date() if len(written) == 8 else None  # noqa: DTZ007 - a day
    except ValueError:
        return None


def _death(written: str, zone: tzinfo) -> datetime | None:
    if not written:
        return None
    on = _day(written)
    return noon(on, zone) if on is not None else DIED_AT_UNKNOWN_TIME
