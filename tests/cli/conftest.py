"""Real commands as processes of their own, in homes of their own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, create_engine, select, text

from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.processes.service_control import stop_service
from ccm_flow.adapters.processes.settings import importing

SAMPLE = Path(__file__).parents[2] / "sample" / "clinic"
CLINIC = """\
clinic: elm
name: Elm Street Clinic
time_zone: America/New_York
opens: 09:30
closes: 17:00
program_owner: lee
staff:
  - {id: maria, name: Maria Lopez, roles: [coordinator]}
  - {id: ben, name: Ben Ode, roles: [coordinator, nurse]}
  - {id: nat, name: Nat Kim, roles: [nurse]}
  - {id: pat, name: Pat Roy, roles: [practitioner]}
  - {id: bill, name: Bill Oz, roles: [biller]}
  - {id: lee, name: Lee Moss, roles: [program_lead]}
"""


def _all(table: str) -> Select[Any]:
    return select(text("*")).select_from(text(f'"{table}"'))


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What it printed as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Place:
    """A folder with a set-up of its own, and the commands in it."""

    folder: Path
    pycache: Path

    @property
    def home(self) -> Path:
        """Where its state lives."""
        return self.folder / ".ccm"

    def ccm(self, *arguments: object, **environ: str) -> Ran:
        """Run a command to its end."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CCM_", "TEMPORAL_", "PYTHONDONTWRITE", "COLUMNS"))
        }
        ended = subprocess.run(
            [sys.executable, "-m", "ccm_flow", *map(str, arguments)],
            cwd=self.folder,
            env={**importing(kept), "PYTHONPYCACHEPREFIX": str(self.pycache), **environ},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert "Traceback" not in ended.stdout + ended.stderr
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    def did(self, *arguments: object) -> Ran:
        """Run a command that must work."""
        ran = self.ccm(*arguments)
        assert ran.code == 0, ran
        return ran

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Give the content of every table."""
        engine = create_engine(f"sqlite:///{self.home / 'ccm.db'}")
        with engine.connect() as connection:
            names = connection.scalars(
                text("select name from sqlite_master where type = 'table' order by name")
            ).all()
            found = {
                name: sorted(map(tuple, connection.execute(_all(name))), key=repr) for name in names
            }
        engine.dispose()
        return found


@pytest.fixture(scope="session")
def pycache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a place for bytecode, so that hundreds of commands compile nothing twice."""
    return tmp_path_factory.mktemp("pycache")


@pytest.fixture
def place(tmp_path: Path, pycache: Path) -> Place:
    """Give an empty folder."""
    return Place(tmp_path, pycache)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with some of the sample's patients."""
    folder = tmp_path_factory.mktemp("export")
    for file in sorted(SAMPLE.iterdir())[:14]:
        (folder / file.name).symlink_to(file)
    return folder


@pytest.fixture(scope="session")
def clinic_home(pycache: Path, few: Path, server_program: ServerProgram) -> Iterator[Place]:
    """Give a set-up that runs, with patients in their enrollment."""
    with tempfile.TemporaryDirectory(prefix="ccm-cli-", ignore_cleanup_errors=True) as name:
        place = Place(Path(name), pycache)
        (place.folder / "clinic.yaml").write_text(CLINIC)
        place.did("clinic", "clinic.yaml")
        place.did("import", few)
        try:
            place.did("start")
            place.did("enroll")
            yield place
        finally:
            stop_service(place.home)


@pytest.fixture
def fresh_step(clinic_home: Place) -> Callable[[], str]:
    """Give a step that nobody has done yet, each time another."""

    def take() -> str:
        rows = clinic_home.did("queue", "--json").data["steps"]
        return next(
            str(row["handle"])
            for row in rows
            if row["key"] == "identify" and row["due_at"] is not None
        )

    return take
