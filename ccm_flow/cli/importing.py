"""import, edit-patient."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import By, Clinic, Json, Patient


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("import")(import_)
    app.command("edit-patient")(edit_patient)


def import_(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file, or a folder of files.")],
    *,
    kind: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="KIND",
            help="fhir, ndjson, synthea, roster or cms; found out by content when left out.",
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Which column of a roster means what, or a YAML file that says it.",
        ),
    ] = None,
    clinic: Clinic = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    json: Json = False,
) -> None:
    """
    Bring patients in from an export, as often as wanted.

    Reads FHIR R4 bundles and bulk NDJSON, Synthea CSV, CMS beneficiary summaries and a clinic's own
    list, also several kinds in one folder. Exit code 1 when something in the export was left out,
    2 when nothing could be used.

    Example: ccm import exports/ --dry-run
    """
    from ccm_flow.cli.work import importing as work

    work.import_(path, kind, columns or [], clinic, dry_run=dry_run, as_json=json)


def edit_patient(
    patient: Patient,
    *,
    phone: Annotated[str | None, typer.Option("--phone", help="The number to call.")] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="A tag such as en, es or pt-BR.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", help="How they like to be reached: phone, text, ...")
    ] = None,
    hours: Annotated[
        str | None, typer.Option("--hours", help='When they like to be reached: "after 14:00".')
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", help='As "street; city; state; ZIP".')
    ] = None,
    forget: Annotated[
        list[str] | None,
        typer.Option("--forget", metavar="FIELD", help="Let the imported value hold again."),
    ] = None,
    by: By,
    json: Json = False,
) -> None:
    """
    Put a patient's phone, language or wishes right; no import undoes it.

    Example: ccm edit-patient 7f3a --phone 508-555-0142 --by maria
    """
    from ccm_flow.cli.work import importing as work

    said = {
        "phone": phone,
        "language": language,
        "preferred_channel": channel,
        "contact_hours": hours,
        "address": address,
    }
    work.edit_patient(patient, said, forget or [], by, as_json=json)
