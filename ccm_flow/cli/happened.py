"""happened: what happens to a patient outside the playbook."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, ClickId, Json, Patient


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command("happened")(happened)


def happened(
    patient: Patient,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="admission, transfer, discharge, lab_result, callback, death or withdrawal.",
        ),
    ],
    *,
    by: By,
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="WHEN", help="When, in clinic time: 2026-12-07 or 2026-12-07T14:30."
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What was told.")] = "",
    void: Annotated[
        bool, typer.Option("--void", help="Take back what was told by mistake.")
    ] = False,
    because: Because = "",
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Record what happened to a patient, and act on it.

    An admission stops the clocks, a discharge starts them and opens what follows it, a death or a
    withdrawal ends the enrollment. It is kept also while the server is away, and acted on later.

    Example: ccm happened 7f3a discharge --at 2026-12-07T14:30 --by maria
    """
    from ccm_flow.cli.work import happened as work

    entered = work.Entered(at, note, because, click)
    if void:
        work.void(patient, kind, by, entered, as_json=json)
    else:
        work.happened(patient, kind, by, entered, as_json=json)
