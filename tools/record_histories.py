"""
Records Temporal histories that later versions must be able to replay.

    python tools/record_histories.py

Writes one file for each life below into `tests/temporal/histories/`, named after the playbook's
version. Run it once for each released playbook or engine version and keep the old files.
"""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram, find_server
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.temporal.codec import data_converter
from ccm_flow.adapters.temporal.connect import connect
from ccm_flow.bootstrap import PATIENCE
from ccm_flow.demo.run import load_playbook
from tests.support.keys import KEY
from tests.support.recorded import LIVES, Life, play_life
from tests.support.temporal_runner import Recorder, TemporalRunner, scenario_worker

FOLDER = Path(__file__).parents[1] / "tests" / "temporal" / "histories"


async def record(address: str, lives: Sequence[Life]) -> None:
    """Play every life on a server and keep its history."""
    client = await connect(address, "default", data_converter([KEY]), patience=PATIENCE)
    recorder = Recorder()
    async with scenario_worker(client, recorder):
        for life in lives:
            plan, _ = load_playbook(shipped("playbooks") / life.playbook)
            runner = TemporalRunner(client, recorder)
            await play_life(life, plan, runner)
            handle = client.get_workflow_handle(runner.start_input.cycle)
            history = await handle.fetch_history()
            file = FOLDER / f"{plan.playbook}-{plan.version}-{life.name}.json"
            file.write_text(history.to_json() + "\n", encoding="utf-8")
            print(f"{file.name}: {len(history.events)} events")
    await asyncio.sleep(0.1)


def main() -> None:
    """Start a server of its own and record."""
    program = find_server(ServerSettings.from_environ(os.environ), print)
    assert isinstance(program, ServerProgram)  # noqa: S101 - a cluster's clock is not moved
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        EmbeddedServer(program, Path(home), time_travel=True) as server,
    ):
        asyncio.run(record(server.address, LIVES))


if __name__ == "__main__":
    main()
