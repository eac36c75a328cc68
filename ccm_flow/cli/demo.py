"""demo."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command("demo")(demo)


def demo(
    patients: Annotated[
        int | None,
        typer.Option(
            "--patients", metavar="N", min=1, help="How many are invited; all eligible otherwise."
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Another seed is another month.")
    ] = 7,
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="DAY", help="Stop after this day, such as 15 or 2026-12-15."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Play a whole month of a clinic on a real Temporal server, with simulated staff.

    Imports the sample clinic, enrolls who is eligible, opens the next month and plays it day by
    day. Afterwards `ccm month`, `ccm queue` and `ccm patient` show what it left. It uses the
    folder .ccm here and begins anew each time; a set-up that is not a demo is never touched.

    Example: ccm demo --until 15
    """
    from ccm_flow.cli.work import demo as work

    work.demo(patients=patients, seed=seed, until=until, as_json=json)
