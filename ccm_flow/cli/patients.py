"""enroll."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("enroll")(enroll)


def enroll(
    clinic: Clinic = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, metavar="N", help="Enroll at most so many.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say who would be enrolled; needs no server.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Begin with the patients who may be offered the program.

    Every imported patient is judged; who is not eligible is listed with every reason that stands
    against it.

    Example: ccm enroll --limit 20
    """
    from ccm_flow.cli.work import patients as work

    work.enroll(clinic, limit, dry_run=dry_run, as_json=json)
