"""Starting, stopping and asking about the server and the worker."""

from typing import Final

import typer

from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import answers
from ccm_flow.adapters.processes.service_control import (
    ServiceStatus,
    service_status,
    start_service_in_background,
    stop_service,
)
from ccm_flow.bootstrap import Settings, open_base, payload_key
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import server_address

_AWAY: Final = 3


def start(*, as_json: bool) -> None:
    """Start the service, once."""
    settings = Settings.from_environ()
    # Made here once: server and worker must not race for making the database or the key.
    open_base(settings).engine.dispose()
    payload_key(settings.key_file)
    status = start_service_in_background(
        settings.server,
        lambda sentence: typer.echo(sentence, err=True),
        time_travel=settings.demo,
    )
    if as_json:
        emit(_data(settings, status, answers_now=True))
    else:
        say(f"CCM Flow runs in {settings.home}; the Temporal server is at {status.address}.")


def stop(*, as_json: bool) -> None:
    """Stop the service; that nothing ran is fine."""
    settings = Settings.from_environ()
    ran = stop_service(settings.home)
    if as_json:
        emit({"home": str(settings.home), "was_running": ran})
    else:
        say(f"Stopped CCM Flow in {settings.home}." if ran else "Nothing was running.")


def status(*, as_json: bool) -> None:
    """Say what runs, and ask the server whether it answers."""
    settings = Settings.from_environ()
    now = service_status(settings.home)
    address = server_address(settings)
    alive = bool(address) and run_async(answers(address or "", settings.server.namespace))
    data = _data(settings, now, answers_now=alive)
    if as_json:
        emit(data)
    else:
        for line in _lines(settings, now, alive=alive):
            say(line)
    if not data["ready"]:
        raise typer.Exit(_AWAY)


def _data(settings: Settings, status: ServiceStatus, *, answers_now: bool) -> dict[str, object]:
    return {
        "home": str(settings.home),
        "running": status.running,
        "ready": status.ready and answers_now,
        "server_answers": answers_now,
        "address": settings.server.address or status.address,
        "namespace": settings.server.namespace,
        "pid": status.pid,
        "children": status.children,
        "started_at": status.started_at,
        "message": status.message,
    }


def _lines(settings: Settings, status: ServiceStatus, *, alive: bool) -> list[str]:
    if not status.running:
        return [status.message, "Start it with `ccm start`."]
    server = "answers" if alive else "does not answer"
    lines = [status.message, f"Temporal server at {status.address or '?'}: {server}"]
    lines += [f"{name}: pid {pid}" for name, pid in sorted(status.children.items())]
    return [*lines, f"State in {settings.home}"]
