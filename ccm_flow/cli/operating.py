"""prepare."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

import typer

from ccm_flow.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("prepare")(prepare)


def prepare(*, json: Json = False) -> None:
    """
    Make the database, the key and the Temporal namespace ready for this version.

    Run once before web and workers of a new version start; a second time changes nothing. Where
    TEMPORAL_ADDRESS names no server, the namespace is left to `ccm start`.

    Example: ccm prepare
    """
    from ccm_flow.cli.work import preparing as work

    work.prepare(as_json=json)
