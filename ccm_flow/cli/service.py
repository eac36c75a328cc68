"""start, stop, status, doctor."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

import typer

from ccm_flow.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("start")(start)
    app.command("stop")(stop)
    app.command("status")(status)
    app.command("doctor")(doctor)


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


def doctor(json: Json = False) -> None:
    """
    Look the set-up over and say in plain words what is wrong and what to do.

    Server, clicks that wait, months that did not open, deadlines and questions that passed,
    messages that could not be delivered, room on the disk, files that others may read. Exit code
    0 when nothing is wrong, 1 when something is, 3 when people cannot work.

    Example: ccm doctor
    """
    from ccm_flow.cli.work import doctor as work

    work.doctor(as_json=json)
