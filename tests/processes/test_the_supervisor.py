"""A set of programs kept running, each home for itself."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ccm_flow.adapters.processes.companion import Companion
from ccm_flow.adapters.processes.errors import AlreadyRunningError, ChildFailedError
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import answers
from ccm_flow.adapters.processes.programs import GaveUpError, Patience
from ccm_flow.adapters.processes.run_file import RunState, read_run_file
from ccm_flow.adapters.processes.server_program import ExternalServer, ServerProgram
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.processes.supervisor import Supervisor


def state_in(home: Path) -> RunState | None:
    record = read_run_file(home)
    return record.state if record else None


@pytest.mark.parametrize("name", ["server", "worker"])
def test_a_killed_program_is_started_again_and_the_address_stays(
    name: str, settings: ServerSettings, server_program: ServerProgram, stub: Companion, wait_until
) -> None:
    with Supervisor(settings, server_program, companions=[stub]) as running:
        address = running.address
        before = {one: running.pid_of(one) for one in ("server", "worker")}
        killed = before[name]
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_until(
            lambda: (
                running.pid_of(name) not in (None, killed)
                and state_in(settings.home) is RunState.READY
            ),
            f"another {name}",
        )
        after = {one: running.pid_of(one) for one in ("server", "worker")}
        assert running.address == address
        assert run_async(answers(address, "default"))
        assert {one for one in before if before[one] != after[one]} == {name}


def test_two_homes_run_side_by_side(
    settings: ServerSettings, other_home: Path, server_program: ServerProgram, stub: Companion
) -> None:
    elsewhere = replace(settings, home=other_home)
    with (
        Supervisor(settings, server_program, companions=[stub]) as one,
        Supervisor(elsewhere, server_program, companions=[stub]) as two,
    ):
        assert one.address != two.address
        assert run_async(answers(one.address, "default"))
        assert run_async(answers(two.address, "default"))
    assert str(settings.home) in (settings.home / "logs" / "worker.log").read_text()
    assert str(other_home) in (other_home / "logs" / "worker.log").read_text()


def test_a_second_start_in_the_same_home_is_refused_with_a_sentence(
    settings: ServerSettings, stub: Companion
) -> None:
    outside = ExternalServer("temporal.example:7233", "default")
    with Supervisor(settings, outside, companions=[stub]):
        second = Supervisor(settings, outside, companions=[stub])
        with pytest.raises(AlreadyRunningError) as caught:
            second.start()
        assert f"already running in {settings.home} (pid {os.getpid()})" in str(caught.value)
    with Supervisor(settings, outside, companions=[stub]) as again:
        assert again.pid_of("worker")


def test_an_outside_server_is_neither_started_nor_stopped(
    settings: ServerSettings, stub: Companion
) -> None:
    outside = ExternalServer("temporal.example:7233", "default")
    with Supervisor(settings, outside, companions=[stub]) as running:
        assert running.address == "temporal.example:7233"
        assert running.pid_of("server") is None
    log = (settings.home / "logs" / "worker.log").read_text()
    assert "at work for temporal.example:7233" in log


def test_a_worker_that_cannot_start_is_reported_with_its_last_words(
    settings: ServerSettings,
) -> None:
    outside = ExternalServer("temporal.example:7233", "default")
    broken = Companion("worker", (sys.executable, "-c", "raise SystemExit('no playbooks')"))
    with pytest.raises(ChildFailedError, match=r"ended with exit code 1(.|\n)*no playbooks"):
        Supervisor(settings, outside, companions=[broken]).start()
    assert state_in(settings.home) is RunState.FAILED


def test_a_program_that_fails_again_and_again_is_given_up(
    settings: ServerSettings, tmp_path: Path
) -> None:
    outside = ExternalServer("temporal.example:7233", "default")
    code = "import os,pathlib; pathlib.Path(os.environ['CCM_READY_FILE']).write_text('ready')"
    frail = Companion("worker", (sys.executable, "-c", f"{code}; import time; time.sleep(0.3)"))
    patience = Patience(quick_failures=3, first_pause=0.01)
    supervisor = Supervisor(settings, outside, companions=[frail], patience=patience)
    supervisor.start()
    with pytest.raises(GaveUpError, match="The worker failed 3 times in a row"):
        supervisor.wait()
    assert state_in(settings.home) is RunState.FAILED


def test_pauses_between_restarts_grow_to_a_limit() -> None:
    patience = Patience(first_pause=0.5, longest_pause=3)
    assert [patience.pause(count) for count in range(1, 6)] == [0.5, 1, 2, 3, 3]
