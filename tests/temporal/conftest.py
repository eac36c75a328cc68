"""One real server with time skipping for all tests of this folder."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.temporal.codec import data_converter
from ccm_flow.adapters.temporal.connect import connect
from ccm_flow.bootstrap import PATIENCE
from tests.support.keys import KEY
from tests.support.scenario import Runner
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
