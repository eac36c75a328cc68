"""care-plan show, draft, write, share, approve."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import By, Json, Patient


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(
        help="Write a patient's care plan and prove that it was given.\n\n"
        "Example: ccm care-plan show 7f3a",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("show")(show)
    group.command("draft")(draft)
    group.command("write")(write)
    group.command("share")(share)
    group.command("approve")(approve)
    app.add_typer(group, name="care-plan")


def show(patient: Patient, json: Json = False) -> None:
    """
    Show the newest version, what it still lacks, and what became of every version.

    Exit code 1 when it is not complete, not current or not shared.

    Example: ccm care-plan show 7f3a
    """
    from ccm_flow.cli.work import care_plans as work

    work.show(patient, as_json=json)


def draft(patient: Patient, json: Json = False) -> None:
    """
    Print a plan to finish as YAML: the newest version, or what was imported.

    Imported lines end in "(to be confirmed)"; take that away from those that are right.

    Example: ccm care-plan draft 7f3a > plan.yaml
    """
    from ccm_flow.cli.work import care_plans as work

    work.draft(patient, as_json=json)


def write(
    patient: Patient,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The plan as YAML.")],
    *,
    by: By,
    json: Json = False,
) -> None:
    """
    Keep a file as the next version of the care plan.

    Exit code 1 when the plan is kept but lacks something; all of it is listed.

    Example: ccm care-plan write 7f3a plan.yaml --by nat
    """
    from ccm_flow.cli.work import care_plans as work

    work.write(patient, file, by, as_json=json)


def share(
    patient: Patient,
    *,
    to: Annotated[str, typer.Option("--to", help="Who was given it: patient or caregiver.")],
    how: Annotated[str, typer.Option("--how", help="The way: copy, portal or mail.")],
    by: By,
    json: Json = False,
) -> None:
    """
    Record that the newest version was given to the patient or caregiver.

    Example: ccm care-plan share 7f3a --to patient --how portal --by maria
    """
    from ccm_flow.cli.work import care_plans as work

    work.share(patient, to, how, by, as_json=json)


def approve(patient: Patient, *, by: By, json: Json = False) -> None:
    """
    Record that a practitioner stands by the newest version; again after a review.

    Example: ccm care-plan approve 7f3a --by pat
    """
    from ccm_flow.cli.work import care_plans as work

    work.approve(patient, by, as_json=json)
