"""However we end, no server and no worker stays behind."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ccm_flow.adapters.processes.child import Child, ChildSpec
from ccm_flow.adapters.processes.companion import Companion
from ccm_flow.adapters.processes.identity import ProcessIdentity, identify
from ccm_flow.adapters.processes.run_file import (
    RunRecord,
    RunState,
    end_leftovers,
    read_run_file,
    write_run_file,
)
from ccm_flow.adapters.processes.server_program import ServerProgram

FOREGROUND = """
import os
import sys
from pathlib import Path
from dataclasses import replace
from ccm_flow.adapters.processes.companion import Companion
from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.processes.supervisor import Supervisor

home, program, *stub = sys.argv[1:]
settings = replace(ServerSettings.from_environ(os.environ), home=Path(home))
supervisor = Supervisor(
    settings,
    ServerProgram(Path(program), (1, 32, 0)),
    companions=[Companion("worker", tuple(stub))],
)
supervisor.run_until_stopped()
print("stopped in order")
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def foreground(
    python: Start, server_program: ServerProgram, home: Path, stub: Companion, wait_until
) -> tuple["subprocess.Popen[str]", list[ProcessIdentity]]:
    """Start a program that runs a server and a worker, and both of these."""
    process = python(FOREGROUND, str(home), str(server_program.path), *stub.command)

    def is_ready() -> bool:
        record = read_run_file(home)
        return record is not None and record.state is RunState.READY

    wait_until(is_ready, "the set-up to be ready")
    record = read_run_file(home)
    assert record is not None
    assert set(record.children) == {"server", "worker"}
    assert all(child.is_alive() for child in record.children.values())
    return process, list(record.children.values())


def test_a_killed_parent_takes_its_children_along(foreground) -> None:
    process, children = foreground
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert all(child.wait_gone(10) for child in children)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_all_in_order_and_leaves_nothing(
    foreground, home: Path, how: signal.Signals
) -> None:
    process, children = foreground
    process.send_signal(how)
    out, _ = process.communicate(timeout=40)
    assert (process.returncode, out.strip()) == (0, "stopped in order")
    assert not any(child.is_alive() for child in children)
    record = read_run_file(home)
    assert record is not None
    assert record.state is RunState.STOPPED


def test_a_leftover_is_ended_only_when_it_is_ours(home: Path) -> None:
    """Where the kernel does not tie child to parent, the next start ends what is recorded."""
    ours = subprocess.Popen(["sleep", "600"])
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        mine = identify(ours.pid)
        assert mine is not None
        reused = ProcessIdentity(stranger.pid, "another time")
        write_run_file(
            home,
            RunRecord(mine, RunState.READY, children={"server": mine, "worker": reused}),
        )
        end_leftovers(home)
        assert ours.wait(10) == -signal.SIGKILL
        assert stranger.poll() is None
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


def test_a_child_that_ignores_the_request_is_stopped_by_force(home: Path, wait_until) -> None:
    log = home / "stubborn.log"
    script = "trap '' TERM; echo here; while :; do sleep 0.1; done"
    child = Child(ChildSpec("stubborn", ["sh", "-c", script], log))
    wait_until(lambda: "here" in log.read_text(), "the child to be deaf")
    assert child.stop(grace=0.2) == -signal.SIGKILL
    assert child.how_it_ended() == "was ended by signal 9"


def test_a_program_that_does_not_exist_is_named_in_the_log(home: Path, wait_until) -> None:
    log = home / "missing.log"
    child = Child(ChildSpec("missing", ["no-such-program"], log))
    wait_until(lambda: child.exit_code() is not None, "the child to end")
    assert "Cannot start no-such-program" in log.read_text()
