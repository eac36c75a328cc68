"""No bytes make a reader fail: every file gives patients, problems, or both, and a summary."""

import copy
import csv
import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.ehr.detect import Kind
from ccm_flow.adapters.ehr.reading import Read, ReadOptions, read_patients
from ccm_flow.app.import_patients import import_patients
from ccm_flow.app.records import ImportProblem, PatientRecord, SourceSummary
from tests.support.set_up import CLINIC, NOW, set_up_clinic

EXCERPT = Path(__file__).parent / "data" / "synthea"
PEOPLE = 6
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(
        ["\ud800", "\x00", "9999-12-31T23:59:59.999Z", "0001-01-01", "-1", "Patient/p1"]
    ),
    st.just([]),
    st.just({}),
    st.lists(st.text(max_size=3), max_size=2),
    st.just({"coding": [{"code": 7}]}),
    st.just([{"reference": ["x"]}]),
)
RESOURCES: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Doe", "given": ["Jo"]}],
        "birthDate": "1950-01-02",
        "telecom": [{"system": "phone", "value": "555"}],
        "address": [{"line": ["1 Elm"], "postalCode": "01602"}],
        "communication": [{"language": {"coding": [{"code": "en"}]}}],
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": "s", "value": "1"}],
        "meta": {"lastUpdated": "2026-01-01T00:00:00Z"},
    },
    {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "onsetDateTime": "2020-01-02T03:04:05Z",
    },
    {
        "resourceType": "ExplanationOfBenefit",
        "id": "e1",
        "patient": {"reference": "Patient/p1"},
        "created": "2026-01-01",
        "billablePeriod": {"start": "2026-01-01", "end": "2026-01-31"},
        "contained": [{"resourceType": "Coverage", "id": "c", "payor": [{"display": "Medicare"}]}],
        "insurance": [{"coverage": {"reference": "#c"}}],
        "careTeam": [{"sequence": 1, "provider": {"display": "Dr."}}],
        "item": [
            {
                "sequence": 1,
                "careTeamSequence": [1],
                "productOrService": {"coding": [{"system": "x/hcpcs", "code": "99490"}]},
            }
        ],
    },
    {
        "resourceType": "Coverage",
        "id": "v1",
        "beneficiary": {"reference": "Patient/p1"},
        "period": {"start": "2020-01-01", "end": "2026-01-01"},
        "payor": [{"reference": "Organization/o1"}],
        "class": [{"type": {"coding": [{"code": "plan"}]}, "value": "Part B"}],
    },
    {
        "resourceType": "Encounter",
        "id": "n1",
        "subject": {"reference": "Patient/p1"},
        "period": {"start": "2026-01-01T00:00:00Z"},
        "class": {"code": "AMB"},
        "type": [{"text": "Visit"}],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "subject": {"reference": "Patient/p1"},
        "medicationReference": {"reference": "#m"},
        "contained": [{"id": "m", "code": {"text": "Metformin"}}],
        "authoredOn": "2026-01-01",
    },
]


def read(*files: bytes, kind: Kind | None = None) -> list[Read]:
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(files):
            (Path(folder) / str(number)).write_bytes(content)
        items = list(read_patients(Path(folder), ReadOptions(kind=kind)))
    assert isinstance(items[-1], SourceSummary)
    assert all(problem.what and problem.fix for problem in problems_of(items))
    return items


def problems_of(items: list[Read]) -> list[ImportProblem]:
    return [item for item in items if isinstance(item, ImportProblem)]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to every value inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inside:
        yield (*path, key)
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, key))


WAYS = [(n, path) for n, resource in enumerate(RESOURCES) for path in places(resource)]


@st.composite
def mangled(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Put junk in place of a few values of otherwise sound resources."""
    resources: list[Any] = copy.deepcopy(RESOURCES)
    for number, path in draw(st.lists(st.sampled_from(WAYS), min_size=1, max_size=4)):
        holder = resources[number]
        try:
            for step in path[:-1]:
                holder = holder[step]
            holder[path[-1]] = draw(JUNK)
        except (KeyError, IndexError, TypeError):
            continue  # junk stands there already
    return resources


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('db') / 'ccm.db'}")
    upgrade(engine)
    set_up_clinic(engine)
    yield engine
    engine.dispose()


@QUICK
@given(resources=mangled())
def test_mangled_resources_are_read_and_kept_without_a_crash(
    engine: Engine, resources: list[dict[str, Any]]
) -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}
    lines = "\n".join(json.dumps(one) for one in resources)
    store = SqlPatientStore(engine)
    for content in (json.dumps(bundle), lines):
        items = read(content.encode())
        import_patients(items, store, CLINIC, NOW)
        again = import_patients(items, store, CLINIC, NOW)
        assert (again.new, again.changed) == (0, 0)


@QUICK
@given(content=st.binary(max_size=400), kind=st.sampled_from([None, *Kind]))
def test_any_bytes_taken_for_any_kind_are_no_crash(content: bytes, kind: Kind | None) -> None:
    for bytes_ in (content, gzip.compress(content), b"\x1f\x8b" + content, b"{" + content):
        assert len(read(bytes_, kind=kind)) > 1


@QUICK
@given(content=st.text(alphabet=st.sampled_from(list('{}[]",:;\\\n\r\t 1aé"\ufeff')), max_size=200))
def test_any_json_like_or_csv_like_text_is_no_crash(content: str) -> None:
    for header in ("", "MRN,Name,DOB\n", "DESYNPUF_ID,BENE_BIRTH_DT,BENE_SMI_CVRAGE_TOT_MONS\n"):
        read((header + content).encode())


@st.composite
def mangled_tables(draw: st.DrawFn) -> list[bytes]:
    """Put junk into a few cells of the excerpt, drop a table, cut another short."""
    files = []
    for file in sorted(EXCERPT.glob("*.csv")):
        rows = list(csv.reader(io.StringIO(file.read_text("utf-8"))))
        for _ in range(draw(st.integers(0, 3))):
            row = draw(st.integers(0, len(rows) - 1))
            column = draw(st.integers(0, len(rows[row]) - 1))
            rows[row][column] = draw(
                st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
            )
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        content = text.getvalue().encode()
        files.append(
            content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content
        )
    return files


@settings(QUICK, max_examples=25)
@given(files=mangled_tables())
def test_mangled_tables_are_read_without_a_crash(files: list[bytes]) -> None:
    patients = [item for item in read(*files) if isinstance(item, PatientRecord)]
    assert len({one.source_id for one in patients}) == len(patients)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"resourceType":"Patient","id":' + b"9" * 10_000 + b"}",
        b'{"resourceType":"Bundle","entry":' * 200 + b"[]" + b"}" * 200,
        b'MRN,Name\n1,"' + b"x" * 300_000,
        b"MRN,Name\n" + b"\x00" * 50,
        "MRN,Name\n1,\x85\n".encode("utf-16"),
        b"\xff\xfe",
    ],
)
def test_what_is_too_deep_too_long_or_no_text_is_a_problem(content: bytes) -> None:
    assert problems_of(read(content))
