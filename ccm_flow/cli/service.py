"""start, stop, status."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

import typer

from ccm_flow.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("start")(start)
    app.command("stop")(stop)
    app.command("status")(status)


def start(json: Json = False) -> None:
    """
    Start the server and the worker in the background.

    The first start may have to download or build the server; later ones take seconds.

    Example: ccm start
    """
    from ccm_flow.cli.work import starting as work

    work.start(as_json=json)


def stop(json: Json = False) -> None:
    """
    Stop the server and the worker.

    Running months go on where they were at the next start.

    Example: ccm stop
    """
    from ccm_flow.cli.work import service as work

    work.stop(as_json=json)


def status(json: Json = False) -> None:
    """
    Say whether the server and the worker run.

    Exit code 0 when people can work, 3 when not.

    Example: ccm status --json
    """
    from ccm_flow.cli.work import service as work

    work.status(as_json=json)
