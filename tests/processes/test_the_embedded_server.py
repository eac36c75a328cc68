"""The server on this machine: it starts, keeps its state and address, says why it failed."""

import signal
import socket
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from ccm_flow.adapters.processes.errors import ChildFailedError
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.ports import LOOPBACK
from ccm_flow.adapters.processes.server import KEEP_FINISHED, EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram


async def start_workflow(address: str) -> None:
    client = await Client.connect(address)
    await client.start_workflow("Nobody", id="kept", task_queue="nobody")


async def status_of_workflow(address: str) -> str:
    client = await Client.connect(address)
    described = await client.get_workflow_handle("kept").describe()
    return "" if described.status is None else described.status.name


def test_a_started_server_answers_on_the_loopback_only(
    server_program: ServerProgram, home: Path
) -> None:
    with EmbeddedServer(server_program, home) as server:
        assert server.address.startswith(f"{LOOPBACK}:")
        run_async(start_workflow(server.address))
    assert (home / "temporal.db").exists()
    assert server.identity is None


def test_finished_work_is_kept_longer_than_a_day(server_program: ServerProgram, home: Path) -> None:
    async def kept(address: str):
        client = await Client.connect(address)
        request = DescribeNamespaceRequest(namespace="default")
        described = await client.workflow_service.describe_namespace(request)
        return described.config.workflow_execution_retention_ttl.ToTimedelta()

    with EmbeddedServer(server_program, home) as server:
        assert run_async(kept(server.address)) == KEEP_FINISHED


def test_workflows_survive_a_killed_server(
    server_program: ServerProgram, home: Path, wait_until
) -> None:
    with EmbeddedServer(server_program, home) as server:
        run_async(start_workflow(server.address))
        first = server.address
        identity = server.identity
        assert identity is not None
        identity.send(signal.SIGKILL)
        wait_until(lambda: server.exit_code() == -signal.SIGKILL, "the server to be dead")
        server.start()
        assert server.address == first
        assert run_async(status_of_workflow(server.address)) == "RUNNING"


def test_a_later_start_takes_the_same_port(server_program: ServerProgram, home: Path) -> None:
    with EmbeddedServer(server_program, home) as server:
        first = server.address
    with EmbeddedServer(server_program, home) as server:
        assert server.address == first


def test_a_taken_port_gets_another_and_the_state_stays(
    server_program: ServerProgram, home: Path
) -> None:
    with EmbeddedServer(server_program, home) as server:
        run_async(start_workflow(server.address))
        first = server.address
    port = int(first.rpartition(":")[2])
    with socket.create_server((LOOPBACK, port)), EmbeddedServer(server_program, home) as server:
        assert server.address != first
        assert run_async(status_of_workflow(server.address)) == "RUNNING"


def test_time_travel_is_off_unless_asked_for(server_program: ServerProgram, home: Path) -> None:
    def flags(server: EmbeddedServer) -> str:
        assert server.identity is not None
        return Path(f"/proc/{server.identity.pid}/cmdline").read_text()

    with EmbeddedServer(server_program, home) as server:
        assert "TimeSkipping" not in flags(server)
    with EmbeddedServer(server_program, home, time_travel=True) as server:
        assert "frontend.WorkflowTimeSkippingEnabled=true" in flags(server)


def test_a_server_that_dies_at_the_start_shows_its_last_words(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'the state file is from the future'\nexit 4\n")
    broken.chmod(0o755)
    server = EmbeddedServer(ServerProgram(broken, (1, 32, 0)), home)
    with pytest.raises(ChildFailedError) as caught:
        server.start()
    assert "ended with exit code 4" in str(caught.value)
    assert "the state file is from the future" in str(caught.value)
    assert str(home / "logs" / "server.log") in caught.value.hint


def test_a_program_that_used_the_client_ends_in_peace(
    server_program: ServerProgram, home: Path, python
) -> None:
    """Without the pause in `run_async` about half of such programs abort."""
    code = """
import sys
from temporalio.client import Client
from ccm_flow.adapters.processes.event_loop import run_async

async def ask() -> int:
    client = await Client.connect(sys.argv[1])
    return (await client.count_workflows()).count

print(run_async(ask()))
"""
    with EmbeddedServer(server_program, home) as server:
        ends = []
        for _ in range(5):
            process = python(code, server.address)
            out, _ = process.communicate(timeout=60)
            ends.append((process.returncode, out.strip()))
    assert ends == [(0, "0")] * 5
