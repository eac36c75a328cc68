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
  - {id: maria, name: Maria Lopez, roles: [coordinator], credential: ma}
  - {id: ben, name: Ben Ode, roles: [coordinator, nurse], credential: lpn}
  - {id: nat, name: Nat Kim, roles: [nurse], credential: rn}
  - {id: pat, name: Pat Roy, roles: [practitioner], credential: np}
  - {id: bill, name: Bill Oz, roles: [biller], credential: none}
  - {id: lee, name: Lee Moss, roles: [program_lead], credential: rn}
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


class Nursery:
    """Runs commands one after the other, each a process; see `nursery.py`."""

    def __init__(self, folder: Path) -> None:
        self._streams = (folder / "out", folder / "err")
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "tests.cli.nursery"],
            cwd=Path(__file__).parents[2],
            env=importing(clean_environ()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, folder: Path, environ: dict[str, str], arguments: list[str]) -> Ran:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        for stream in self._streams:
            stream.write_text("")
        job = {
            "folder": str(folder),
            "environ": environ,
            "arguments": arguments,
            "streams": [str(stream) for stream in self._streams],
        }
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return Ran(code, *(stream.read_text() for stream in self._streams))

    def close(self) -> None:
        self._process.communicate()


def clean_environ() -> dict[str, str]:
    """Give the environment without what would lead commands elsewhere."""
    ours = ("CCM_", "TEMPORAL_", "PYTHONDONTWRITE", "COLUMNS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@dataclass(frozen=True)
class Place:
    """A folder with a set-up of its own, and the commands in it."""

    folder: Path
    nursery: Nursery
    pycache: Path

    @property
    def home(self) -> Path:
        """Where its state lives."""
        return self.folder / ".ccm"

    def ccm(self, *arguments: object, **environ: str) -> Ran:
        """Run a command to its end."""
        wanted = {**importing(clean_environ()), **environ}
        ran = self.nursery.run(self.folder, wanted, [str(one) for one in arguments])
        assert "Traceback" not in ran.out + ran.err
        return ran

    def from_scratch(self, *arguments: object, **environ: str) -> Ran:
        """Run a command as a shell does: a new interpreter that imports everything."""
        ended = subprocess.run(
            [sys.executable, "-m", "ccm_flow", *map(str, arguments)],
            cwd=self.folder,
            env={
                **importing(clean_environ()),
                "PYTHONPYCACHEPREFIX": str(self.pycache),
                **environ,
            },
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
def make_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Place]]:
    """Give what makes a folder a place where commands run."""
    nursery = Nursery(tmp_path_factory.mktemp("streams"))
    pycache = tmp_path_factory.mktemp("pycache")
    yield lambda folder: Place(folder, nursery, pycache)
    nursery.close()


@pytest.fixture
def place(tmp_path: Path, make_place: Callable[[Path], Place]) -> Place:
    """Give an empty folder."""
    return make_place(tmp_path)


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with some of the sample's patients."""
    return _export(tmp_path_factory.mktemp("few"), 30)


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with enough of them for every test that works on one of its own."""
    return _export(tmp_path_factory.mktemp("many"), 60)


def _export(folder: Path, patients: int) -> Path:
    for file in sorted(SAMPLE.iterdir())[:patients]:
        (folder / file.name).symlink_to(file)
    return folder


@pytest.fixture(scope="session")
def clinic_home(
    make_place: Callable[[Path], Place], many: Path, server_program: ServerProgram
) -> Iterator[Place]:
    """Give a set-up that runs, with patients in their enrollment."""
    with tempfile.TemporaryDirectory(prefix="ccm-cli-", ignore_cleanup_errors=True) as name:
        place = make_place(Path(name))
        (place.folder / "clinic.yaml").write_text(CLINIC)
        place.did("clinic", "clinic.yaml")
        place.did("import", many)
        try:
            place.did("start")
            place.did("enroll")
            yield place
        finally:
            stop_service(place.home)


@pytest.fixture(scope="session")
def fresh_step(clinic_home: Place) -> Callable[[], str]:
    """Give a step that nobody has done yet, each time another patient's."""
    rows = clinic_home.did("queue", "--json").data["steps"]
    handles = [str(row["handle"]) for row in rows if row["key"] == "identify"]
    return handles.pop
