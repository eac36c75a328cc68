"""retention list, apply."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json, Patient

_HELP = """
Remove the data of patients for whom nothing has to be kept any more.

Example: ccm retention list
"""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_)
    group.command("apply")(apply)
    app.add_typer(group, name="retention")


def list_(clinic: Clinic = None, json: Json = False) -> None:
    """
    List the patients whose time is over; CCM_RETENTION_YEARS says how long it is.

    Ten years unless set, six at least. Changes nothing.

    Example: ccm retention list --clinic elm
    """
    from ccm_flow.cli.work import retaining as work

    work.list_due(clinic, as_json=json)


def apply(
    patient: Patient,
    *,
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Why; without the patient's name.")
    ] = "",
    sign: Annotated[
        str | None,
        typer.Option("--sign", metavar="NAME", help="Your full name: the signature under it."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="PERSON", envvar="CCM_PERSON", help="Who signs."),
    ] = None,
    on_request: Annotated[
        bool,
        typer.Option("--on-request", help="The patient asked for it before the time was over."),
    ] = False,
    json: Json = False,
) -> None:
    """
    Show what would be removed of one patient; with --sign, remove it for good.

    Names, numbers, addresses, notes, care plans, diagnoses and everything that people typed go;
    ids, minutes, codes and outcomes stay, and the ledger still proves itself.

    Example: ccm retention apply 7f3a --because "Ten years are over" --sign "Lee Ortiz" --by lee
    """
    from ccm_flow.cli.work import retaining as work

    work.apply(work.Asked(patient, because, sign, by, on_request=on_request), as_json=json)
