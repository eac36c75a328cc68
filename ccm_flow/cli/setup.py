"""clinic, publish."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Clinic, Json

PlaybookFile = Annotated[Path, typer.Argument(metavar="FILE", help="A playbook's YAML file.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("clinic")(clinic)
    app.command("publish")(publish)


def clinic(
    what: Annotated[
        list[str],
        typer.Argument(metavar="[plan|apply] FILE", help="The clinic's YAML file."),
    ],
    *,
    reassign: Annotated[
        bool,
        typer.Option(
            "--reassign",
            help="Give the open steps of people who are not in the file any more to others.",
        ),
    ] = False,
    rename: Annotated[
        bool,
        typer.Option(
            "--rename",
            help="Call a vendor or an owner as the file does at their other clinics too.",
        ),
    ] = False,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="PERSON", help="Who applies it, for the record."),
    ] = None,
    json: Json = False,
) -> None:
    """
    Set a clinic up from a file, or bring it up to date; `plan` only says how.

    The first time, the playbooks that come with CCM Flow are published for it. Without a word in
    front, the file is applied.

    Example: ccm clinic plan clinic.yaml
    """
    from ccm_flow.cli.work import clinics as work

    word, file = ("apply", what[0]) if len(what) == 1 else (what[0], what[1])
    if word not in ("plan", "apply") or len(what) > 2:
        raise typer.BadParameter("Write `ccm clinic plan FILE` or `ccm clinic apply FILE`.")
    if word == "plan":
        work.plan(Path(file), rename=rename, as_json=json)
    else:
        work.apply(Path(file), work.Options(by, reassign, rename), as_json=json)


def publish(
    file: PlaybookFile,
    clinic: Clinic = None,
    from_month: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MONTH",
            help="The first month that uses it; next month when left out.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """
    Publish a playbook for a clinic, from a month on.

    It is checked first. Months that run keep the version they started with.

    Example: ccm publish playbooks/ccm_monthly.yaml --from 2026-12
    """
    from ccm_flow.cli.work import setup as work

    work.publish(file, clinic, from_month, as_json=json)
