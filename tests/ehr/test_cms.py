"""CMS beneficiary summaries: a year a file, totals of months, flags instead of diagnoses."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.adapters.ehr.cms import FLAGS
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.app.records import CMS_CHRONIC_FLAG, ImportProblem, PatientRecord
from ccm_flow.core.eligibility import CoverageKind

Write = Callable[[str, Any], Path]
COLUMNS = (
    "DESYNPUF_ID",
    "BENE_BIRTH_DT",
    "BENE_DEATH_DT",
    "BENE_SEX_IDENT_CD",
    "BENE_ESRD_IND",
    "BENE_SMI_CVRAGE_TOT_MONS",
    "BENE_HMO_CVRAGE_TOT_MONS",
    *(name for name in FLAGS if name.startswith("SP_")),
)
USUAL = dict.fromkeys(COLUMNS, "2") | {
    "DESYNPUF_ID": "00AB",
    "BENE_BIRTH_DT": "19400501",
    "BENE_DEATH_DT": "",
    "BENE_ESRD_IND": "0",
    "BENE_SMI_CVRAGE_TOT_MONS": "12",
    "BENE_HMO_CVRAGE_TOT_MONS": "0",
}


def summary(*rows: Mapping[str, str]) -> str:
    lines = [",".join(f'"{name}"' for name in COLUMNS)]
    lines += [",".join((USUAL | dict(row))[name] for name in COLUMNS) for row in rows]
    return "\n".join(lines) + "\n"


def read(path: Path) -> tuple[list[PatientRecord], list[ImportProblem]]:
    items = list(read_patients(path))
    patients = [item for item in items if isinstance(item, PatientRecord)]
    return patients, [item for item in items if isinstance(item, ImportProblem)]


def test_the_code_stands_for_number_and_name(write: Write) -> None:
    (patient,), problems = read(write("summary_2010.csv", summary({"SP_CHF": "1"})))
    assert (patient.mrn, patient.source_id, patient.sex) == ("00AB", "00AB", "female")
    assert patient.birth_date == date(1940, 5, 1)
    assert problems == []


def test_flags_are_conditions_and_2_is_no(write: Write) -> None:
    flagged = {"SP_CHF": "1", "SP_DIABETES": "1", "BENE_ESRD_IND": "Y"}
    (patient,), _ = read(write("summary_2010.csv", summary(flagged)))
    assert {row.code for row in patient.conditions} == set(flagged)
    assert {row.code_system for row in patient.conditions} == {CMS_CHRONIC_FLAG}


def test_years_are_put_together_and_the_newest_says_what_is_active(write: Write) -> None:
    write("x/b_2009.csv", summary({"SP_CHF": "1", "SP_COPD": "1"}))
    folder = write("x/a_2010.csv", summary({"SP_COPD": "1"})).parent
    (patient,), _ = read(folder)
    assert {row.code: row.clinical_status for row in patient.conditions} == {
        "SP_CHF": "inactive",
        "SP_COPD": "active",
    }
    assert [(row.starts_on, row.ends_on) for row in patient.coverages] == [
        (date(2009, 1, 1), date(2009, 12, 31)),
        (date(2010, 1, 1), date(2010, 12, 31)),
    ]


PART_B, ADVANTAGE = CoverageKind.MEDICARE_PART_B, CoverageKind.MEDICARE_ADVANTAGE


@pytest.mark.parametrize(
    ("months", "hmo", "died", "period"),
    [
        ("12", "0", "", (PART_B, date(2010, 12, 31))),
        ("12", "12", "", (ADVANTAGE, date(2010, 12, 31))),
        ("8", "0", "20100801", (PART_B, date(2010, 8, 1))),
        ("0", "0", "", None),
        ("5", "0", "", None),
        ("12", "5", "", None),
        ("junk", "0", "", None),
    ],
)
def test_a_period_is_only_written_where_its_months_are_known(
    write: Write, months: str, hmo: str, died: str, period: tuple[CoverageKind, date] | None
) -> None:
    row = {
        "BENE_SMI_CVRAGE_TOT_MONS": months,
        "BENE_HMO_CVRAGE_TOT_MONS": hmo,
        "BENE_DEATH_DT": died,
    }
    (patient,), problems = read(write("summary_2010.csv", summary(row)))
    found = [(row.kind, row.ends_on) for row in patient.coverages]
    assert found == ([period] if period else [])
    assert len(problems) == ("5" in {months, hmo})


def test_a_file_that_does_not_say_its_year_is_left_out(write: Write) -> None:
    patients, problems = read(write("summary.csv", summary({})))
    assert patients == []
    assert problems[0].skipped
    assert "year" in problems[0].what


def test_the_public_use_files_count_as_described(others_data: Path) -> None:
    patients, problems = read(others_data / "cms-synpuf")
    assert len(patients) == 10_000
    assert not [problem for problem in problems if problem.skipped]
    on = date(2010, 12, 31)
    alive = [one for one in patients if one.coverages or one.conditions]
    assert all(one.birth_date for one in alive)
    (newest,) = (others_data / "cms-synpuf").glob("*2010*")
    found, _ = read(newest)
    assert len(found) == 9_682
    old = [
        one
        for one in found
        if one.deceased_at is None and one.birth_date and (on - one.birth_date).days >= 65 * 365.25
    ]
    assert len(old) == 8_048
