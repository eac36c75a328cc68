"""Where FHIR files come from: the sample clinic, hand-written ones, and data beside the project."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.app.records import ImportProblem, PatientRecord

ROOT = Path(__file__).parents[2]
Write = Callable[[str, Any], Path]
Read = tuple[list[PatientRecord], list[ImportProblem]]


@pytest.fixture(scope="session")
def sample() -> Path:
    return ROOT / "sample" / "clinic"


@pytest.fixture(scope="session")
def others_data() -> Path:
    """Files of other vendors; they are not part of the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the other vendors' files (../shared/data) are not on this machine")
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give a function that writes one file of an export; a text or bytes as is, else as JSON."""

    def write_file(name: str, content: Any) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return file

    return write_file


@pytest.fixture(scope="session")
def read() -> Callable[[Path], Read]:
    """Give a function that reads a file or folder and parts patients from problems."""

    def read_all(path: Path) -> Read:
        items = list(read_patients(path))
        patients = [item for item in items if isinstance(item, PatientRecord)]
        return patients, [item for item in items if isinstance(item, ImportProblem)]

    return read_all
