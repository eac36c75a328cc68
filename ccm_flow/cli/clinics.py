"""clinics, scorecard."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("clinics")(clinics)
    app.command("scorecard")(scorecard)


def clinics(
    organization: Annotated[
        str | None,
        typer.Option(
            "--organization", metavar="ID", help="Only those it owns or works at as a vendor now."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Show all clinics beside each other, what wants somebody to act first.

    Example: ccm clinics --organization carebridge
    """
    from ccm_flow.cli.work import scorecards as work

    work.clinics(organization, as_json=json)


def scorecard(
    clinic: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLINIC]", help="The clinic's id; may be left out when there is only one."
        ),
    ] = None,
    *,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-11; the last one else."),
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as a PDF too.")
    ] = None,
    mail: Annotated[
        str | None,
        typer.Option(
            "--mail", metavar="PERSON=on|off", help="Send the monthly letter to somebody, or not."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Show a clinic's month in numbers: readiness, deadlines, work, leaks.

    The same as the page, for the clinic and for the vendor that works there.

    Example: ccm scorecard riverside --month 2026-11 --pdf november.pdf
    """
    from ccm_flow.cli.work import scorecards as work

    work.scorecard_of(clinic, month, pdf, mail, as_json=json)
