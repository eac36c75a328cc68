"""backup create, list, check, restore."""

# ruff: noqa: PLC0415 - a command imports what it needs when it runs, so help is quick

from pathlib import Path
from typing import Annotated

import typer

from ccm_flow.cli.options import Json

_HELP = """
Make backups of the record with its running months, and bring them back.

Example: ccm backup create --to backups
"""
Shelf = Annotated[
    Path, typer.Option("--to", metavar="FOLDER", help="Where the backups lie, one folder each.")
]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="One backup's folder.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    group = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None)
    group.command("create")(create)
    group.command("list")(list_)
    group.command("check")(check)
    group.command("restore")(restore)
    app.add_typer(group, name="backup")


def create(
    *,
    to: Shelf,
    keep: Annotated[
        int, typer.Option("--keep", metavar="DAYS", min=1, help="Older ones are deleted.")
    ] = 30,
    every: Annotated[
        float | None,
        typer.Option("--every", metavar="HOURS", min=0.1, help="Go on making them, until stopped."),
    ] = None,
    json: Json = False,
) -> None:
    """
    Make a backup while everything runs: record, running months and keys of one instant.

    It holds all that is known of patients, and the keys: keep it encrypted, and another copy
    elsewhere. The newest backup is never deleted.

    Example: ccm backup create --to backups --keep 30
    """
    from ccm_flow.cli.work import backups as work

    work.create(to, keep, every, as_json=json)


def list_(
    *,
    to: Shelf,
    within: Annotated[
        float | None,
        typer.Option("--within", metavar="HOURS", help="Exit code 1 when none is so young."),
    ] = None,
    json: Json = False,
) -> None:
    """
    List the backups, the newest first.

    Example: ccm backup list --to backups --within 26
    """
    from ccm_flow.cli.work import backups as work

    work.list_backups(to, within, as_json=json)


def check(folder: Folder, *, json: Json = False) -> None:
    """
    Compare every file of a backup with its sum.

    Example: ccm backup check backups/2026-12-01T03-00-00Z
    """
    from ccm_flow.cli.work import backups as work

    work.check_backup(folder, as_json=json)


def restore(folder: Folder, *, json: Json = False) -> None:
    """
    Bring a backup back into empty databases.

    Web, workers and the Temporal server are stopped meanwhile. Nothing that is there is written
    over. Afterwards `ccm prepare`, then start them, then `ccm audit verify`.

    Example: ccm backup restore backups/2026-12-01T03-00-00Z
    """
    from ccm_flow.cli.work import backups as work

    work.restore(folder, as_json=json)
