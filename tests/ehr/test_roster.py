"""A clinic's own list: columns of many names, days of many shapes, and what is wrong in it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.adapters.ehr.reading import ReadOptions, read_patients
from ccm_flow.adapters.ehr.roster import day_of
from ccm_flow.adapters.ehr.roster_columns import RosterMapError, read_map
from ccm_flow.app.records import DIED_AT_UNKNOWN_TIME, ImportProblem, PatientRecord
from ccm_flow.core.eligibility import CoverageKind

Write = Callable[[str, Any], Path]
SAMPLE = Path(__file__).parents[2] / "sample" / "roster.csv"
HEADER = "MRN,Last name,First name,DOB,Conditions,Insurance"


def read(path: Path, *columns: str) -> tuple[list[PatientRecord], list[ImportProblem]]:
    items = list(read_patients(path, ReadOptions(roster=read_map(list(columns)))))
    patients = [item for item in items if isinstance(item, PatientRecord)]
    return patients, [item for item in items if isinstance(item, ImportProblem)]


def test_the_sample_list_is_read_whole() -> None:
    patients, problems = read(SAMPLE)
    assert problems == []
    assert [patient.mrn for patient in patients] == ["R-1001", "R-1002", "R-1003", "R-1004"]
    first = patients[0]
    assert (first.family_name, first.birth_date) == ("Abara", date(1948, 3, 14))
    assert (first.language, first.address["postal_code"]) == ("en", "01602")
    assert [row.code for row in first.conditions] == ["E11.9", "I10", "E78.5"]
    assert [one.coverages[0].kind for one in patients] == [
        CoverageKind.MEDICARE_PART_B,
        CoverageKind.DUAL,
        CoverageKind.MEDICARE_ADVANTAGE,
        CoverageKind.COMMERCIAL,
    ]
    assert patients[2].address["line"] == "88 Pine Road, Apt 3"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_delimiter_and_encoding_is_read(write: Write, delimiter: str, encoding: str) -> None:
    line = delimiter.join(["7", "Juárez", "José", "1950-01-02", "E11.9 I10", "Medicare"])
    text = f"{HEADER.replace(',', delimiter)}\r\n{line}\r\n"
    patients, problems = read(write("list.csv", text.encode(encoding)))
    assert [(p.family_name, len(p.conditions)) for p in patients] == [("Juárez", 2)]
    assert problems == []


def test_columns_of_other_names_are_mapped_on_the_command_line_or_in_a_file(
    write: Write, tmp_path: Path
) -> None:
    file = write("list.csv", 'Chart #,Patient name\n12,"Doe, Jo"\n')
    mapping = write("map.yaml", "mrn: 'Chart #'\nname: Patient name\n")
    for said in (("mrn=Chart #",), (str(mapping),)):
        patients, _ = read(file, *said)
        assert [(p.mrn, p.family_name, p.given_name) for p in patients] == [("12", "Doe", "Jo")]


@pytest.mark.parametrize("said", ["mrn=Nowhere", "colour=MRN", "dates=soon", "no-such-file.yaml"])
def test_a_mapping_that_cannot_be_used_is_a_sentence(write: Write, said: str) -> None:
    file = write("list.csv", f"{HEADER}\n1,Doe,Jo,1950-01-02,,\n")
    with pytest.raises(RosterMapError) as caught:
        read(file, said)
    assert caught.value.hint


def test_columns_that_nothing_is_read_from_are_named(write: Write) -> None:
    _, problems = read(write("list.csv", f"{HEADER},Shoe size,Pet\n1,Doe,Jo,1950-01-02,,,9,cat\n"))
    assert [problem.what for problem in problems] == ["Nothing is read from: Shoe size, Pet."]
    assert not problems[0].skipped


@pytest.mark.parametrize(
    ("written", "dates", "day"),
    [
        ("1950-01-02", None, date(1950, 1, 2)),
        ("1/2/1950", None, date(1950, 1, 2)),
        ("01/02/1950 00:00", None, date(1950, 1, 2)),
        ("2.1.1950", None, date(1950, 1, 2)),
        ("19500102", None, date(1950, 1, 2)),
        ("2/1/1950", "DD/MM/YYYY", date(1950, 1, 2)),
        ("1/2/50", None, None),
        ("13/13/1950", None, None),
        ("yesterday", None, None),
        ("0001-01-01", None, None),
        ("", None, None),
    ],
)
def test_days_are_read_as_written_and_never_guessed(
    written: str, dates: str | None, day: date | None
) -> None:
    assert day_of(written, dates) == day


@pytest.mark.parametrize(
    ("row", "said", "kept"),
    [
        (",Doe,Jo,1950-01-02,,", "no record number", 0),
        ("1,Doe,Jo,50-1-2,,", "birth date cannot be read", 1),
        ("1,Doe,Jo,1950-01-02,diabetes,", "no ICD-10 code", 1),
        ("1,Doe,Jo", "as many fields", 0),
        ("1,Doe,Jo,1950-01-02,,,,extra", "as many fields", 0),
        ("1,,,1950-01-02,,", "no name", 1),
    ],
)
def test_what_is_wrong_in_a_row_is_told_with_its_line(
    write: Write, row: str, said: str, kept: int
) -> None:
    patients, problems = read(write("list.csv", f"{HEADER}\n{row}\n"))
    assert len(patients) == kept
    assert [problem.entry for problem in problems] == ["line 2"]
    assert said in problems[0].what


def test_a_record_number_that_comes_twice_is_told_and_the_first_is_kept(write: Write) -> None:
    rows = "1,Doe,Jo,1950-01-02,,\n1,Roe,Al,1951-01-02,,\n"
    patients, problems = read(write("list.csv", f"{HEADER}\n{rows}"))
    assert [patient.family_name for patient in patients] == ["Doe"]
    assert (problems[0].entry, problems[0].skipped) == ("line 3, first on line 2", True)


def test_a_coverage_whose_end_cannot_be_read_is_not_taken_for_endless(write: Write) -> None:
    text = 'MRN,Name,Insurance,Coverage end\n1,"Doe, Jo",Medicare,31 May\n'
    patients, problems = read(write("list.csv", text))
    assert patients[0].coverages == ()
    assert "coverage end cannot be read" in problems[0].what


@pytest.mark.parametrize(
    ("written", "is_dead"), [("", False), ("no", False), ("yes", True), ("2026-05-01", True)]
)
def test_who_has_died_is_dead_with_or_without_a_day(
    write: Write, written: str, is_dead: bool
) -> None:
    text = f'MRN,Name,Deceased\n1,"Doe, Jo",{written}\n'
    died = read(write("list.csv", text))[0][0].deceased_at
    assert (died is not None) is is_dead
    assert (died == DIED_AT_UNKNOWN_TIME) is (written == "yes")


def test_a_column_that_is_missing_says_nothing_about_what_is_kept(write: Write) -> None:
    patient = read(write("list.csv", 'MRN,Name\n1,"Doe, Jo"\n'))[0][0]
    assert patient.partial >= {"phone", "birth_date", "conditions", "coverages", "encounters"}
