"""Copying databases in files of one instant, while they are in use."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from ccm_flow.adapters.backup.errors import BackupFailedError
from ccm_flow.adapters.db.engine import BUSY_SECONDS


def copy(record: Path, others: Mapping[str, Path], folder: Path) -> None:
    """
    Copy the record and what belongs to it; nobody writes to the record meanwhile.

    Raises:
        BackupFailedError: a file is missing or cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"file:{record}?mode=rw", uri=True)) as still:
            still.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            still.execute("BEGIN IMMEDIATE")
            for name, file in {"record": record, **others}.items():
                _copy(file, folder / f"{name}.db")
    except sqlite3.Error as error:
        raise BackupFailedError(f"{record.parent}: {error}.") from error


def _copy(file: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(target)) as copied,
    ):
        source.backup(copied)
