"""open-month, month."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("open-month")(open_month)
    app.command("month")(month)


def open_month(
    month: Annotated[
        str | None,
        typer.Argument(metavar="[MONTH]", help="Such as 2026-12; the running one when left out."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Open a month for every active patient.

    Doing it again opens only what is missing; every night this happens by itself. A month that
    lies ahead begins on its 1st.

    Example: ccm open-month 2026-12
    """
    from ccm_flow.cli.work import months as work

    work.open_month(month, clinic, as_json=json)


def month(
    month: Annotated[
        str | None,
        typer.Argument(metavar="[MONTH]", help="Such as 2026-12; the newest when left out."),
    ] = None,
    clinic: Clinic = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="monthly or enrollment.")
    ] = "monthly",
    json: Json = False,
) -> None:
    """
    Report a month: who is ready, who is not, and why.

    Example: ccm month 2026-12 --json
    """
    from ccm_flow.cli.work import months as work

    work.month(month, clinic, kind, as_json=json)
