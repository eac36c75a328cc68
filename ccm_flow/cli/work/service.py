"""
Asking about and stopping the server and the worker.

Only the settings of the server are read: neither needs the database, and `ccm status` is what
scripts ask again and again.
"""

import os

import typer

from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import answers
from ccm_flow.adapters.processes.service_control import (
    ServiceStatus,
    service_status,
    stop_service,
)
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.cli.work.console import emit, say

SERVER_AWAY = 3
"""The exit code that says so."""


def stop(*, as_json: bool) -> None:
    """Stop the service; that nothing ran is fine."""
    home = ServerSettings.from_environ(os.environ).home
    ran = stop_service(home)
    if as_json:
        emit({"home": str(home), "was_running": ran})
    else:
        say(f"Stopped CCM Flow in {home}." if ran else "Nothing was running.")


def status(*, as_json: bool) -> None:
    """Say what runs, and ask the server whether it answers."""
    settings = ServerSettings.from_environ(os.environ)
    now = service_status(settings.home)
    address = server_address(settings)
    alive = address is not None and run_async(
        answers(address, settings.namespace, environ=settings.environ)
    )
    data = status_data(settings, now, answers_now=alive)
    if as_json:
        emit(data)
    else:
        for line in _lines(settings, now, alive=alive):
            say(line)
    if not data["ready"]:
        raise typer.Exit(SERVER_AWAY)


def server_address(settings: ServerSettings) -> str | None:
    """Give host:port of the set-up's Temporal server; None when none is known to run."""
    if settings.address:
        return settings.address
    status = service_status(settings.home)
    return status.address or None if status.running else None


def status_data(
    settings: ServerSettings, status: ServiceStatus, *, answers_now: bool
) -> dict[str, object]:
    """Give what `--json` prints."""
    return {
        "home": str(settings.home),
        "running": status.running,
        "ready": status.ready and answers_now,
        "server_answers": answers_now,
        "address": settings.address or status.address,
        "namespace": settings.namespace,
        "pid": status.pid,
        "children": status.children,
        "started_at": status.started_at,
        "message": status.message,
    }


def _lines(settings: ServerSettings, status: ServiceStatus, *, alive: bool) -> list[str]:
    if not status.running:
        return [status.message, "Start it with `ccm start`."]
    server = "answers" if alive else "does not answer"
    address = settings.address or status.address or "an address not known yet"
    lines = [status.message, f"Temporal server at {address}: {server}"]
    lines += [f"{name}: pid {pid}" for name, pid in sorted(status.children.items())]
    return [*lines, f"State in {settings.home}"]
