"""Making backups, on a schedule or now, and bringing them back."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import typer

from ccm_flow.adapters.backup.make import make_backup, restore_backup
from ccm_flow.adapters.backup.shelf import Backup, backups, check, drop_old
from ccm_flow.adapters.backup.sources import Sources
from ccm_flow.bootstrap import Settings, SystemClock
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.errors import CcmError
from ccm_flow.core.plain_data import plain

_AGAIN: Final = timedelta(minutes=10)
"""How soon a scheduled backup that failed is tried again."""
_MEGABYTE: Final = 1_000_000


def create(shelf: Path, keep_days: int, every: float | None, *, as_json: bool) -> None:
    """Make one backup, or one every so many hours until the program is stopped."""
    sources, keep = _sources(), timedelta(days=keep_days)
    if every is None:
        _one(sources, shelf, keep, as_json=as_json)
        return
    while True:
        pause = _due_in(shelf, timedelta(hours=every))
        if pause > timedelta(0):
            time.sleep(pause.total_seconds())
        try:
            _one(sources, shelf, keep, as_json=as_json)
        except CcmError as error:
            typer.echo(f"ccm: {error} {error.hint}", err=True)
            time.sleep(_AGAIN.total_seconds())


def list_backups(shelf: Path, within: float | None, *, as_json: bool) -> None:
    """List them; leaves with 1 when none is young enough."""
    found = backups(shelf)
    if as_json:
        emit({"backups": [_facts(one) for one in found]})
    else:
        table = Listing("Made at", "MB", "Version", "Folder", keep=("Made at",), numbers=("MB",))
        for one in found:
            table.add(
                f"{one.made_at:%Y-%m-%d %H:%M} UTC",
                f"{one.bytes / _MEGABYTE:.1f}",
                one.facts["program"],
                str(one.folder),
            )
        table.print() if found else say(f"There is no backup in {shelf}.")
    if within is not None:
        oldest = SystemClock().now() - timedelta(hours=within)
        if not found or found[0].made_at < oldest:
            raise typer.Exit(1)


def check_backup(folder: Path, *, as_json: bool) -> None:
    """Check one backup."""
    found = check(folder)
    if as_json:
        emit(_facts(found))
    else:
        say(f"{folder} is whole: {', '.join(found.facts['files'])}.")


def restore(folder: Path, *, as_json: bool) -> None:
    """Bring one backup back."""
    restored = restore_backup(_sources(), folder)
    if as_json:
        emit({"folder": str(folder), "restored": list(restored)})
        return
    say(f"Restored {' and '.join(restored)} from {folder}.")
    say("Now `ccm prepare`, start everything, then `ccm audit verify`.")


def _sources() -> Sources:
    settings = Settings.from_environ()
    return Sources.of(settings.server, settings.database_url, settings.key_file)


def _one(sources: Sources, shelf: Path, keep: timedelta, *, as_json: bool) -> None:
    now = SystemClock().now()
    make_backup(sources, shelf, now)
    gone = drop_old(shelf, now, keep)
    made = backups(shelf)[0]
    if as_json:
        emit({**_facts(made), "deleted": [str(folder) for folder in gone]})
        return
    say(f"{made.folder}: {made.bytes / _MEGABYTE:.1f} MB in {', '.join(made.facts['files'])}.")
    if gone:
        say(f"Deleted {len(gone)} older than {keep.days} days.")


def _due_in(shelf: Path, every: timedelta) -> timedelta:
    """How long until the next one is due: a program that is started again makes none too early."""
    found = backups(shelf)
    return found[0].made_at + every - SystemClock().now() if found else timedelta(0)


def _facts(one: Backup) -> dict[str, object]:
    return {"folder": str(one.folder), "bytes": one.bytes, **plain(one.facts)}
