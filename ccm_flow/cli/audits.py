"""audit verify, export, check."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

_HELP = """
Show that nothing in the record was changed, lost or doubled.

Example: ccm audit verify
"""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("verify")(verify)
    group.command("export")(export)
    group.command("check")(check)
    app.add_typer(group, name="audit")


def verify(
    *,
    clinic: Annotated[
        str | None, typer.Option("--clinic", metavar="ID", help="One clinic alone; else all.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FILE",
            help="An earlier export: the ledger must still hold all that it held then.",
        ),
    ] = None,
    record_only: Annotated[
        bool, typer.Option("--record-only", help="Leave out the running months on the server.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Compare the ledger with its hashes, with the work lists, and with the running months.

    Finds any line that was changed, taken out or put in; any step, owner or deadline that is not
    what the ledger tells; any click that was lost or counted twice. Changes nothing.

    Example: ccm audit verify
    """
    from ccm_flow.cli.work import audits as work

    work.verify(clinic, against, record_only=record_only, as_json=json)


def export(
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The file to write, one line for each.")
    ],
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Write a clinic's whole ledger with its hashes to a file.

    Kept elsewhere, it proves later what the ledger held: `ccm audit verify --against FILE`. It
    holds what people wrote, so it is as confidential as the record.

    Example: ccm audit export --out ledger.jsonl
    """
    from ccm_flow.cli.work import audits as work

    work.export(out, clinic, as_json=json)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `ccm audit export` wrote.")],
    *,
    json: Json = False,
) -> None:
    """
    Check an exported ledger by itself, without any database.

    Example: ccm audit check ledger.jsonl
    """
    from ccm_flow.cli.work import audits as work

    work.check(file, as_json=json)
