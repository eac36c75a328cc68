"""One real server with time skipping for all tests of this folder, and a record for each test."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from temporalio.client import Client

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import open_database
from ccm_flow.adapters.db.migrate import upgrade
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.temporal.codec import data_converter
from ccm_flow.adapters.temporal.connect import connect
from ccm_flow.adapters.temporal.flow import TemporalFlow
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.app.act import Desk
from ccm_flow.bootstrap import PATIENCE
from tests.support.keys import KEY
from tests.support.scenario import Runner
from tests.support.set_up import MovableClock
from tests.support.temporal_runner import Recorder, TemporalRunner, scenario_worker


@pytest.fixture(scope="session")
def temporal(
    server_program: ServerProgram, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmbeddedServer]:
    """Run a server for the session."""
    home: Path = tmp_path_factory.mktemp("temporal")
    with EmbeddedServer(server_program, home, time_travel=True) as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def client(temporal: EmbeddedServer) -> Client:
    """Connect with the project's own converter."""
    return await connect(temporal.address, "default", data_converter([KEY]), patience=PATIENCE)


@pytest_asyncio.fixture(scope="session")
async def recorder(client: Client) -> AsyncIterator[Recorder]:
    """Run a worker that writes into memory."""
    recorder = Recorder()
    async with scenario_worker(client, recorder):
        yield recorder


@pytest.fixture
def runner_factory(client: Client, recorder: Recorder) -> Callable[[], Runner]:
    """Make runners on the server."""
    return lambda: TemporalRunner(client, recorder)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Open an empty record."""
    engine = open_database(f"sqlite:///{tmp_path / 'ccm.db'}")
    upgrade(engine)
    return engine


@pytest.fixture
def clock() -> MovableClock:
    """Give the clock that the test's use cases read."""
    return MovableClock()


@pytest_asyncio.fixture
async def own_client(
    temporal: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Client:
    """Connect under a task queue of the test's own."""
    for module in ("flow", "worker"):
        monkeypatch.setattr(f"ccm_flow.adapters.temporal.{module}.TASK_QUEUE", tmp_path.name)
    return await connect(temporal.address, "default", data_converter([KEY]), patience=PATIENCE)


@pytest_asyncio.fixture
async def desk(own_client: Client, engine: Engine, clock: MovableClock) -> AsyncIterator[Desk]:
    """Run a worker on the real record."""
    desk = Desk(SqlCareRecord(engine), TemporalFlow(own_client), clock)
    async with make_worker(own_client, engine, desk):
        yield desk
