"""Starting in the background, asking what runs, and stopping it."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ccm_flow.adapters.processes.companion import Companion
from ccm_flow.adapters.processes.errors import AlreadyRunningError, ServiceFailedError
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import answers
from ccm_flow.adapters.processes.identity import identify
from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.processes.service_control import (
    service_status,
    start_service_in_background,
    stop_service,
)
from ccm_flow.adapters.processes.settings import ServerSettings


@pytest.fixture
def background(settings: ServerSettings) -> Iterator[ServerSettings]:
    yield settings
    stop_service(settings.home)


def test_it_starts_says_what_runs_and_stops(
    background: ServerSettings, server_program: ServerProgram, stub: Companion
) -> None:
    home = background.home
    assert not service_status(home).running

    status = start_service_in_background(background, print, companions=[stub])
    assert status.running
    assert status.ready
    assert set(status.children) == {"server", "worker"}
    assert status.started_at is not None
    assert run_async(answers(status.address, "default"))
    with pytest.raises(AlreadyRunningError, match=rf"pid {status.pid}"):
        start_service_in_background(background, print, companions=[stub])

    assert stop_service(home)
    assert service_status(home).message == "CCM Flow is stopped."
    assert [pid for pid in status.children.values() if identify(pid)] == []
    assert not stop_service(home)


def test_a_killed_service_leaves_nothing_and_starts_again(
    background: ServerSettings, server_program: ServerProgram, stub: Companion, wait_until
) -> None:
    first = start_service_in_background(background, print, companions=[stub])
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(identify, first.children.values())), "the children to end")
    after = service_status(background.home)
    assert not after.running
    assert "ended without a word" in after.message

    second = start_service_in_background(background, print, companions=[stub])
    assert second.ready
    assert second.address == first.address


def test_a_start_that_fails_shows_the_logs_last_words(background: ServerSettings) -> None:
    outside = replace(
        background,
        address="temporal.example:7233",
        environ={**background.environ, "TEMPORAL_ADDRESS": "temporal.example:7233"},
    )
    broken = Companion("worker", (sys.executable, "-c", "raise SystemExit('no playbooks')"))
    with pytest.raises(ServiceFailedError, match="no playbooks") as caught:
        start_service_in_background(outside, print, companions=[broken])
    assert "service.log" in caught.value.hint
    assert not service_status(background.home).running


def test_an_unknown_home_has_nothing_to_stop(settings: ServerSettings) -> None:
    assert not stop_service(settings.home)
    assert "never started" in service_status(settings.home).message
