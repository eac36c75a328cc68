"""The folder of backups: one folder each, whole or not there, with the sums of its files."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from ccm_flow.adapters.backup.errors import BackupFailedError, BadBackupError

MANIFEST: Final = "backup.json"
_NAMED: Final = "%Y-%m-%dT%H-%M-%SZ"
_UNFINISHED: Final = ".unfinished"


@dataclass(frozen=True)
class Backup:
    """One backup on the shelf."""

    folder: Path
    made_at: datetime
    facts: Mapping[str, Any]

    @property
    def bytes(self) -> int:
        """How large its files are together."""
        return sum(int(one["bytes"]) for one in self.facts["files"].values())


def backups(shelf: Path) -> list[Backup]:
    """List the whole backups, the newest first; what is something else is passed over."""
    folders = shelf.iterdir() if shelf.is_dir() else iter(())
    found = [_read(folder) for folder in folders if (folder / MANIFEST).exists()]
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def check(folder: Path) -> Backup:
    """
    Read a backup and compare every file with its sum.

    Raises:
        BadBackupError: a file is missing, or is not as it was written.
    """
    backup = _read(folder)
    for name, known in backup.facts["files"].items():
        file = folder / name
        if not file.is_file() or _sum(file) != known["sha256"]:
            raise BadBackupError(folder, f"{name} is missing or not as it was written")
    return backup


@contextmanager
def new_backup(shelf: Path, now: datetime, facts: Mapping[str, Any]) -> Iterator[Path]:
    """
    Give a folder to fill; it becomes a backup when all went well, and goes away otherwise.

    Raises:
        BackupFailedError: the shelf cannot be written to.
    """
    folder = shelf / now.astimezone(UTC).strftime(_NAMED)
    draft = folder.with_name(folder.name + _UNFINISHED)
    try:
        shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in shelf.glob(f"*{_UNFINISHED}"):
            shutil.rmtree(left)  # by a program that was stopped
        draft.mkdir(mode=0o700)
    except OSError as error:
        raise BackupFailedError(f"{shelf} cannot be written: {error.strerror}.") from error
    try:
        yield draft
        files = {
            file.name: {"bytes": file.stat().st_size, "sha256": _sum(file)}
            for file in sorted(draft.iterdir())
        }
        whole = {"made_at": now.isoformat(), **facts, "files": files}
        (draft / MANIFEST).write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def drop_old(shelf: Path, now: datetime, keep: timedelta) -> list[Path]:
    """Delete backups older than `keep`, never the newest; give the folders that went."""
    old = [one.folder for one in backups(shelf)[1:] if one.made_at < now - keep]
    for folder in old:
        shutil.rmtree(folder)
    return old


def _read(folder: Path) -> Backup:
    try:
        facts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return Backup(folder, datetime.fromisoformat(facts["made_at"]), facts)
    except (OSError, ValueError, KeyError) as error:
        raise BadBackupError(folder, f"it has no readable {MANIFEST}") from error


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
