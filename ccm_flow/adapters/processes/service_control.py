"""Starting, asking about and stopping the background service of a home."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ccm_flow.adapters.processes.companion import WORKER, Companion
from ccm_flow.adapters.processes.errors import AlreadyRunningError, ServiceFailedError
from ccm_flow.adapters.processes.identity import ProcessIdentity, identify
from ccm_flow.adapters.processes.locks import FileLock
from ccm_flow.adapters.processes.run_file import (
    RunRecord,
    RunState,
    end_leftovers,
    read_run_file,
)
from ccm_flow.adapters.processes.server_program import find_server
from ccm_flow.adapters.processes.service import command_line
from ccm_flow.adapters.processes.settings import ServerSettings, importing
from ccm_flow.adapters.processes.watched import LifeSigns, Say

_LAUNCHER = Path(__file__).with_name("launch.py")
_POLL_SECONDS = 0.05
_READY_SECONDS = 240.0


@dataclass(frozen=True)
class ServiceStatus:
    """What runs in a home, checked against the processes that really exist."""

    running: bool
    """The supervisor is alive."""

    ready: bool = False
    """The server answers and the worker is at work."""

    pid: int | None = None
    """The supervisor's pid, when it runs."""

    address: str = ""
    """host:port of the Temporal server; empty until known."""

    namespace: str = "default"
    """The Temporal namespace in use."""

    started_at: datetime | None = None
    """When it was started."""

    children: Mapping[str, int] = field(default_factory=dict)
    """pid of every program that is alive now, by name."""

    message: str = ""
    """For people: what is going on, or why it ended."""


def service_status(home: Path) -> ServiceStatus:
    """Say what runs in this home."""
    record = read_run_file(home)
    if record is None:
        return ServiceStatus(running=False, message=f"CCM Flow was never started in {home}.")
    if not record.supervisor.is_alive():
        return ServiceStatus(running=False, message=_why_it_ended(record))
    return ServiceStatus(
        running=record.state is not RunState.STOPPED,
        ready=record.state is RunState.READY,
        pid=record.supervisor.pid,
        address=record.address,
        namespace=record.namespace,
        started_at=_started_at(home),
        children={name: one.pid for name, one in record.children.items() if one.is_alive()},
        message=record.message or f"CCM Flow is {record.state}.",
    )


def stop_service(home: Path, grace: float = 40.0) -> bool:
    """
    Stop what runs in this home and wait for its end; by force after `grace` seconds.

    Gives whether anything ran. Harmless when nothing does.
    """
    record = read_run_file(home)
    if record is None:
        return False
    ran = record.supervisor.is_alive() and record.state is not RunState.STOPPED
    if ran:
        record.supervisor.end(grace)
    _end_leftovers(home)
    return ran


def start_service_in_background(
    settings: ServerSettings,
    say: Say,
    *,
    companions: Sequence[Companion] = (WORKER,),
    time_travel: bool = False,
) -> ServiceStatus:
    """
    Start the server and the worker so that they outlive this program; wait until ready.

    Finds or builds the server first, so that the person waiting sees it. Raises
    `AlreadyRunningError`, `NoServerFoundError`, or `ServiceFailedError` with the last
    lines of `<home>/service.log`.
    """
    home = settings.home
    status = service_status(home)
    if status.running:
        raise AlreadyRunningError(home, status.pid)
    find_server(settings, say)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    command = command_line(home, companions=companions, time_travel=time_travel)
    _run_detached(settings, command, say)
    return service_status(home)


def _run_detached(settings: ServerSettings, command: Sequence[str], say: Say) -> None:
    home = settings.home
    service = _detached(command, settings.environ, home / "service.log")
    try:
        _wait_until_ready(home, service, say)
    except BaseException:  # Ctrl-C too: whoever stops waiting wants nothing left running
        service.end(grace=20)
        raise


def _detached(command: Sequence[str], environ: Mapping[str, str], log: Path) -> ProcessIdentity:
    started = subprocess.run(  # noqa: S603 - our own launcher with our own service
        [sys.executable, "-I", "-S", str(_LAUNCHER), "detached", str(log), *command],
        env=importing(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    pid = int(started.stdout)
    return identify(pid) or ProcessIdentity(pid, "")


def _wait_until_ready(home: Path, service: ProcessIdentity, say: Say) -> None:
    log = home / "service.log"
    life = LifeSigns(say, "Still starting")
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < _READY_SECONDS:
        # Alive is asked first: what the record says afterwards is then its last word.
        alive = service.is_alive()
        record = read_run_file(home)
        mine = record is not None and record.supervisor == service
        if alive and mine and record is not None and record.state is RunState.READY:
            return
        if not alive:
            raise ServiceFailedError("CCM Flow ended before it was ready.", log)
        life.tick(elapsed)
        time.sleep(_POLL_SECONDS)
    raise ServiceFailedError(f"CCM Flow was not ready after {_READY_SECONDS:.0f} s.", log)


def _end_leftovers(home: Path) -> None:
    lock = FileLock(home / "lock")
    if lock.acquire():
        try:
            end_leftovers(home)
        finally:
            lock.release()


def _why_it_ended(record: RunRecord) -> str:
    if record.state is RunState.FAILED:
        return record.message
    if record.state is RunState.STOPPED:
        return "CCM Flow is stopped."
    return "CCM Flow ended without a word: it was killed, or the machine went down."


def _started_at(home: Path) -> datetime | None:
    try:
        # The lock is written once, at the start.
        return datetime.fromtimestamp((home / "lock").stat().st_mtime, UTC)
    except OSError:
        return None
