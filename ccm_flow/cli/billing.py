"""billing-fact, close, approve, reopen, lines, accept, return."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Because, By, ClickId, Clinic, Json, Patient

WhichMonth = Annotated[
    str, typer.Option("--month", metavar="MONTH", help="Which month, such as 2026-12.")
]
MaybeMonth = Annotated[
    str | None,
    typer.Option("--month", metavar="MONTH", help="Such as 2026-12; the newest else."),
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("billing-fact")(billing_fact)
    app.command("close")(close)
    app.command("approve")(approve)
    app.command("reopen")(reopen)
    app.command("lines")(lines)
    app.command("accept")(accept)
    app.command("return")(return_)


def billing_fact(
    patient: Patient,
    fact: Annotated[
        str | None,
        typer.Argument(metavar="KIND=VALUE", help="Such as qmb=yes; the list is shown without."),
    ] = None,
    *,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Which month, or the first one it holds."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by", metavar="PERSON", envvar="CCM_PERSON", help="Who states it; needed to record."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Show or record what billing needs to know and no step or import says.

    Kinds: decision_making, qmb, primary_care, live_contact, performed, device_days. qmb and
    primary_care hold from their month on. Earlier statements stay; the latest counts.

    Example: ccm billing-fact 7f3a performed=G0506@2026-12-04 --month 2026-12 --by pat
    """
    from ccm_flow.cli.work import billing_fact as work

    work.billing_fact(patient, fact, month, by, as_json=json)


def close(
    month: WhichMonth,
    *,
    by: By,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Close although something is not settled.")
    ] = False,
    because: Annotated[
        str | None,
        typer.Option("--because", metavar="TEXT", help="Why; needed with --anyway."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Close a clinic's month and make a billing line for every patient who is ready.

    What is not settled is listed and nothing is closed: running months, unsigned notes, running
    timers, clicks that wait for the server. A closed month takes no more time.

    Example: ccm close --month 2026-12 --by bea
    """
    from ccm_flow.cli.work import billing as work

    work.close(month, clinic, by, anyway=anyway, because=because, as_json=json)


def approve(
    month: WhichMonth,
    by: By,
    patient: Annotated[
        str | None,
        typer.Option("--patient", metavar="PATIENT", help="Only this patient's line."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Approve the lines of a closed month; what is approved is never worked out again.

    Lines on which the record has changed since, or that give no code, are held back and named.

    Example: ccm approve --month 2026-12 --by bea
    """
    from ccm_flow.cli.work import billing as work

    work.approve(month, clinic, by, patient, as_json=json)


def reopen(
    month: WhichMonth, because: Because, by: By, clinic: Clinic = None, json: Json = False
) -> None:
    """
    Open a closed month again, with a reason that is kept for good.

    Lines stay as they are. Closing again makes a new revision where the record has changed.

    Example: ccm reopen --month 2026-12 --because "late discharge letter" --by bea
    """
    from ccm_flow.cli.work import billing as work

    work.reopen(month, clinic, by, because, as_json=json)


def lines(
    month: WhichMonth,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write the approved lines to a file."),
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Show a closed month's lines: codes, state, and what changed since.

    The file has one row for each code, for the practice-management system; only what is approved
    goes into it. Exit code 1 when a line in it has changed since.

    Example: ccm lines --month 2026-12 --csv december.csv
    """
    from ccm_flow.cli.work import lines as work

    work.lines(month, clinic, csv, as_json=json)


def accept(
    patient: Patient,
    *,
    by: By,
    month: MaybeMonth = None,
    minutes: Annotated[
        float, typer.Option("--minutes", min=0, max=480, help="How long it took.")
    ] = 0,
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Take a patient's approved month over for billing.

    It ends the hand-off step, and with it the month as ready.

    Example: ccm accept 7f3a --by bea
    """
    from ccm_flow.cli.work import handing_over as work

    work.accept(patient, month, by, minutes, click, as_json=json)


def return_(
    patient: Patient,
    *,
    because: Because,
    by: By,
    month: MaybeMonth = None,
    click: ClickId = None,
    json: Json = False,
) -> None:
    """
    Return a patient's month with a question, whose answering step opens at once.

    Example: ccm return 7f3a --because "which call was on Dec 9?" --by bea
    """
    from ccm_flow.cli.work import handing_over as work

    work.return_(patient, month, because, by, click, as_json=json)
