"""packet, export-fhir."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

Who = Annotated[
    str | None,
    typer.Argument(
        metavar="[PATIENT]",
        help="The start of the enrollment's or the patient's id, or the record number.",
    ),
]
Everybody = Annotated[bool, typer.Option("--all", help="Everybody who has a line in the month.")]
WhichMonth = Annotated[
    str, typer.Option("--month", metavar="MONTH", help="Which month, such as 2026-12.")
]
Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="The folder to write to; made when missing.")
]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("packet")(packet)
    app.command("export-fhir")(export_fhir)


def packet(
    patient: Who = None,
    *,
    month: WhichMonth,
    everybody: Everybody = False,
    out: Out = Path("packets"),
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Write the evidence packet of a patient's month, as PDF and JSON.

    Need, eligibility, care plan, consent, services, minutes, notes, codes and the ledger, in the
    order in which an auditor asks. Both files carry the SHA-256 of the content.

    Example: ccm packet 7f3a --month 2026-12 --out packets
    """
    from ccm_flow.cli.work import packets as work

    work.packet(patient, month, out, clinic, everybody=everybody, as_json=json)


def export_fhir(
    patient: Who = None,
    *,
    month: WhichMonth,
    out: Out,
    everybody: Everybody = False,
    clinic: Clinic = None,
    json: Json = False,
) -> None:
    """
    Write a patient's month as a FHIR R4 bundle.

    Patient, consent, care plan, steps, contacts, encounters and charges, with every reference
    inside the bundle.

    Example: ccm export-fhir 7f3a --month 2026-12 --out fhir
    """
    from ccm_flow.cli.work import fhir_export as work

    work.export_fhir(patient, month, out, clinic, everybody=everybody, as_json=json)
