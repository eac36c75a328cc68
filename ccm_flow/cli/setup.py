"""clinic, publish."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

PlaybookFile = Annotated[Path, typer.Argument(metavar="FILE", help="A playbook's YAML file.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("clinic")(clinic)
    app.command("publish")(publish)


def clinic(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The clinic's YAML file.")],
    json: Json = False,
) -> None:
    """
    Set a clinic up from a file, or bring it up to date.

    The first time, the playbooks that come with CCM Flow are published for it.

    Example: ccm clinic clinic.yaml
    """
    from ccm_flow.cli.work import setup as work

    work.clinic(file, as_json=json)


def publish(
    file: PlaybookFile,
    clinic: Clinic = None,
    from_month: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MONTH",
            help="The first month that uses it; next month when left out.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Publish a playbook for a clinic, from a month on.

    It is checked first. Months that run keep the version they started with.

    Example: ccm publish playbooks/ccm_monthly.yaml --from 2026-12
    """
    from ccm_flow.cli.work import setup as work

    work.publish(file, clinic, from_month, as_json=json)
