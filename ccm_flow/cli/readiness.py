"""readiness, codes."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json, Patient


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("readiness")(readiness)
    app.command("codes")(codes)


def readiness(
    clinic: Clinic = None,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-12; the running one else."),
    ] = None,
    json: Json = False,
) -> None:
    """
    Show what stops each running month, who does what about it, and until when.

    All month long, on the record as it is now; with the minutes at risk by week.

    Example: ccm readiness --month 2026-12
    """
    from ccm_flow.cli.work import readiness as work

    work.readiness(clinic, month, as_json=json)


def codes(
    patient: Patient,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-12; the newest else."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Show the codes that a patient's month gives, and the reasoning line by line.

    A month that is closed shows the line that was kept, and what the record says differently now.

    Example: ccm codes 7f3a --month 2026-12
    """
    from ccm_flow.cli.work import codes as work

    work.codes(patient, month, clinic, as_json=json)
