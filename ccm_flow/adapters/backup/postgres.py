"""
Dumping PostgreSQL databases of one instant, and bringing them back, by PostgreSQL's own programs.

What the record holds and what the Temporal server knows must fit together. So nothing is written
into the record's ledger while the instant is chosen, which takes a moment; the dumps, which take
longer, read it afterwards beside everybody else. Whatever is under way at that instant is as if a
worker had been killed there: it is done once, after the restore.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from ccm_flow.adapters.backup.errors import BackupFailedError, NotEmptyError, RestoreFailedError
from ccm_flow.adapters.db.engine import POSTGRES_DRIVER

_LEDGER: Final = "ledger_event"
_LONGEST_WAIT: Final = "30s"


def dump(record: URL, others: Mapping[str, URL], folder: Path) -> None:
    """
    Write a dump of each database into a folder, all of the same instant.

    Raises:
        BackupFailedError: a database does not answer, or a dump failed.
    """
    with ExitStack() as held:
        try:
            snapshots = _one_instant(record, others, held)
        except SQLAlchemyError as error:
            raise BackupFailedError(
                f"A database does not answer ({type(error).__name__})."
            ) from error
        for name, (url, snapshot) in snapshots.items():
            _run(
                "pg_dump",
                url,
                ["--format=custom", f"--snapshot={snapshot}"],
                ["--file", str(folder / f"{name}.dump")],
                BackupFailedError,
            )


def restore(url: URL, file: Path) -> None:
    """
    Bring a dump back into an empty database; all of it or nothing.

    Raises:
        RestoreFailedError: it did not work.
    """
    how = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run("pg_restore", url, how, [str(file)], RestoreFailedError)


def check_empty(url: URL, what: str) -> None:
    """
    Make sure that nothing would be written over.

    Raises:
        NotEmptyError: there are tables.
        RestoreFailedError: the database does not answer.
    """
    with _engine(url) as engine:
        try:
            if inspect(engine).get_table_names():
                raise NotEmptyError(what)
        except SQLAlchemyError as error:
            raise RestoreFailedError(f"{what} does not answer. Is the database made?") from error


def _one_instant(
    record: URL, others: Mapping[str, URL], held: ExitStack
) -> dict[str, tuple[URL, str]]:
    """Choose the instant; the transactions that keep it are held until the dumps are done."""
    everything = {"record": record, **others}
    connections = {
        name: held.enter_context(held.enter_context(_engine(url)).connect())
        for name, url in everything.items()
    }
    with _engine(record) as engine, engine.begin() as still:
        still.execute(text(f"SET LOCAL lock_timeout = '{_LONGEST_WAIT}'"))
        still.execute(text(f"LOCK TABLE {_LEDGER} IN SHARE MODE"))
        return {name: (url, _snapshot(connections[name])) for name, url in everything.items()}


def _snapshot(connection: Connection) -> str:
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    return str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())


@contextmanager
def _engine(url: URL) -> Iterator[Engine]:
    engine = create_engine(url.set(drivername=POSTGRES_DRIVER), hide_parameters=True)
    try:
        yield engine
    finally:
        engine.dispose()


def _run(
    program: str,
    url: URL,
    options: list[str],
    rest: list[str],
    failure: type[BackupFailedError | RestoreFailedError],
) -> None:
    found = shutil.which(program)
    if found is None:
        raise failure(
            f"`{program}` is not on this machine.", "Install PostgreSQL's client programs."
        )
    place = [f"--dbname={url.database}", f"--host={url.host}", f"--port={url.port or 5432}"]
    command = [found, "--no-password", f"--username={url.username}", *place, *options, *rest]
    environ = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, and no shell reads it
        command, env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise failure(f"{program} failed for {url.database}: {said[0]}.")
