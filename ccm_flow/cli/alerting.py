"""alert list, show, take."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import By, Clinic, Json

_HELP = """
Show what a clinic and its vendor tell each other, and who takes it.

Example: ccm alert list
"""
AlertId = Annotated[
    str, typer.Argument(metavar="ALERT", help="The start of its id, as `ccm alert list` shows it.")
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_alerts)
    group.command("show")(show)
    group.command("take")(take)
    app.add_typer(group, name="alert")


def list_alerts(
    clinic: Clinic = None,
    every: Annotated[
        bool, typer.Option("--all", help="Those that were taken or are over too.")
    ] = False,
    late: Annotated[
        bool, typer.Option("--late", help="Only those that were not taken in time.")
    ] = False,
    json: Json = False,
) -> None:
    """
    List a clinic's alerts that nobody has taken, the newest first.

    Example: ccm alert list --all --late
    """
    from ccm_flow.cli.work import alerting as work

    work.list_(clinic, every=every, late=late, as_json=json)


def show(alert: AlertId, clinic: Clinic = None, json: Json = False) -> None:
    """
    Show one alert with everything that happened to it: given, shown, mailed, taken, answered.

    Example: ccm alert show 3fa2
    """
    from ccm_flow.cli.work import alerting as work

    work.show(clinic, alert, as_json=json)


def take(
    alert: AlertId,
    by: By,
    spoke_with: Annotated[
        str,
        typer.Option(
            "--spoke-with",
            metavar="NAME",
            help="Where a number has to be called: who took it on the telephone.",
        ),
    ] = "",
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Say that an alert was seen and is taken; the answer itself is given on its step.

    Example: ccm alert take 3fa2 --by paul
    """
    from ccm_flow.cli.work import alerting as work

    work.take(clinic, alert, by, spoke_with.strip(), as_json=json)
