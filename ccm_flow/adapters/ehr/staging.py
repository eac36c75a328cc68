"""
A place on disk for what is read before it is known whose it is.

Files of an export come in any order, and one patient's resources or rows may lie in all of them.
They are put into a temporary SQLite file and taken out again patient by patient, so that memory
holds one patient at a time. The file lies in a folder that only its owner may read, and goes away
with the import.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CACHE_KIB = 8_192


@contextmanager
def staging() -> Iterator[sqlite3.Connection]:
    """Give an empty database that is deleted in the end."""
    with tempfile.TemporaryDirectory(prefix="ccm-import-") as folder:
        connection = sqlite3.connect(Path(folder) / "staged.db", isolation_level=None)
        try:
            # A crash loses the whole file anyway, so nothing is spent on surviving one.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close()


@contextmanager
def whole_or_nothing(connection: sqlite3.Connection) -> Iterator[None]:
    """Keep what is staged inside the block only when it ends well."""
    connection.execute("SAVEPOINT one_file")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO one_file")
        raise
    finally:
        connection.execute("RELEASE one_file")
