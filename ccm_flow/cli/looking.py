"""queue, patient."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json, Patient


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("queue")(queue)
    app.command("patient")(patient)


def queue(
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="PERSON", help="Only this person's steps.")
    ] = None,
    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help="Only steps of this role.")
    ] = None,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    List the open steps, the most pressing first.

    Each with whose it is, until when, and why it is on the list.

    Example: ccm queue --owner maria
    """
    from ccm_flow.cli.work import looking as work

    work.queue(owner, role, clinic, as_json=json)


def patient(
    patient: Patient,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="MONTH", help="Such as 2026-12; the running one first."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="monthly or enrollment.")
    ] = None,
    json: Json = False,
) -> None:
    """
    Show one patient's month, and all that happened in it.

    Example: ccm patient 7f3a --month 2026-12
    """
    from ccm_flow.cli.work import looking as work

    work.patient(patient, month, kind, as_json=json)
