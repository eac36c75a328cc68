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
            "--patients",
            metavar="N",
            min=1,
            help="How many are invited, at each clinic; all eligible otherwise.",
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
    clinics: Annotated[
        int | None,
        typer.Option(
            "--clinics",
            metavar="N",
            min=1,
            max=12,
            help="Play so many clinics of one vendor instead, with three patients each.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Play a whole month of a clinic on a real Temporal server, with simulated staff.

    Imports the sample clinic, enrolls who is eligible, opens the next month and plays it day by
    day. Afterwards `ccm month`, `ccm queue` and `ccm patient` show what it left. It uses the
    folder .ccm here and begins anew each time; a set-up that is not a demo is never touched.

    With --clinics a vendor's clinics of different models and time zones: one switches its model on
    the 15th, one loses a coordinator on the 9th. It ends with the vendor's report, laid beside the
    ledger; where the two do not agree the exit code is 1.

    Example: ccm demo --until 15
    """
    if clinics is not None:
        from ccm_flow.cli.work import demo_clinics

        demo_clinics.demo(clinics, patients=patients, seed=seed, until=until, as_json=json)
        return
    from ccm_flow.cli.work import demo as work

    work.demo(patients=patients, seed=seed, until=until, as_json=json)
