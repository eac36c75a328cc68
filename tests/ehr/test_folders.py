"""Bulk exports, folders with several kinds of export, and what only lies beside them."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.adapters.ehr.detect import Kind
from ccm_flow.adapters.ehr.reading import ReadOptions, read_patients
from ccm_flow.app.records import LISTS, ImportProblem, PatientRecord, SourceSummary

Write = Callable[[str, Any], Path]
EXCERPT = Path(__file__).parent / "data" / "synthea"
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Doe", "given": ["Jo"]}]}
ROSTER = 'MRN,Name\n1,"Roe, Al"\n'


def condition(id_: str, patient: str = "Patient/p1") -> dict[str, Any]:
    return {"resourceType": "Condition", "id": id_, "subject": {"reference": patient}}


def lines(*resources: Any) -> str:
    return "".join(f"{json.dumps(resource)}\n" for resource in resources)


def read(
    path: Path, options: ReadOptions | None = None
) -> tuple[list[PatientRecord], list[ImportProblem], SourceSummary]:
    items = list(read_patients(path, options))
    patients = [item for item in items if isinstance(item, PatientRecord)]
    summary = items[-1]
    assert isinstance(summary, SourceSummary)
    return patients, [item for item in items if isinstance(item, ImportProblem)], summary


def test_a_bulk_export_is_put_together_from_any_files_and_lines(write: Write) -> None:
    write("x/1.ndjson", lines(condition("c1"), {"resourceType": "Goal"}))
    write("x/2.ndjson.gz", gzip.compress(lines(condition("c2"), PATIENT).encode()))
    folder = write("x/3", lines(condition("c3"), condition("c4", "Patient/p9"))).parent
    patients, problems, summary = read(folder)
    assert [sorted(row.source_id for row in one.conditions) for one in patients] == [
        ["c1", "c2", "c3"]
    ]
    assert [(problem.file, problem.entry) for problem in problems] == [("3", "line 2 (Condition)")]
    assert summary == SourceSummary({"ndjson": 3}, {"Goal": 1})


def test_a_broken_line_is_named_and_the_others_are_kept(write: Write) -> None:
    text = lines(PATIENT) + "{broken\n" + "\n" + lines(condition("c1"))
    patients, problems, _ = read(write("a.ndjson", text))
    assert len(patients[0].conditions) == 1
    assert [(problem.entry, problem.skipped) for problem in problems] == [("line 2", True)]


def test_where_something_was_left_out_nothing_is_known_to_be_gone(write: Write) -> None:
    whole, _, _ = read(write("a.ndjson", lines(PATIENT, condition("c1"))))
    broken, _, _ = read(write("b.ndjson", lines(PATIENT, condition("c1")) + "{\n"))
    assert "conditions" not in whole[0].partial
    assert broken[0].partial >= set(LISTS)


def test_a_file_that_breaks_off_is_left_out_whole(write: Write) -> None:
    zipped = gzip.compress(lines(*(condition(str(n)) for n in range(2000))).encode())
    write("x/conditions.ndjson.gz", zipped[: len(zipped) // 2])
    folder = write("x/patients.ndjson", lines(PATIENT)).parent
    patients, problems, _ = read(folder)
    assert [len(one.conditions) for one in patients] == [0]
    assert [(problem.file, problem.skipped) for problem in problems] == [
        ("conditions.ndjson.gz", True)
    ]


def test_every_kind_in_a_folder_is_read_and_nothing_is_passed_over(
    write: Write, tmp_path: Path
) -> None:
    write("x/bundle.json", {"resourceType": "Bundle", "entry": [{"resource": PATIENT}]})
    write("x/bulk.ndjson", lines(condition("c1")))
    write("x/list.csv", ROSTER)
    write("x/README.md", "What this is.\n")
    write("x/.hidden", "x")
    write("x/other.csv", "a,b\n1,2\n")
    write("x/old.xml", '<?xml version="1.0"?><Bundle/>')
    write("x/sheet.xlsx", b"PK\x03\x04junk")
    write("x/empty.json", "")
    for file in EXCERPT.glob("*.csv"):
        write(f"x/tables/{file.name}", file.read_bytes())
    patients, problems, summary = read(tmp_path / "x")
    assert len(patients) == 1 + 6 + 1
    assert len(patients[0].conditions) == 1
    assert summary.files == {"fhir": 1, "ndjson": 1, "roster": 1, "synthea": 7}
    assert {problem.file: problem.skipped for problem in problems} == {
        "README.md": False,
        "other.csv": True,
        "old.xml": True,
        "sheet.xlsx": True,
        "empty.json": True,
    }


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a", json.dumps(PATIENT), Kind.FHIR),
        ("a", json.dumps(PATIENT, indent=1), Kind.FHIR),
        ("a", "\n\n" + json.dumps(PATIENT), Kind.FHIR),
        ("a", lines(PATIENT, condition("c1")), Kind.NDJSON),
        ("a", "{broken\n" + lines(PATIENT), Kind.NDJSON),
        ("a.ndjson", lines(PATIENT), Kind.NDJSON),
        ("a.json", ROSTER, Kind.ROSTER),
    ],
)
def test_the_kind_is_found_by_content(write: Write, name: str, content: str, kind: Kind) -> None:
    patients, _, summary = read(write(name, content))
    assert (len(patients), summary.files) == (1, {kind: 1})


@pytest.mark.parametrize("kind", list(Kind))
def test_a_kind_that_was_forced_wrongly_is_a_problem_and_no_crash(write: Write, kind: Kind) -> None:
    file = write("a.txt", "neither this nor that\nat all\n")
    patients, problems, _ = read(file, ReadOptions(kind=kind))
    assert patients == []
    assert problems


def test_a_patient_of_two_names_for_one_thing_gets_their_own(write: Write) -> None:
    """Two bundles may use the same local name for two patients: the own file goes first."""
    for name in ("1", "2"):
        patient = PATIENT | {"id": f"p{name}"}
        entries = [
            {"fullUrl": "urn:uuid:me", "resource": patient},
            {"resource": condition(f"c{name}", "urn:uuid:me")},
        ]
        file = write(f"x/{name}.json", {"resourceType": "Bundle", "entry": entries})
    patients, _, _ = read(file.parent)
    assert {one.source_id: one.conditions[0].source_id for one in patients} == {
        "p1": "c1",
        "p2": "c2",
    }
