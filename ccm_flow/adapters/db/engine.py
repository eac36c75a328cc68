"""Opening the database: SQLite in a file by default, PostgreSQL by URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Final
from weakref import WeakKeyDictionary

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import Pool
from sqlmodel import Session

from ccm_flow.adapters.db.ledger_chain import link_new_lines
from ccm_flow.core.errors import CcmError

POSTGRES_DRIVER: Final = "postgresql+pg8000"
BUSY_SECONDS: Final = 10
"""How long a writer waits for another one before it gives up."""
_CACHE_KB: Final = 32 * 1024
"""What a connection to SQLite may keep of the file; 2 MB by itself, less than a clinic's month."""
_WRITES: Final = "ccm_writes"
FOR_WRITING: Final = MappingProxyType({_WRITES: True})
"""Execution options of a connection that writes; on SQLite it takes the lock as it begins."""
_RULES_HOME: Final = "ccm_rules_home"


class DatabaseUrlError(CcmError):
    """The database URL cannot be used."""

    exit_code = 2
    hint = (
        "Give sqlite:///folder/ccm.db for a file, or "
        "postgresql://user:password@host:5432/name for a PostgreSQL server."
    )


class DatabaseUnavailableError(CcmError):
    """The database does not answer."""

    exit_code = 3

    def __init__(self, url: URL, reason: str) -> None:
        shown = url.render_as_string(hide_password=True)
        hint = (
            "Check that the folder exists, may be written to and holds a CCM Flow database file."
            if url.get_backend_name() == "sqlite"
            else "Check that the server runs and that host, user, password and name are right."
        )
        super().__init__(f"The database {shown} cannot be opened: {reason}", hint)


def open_database(url: str) -> Engine:
    """
    Open the database and make sure that it answers.

    A plain `postgresql://` URL gets the driver that comes with the product. The folder of a
    SQLite file is made when it is missing.

    Raises:
        DatabaseUrlError: the URL is not one, or names another kind of database.
        DatabaseUnavailableError: the file or the server does not answer.
    """
    parsed = _parse(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)
    try:
        with engine.connect():
            pass
    except (SQLAlchemyError, OSError) as error:
        engine.dispose()
        raise DatabaseUnavailableError(parsed, _reason(error)) from error
    return engine


def with_password(url: str, password: str) -> str:
    """
    Put a password that came from elsewhere into the URL of a PostgreSQL database.

    Raises:
        DatabaseUrlError: there is one already, or the database takes none.
    """
    if not password:
        return url
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        raise DatabaseUrlError("A database in a file takes no password.")
    if parsed.password:
        raise DatabaseUrlError("The database's password is given twice.")
    return parsed.set(password=password).render_as_string(hide_password=False)


def with_rules_of(engine: Engine, home: Path) -> Engine:
    """Give the same database with the folder of the set-up whose own billing rules count."""
    return engine.execution_options(**{_RULES_HOME: home})


def rules_home(session: Session) -> Path | None:
    """Give that folder; None when only the shipped rules count."""
    home: Path | None = session.get_bind().get_execution_options().get(_RULES_HOME)
    return home


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Give a session that only reads."""
    with Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """
    Give a session whose work is kept as a whole at the end, or not at all when it raises.

    New lines of the ledger are linked to their clinic's chain as the last thing.

    On SQLite the write lock is taken at once (BEGIN IMMEDIATE): a transaction that reads first
    and asks for the lock later fails at once when another writer was faster.
    """
    options = engine.execution_options(**FOR_WRITING)
    with _in_turn(engine), Session(options) as session, session.begin():
        yield session
        link_new_lines(session)


@contextmanager
def trying(engine: Engine) -> Iterator[Session]:
    """Give a session in which things can be tried out: all of it is taken back at the end."""
    options = engine.execution_options(**FOR_WRITING)
    with _in_turn(engine), Session(options) as session:
        try:
            yield session
        finally:
            session.rollback()


_turns: WeakKeyDictionary[Pool, Lock] = WeakKeyDictionary()


@contextmanager
def _in_turn(engine: Engine) -> Iterator[None]:
    """
    Let the writers of this process go one after the other on SQLite.

    SQLite lets a writer that waits look again and again, with longer and longer pauses; one that
    is handed the turn goes on at once. Other processes still wait in SQLite's own way.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    turn = _turns.setdefault(engine.pool, Lock())
    mine = turn.acquire(timeout=BUSY_SECONDS)
    try:
        yield
    finally:
        if mine:
            turn.release()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        msg = "The database URL cannot be read."  # never shown: it may hold a password
        raise DatabaseUrlError(msg) from error
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername=POSTGRES_DRIVER)
    if parsed.drivername not in {"sqlite", POSTGRES_DRIVER}:
        msg = f"'{parsed.drivername}' is not a database that CCM Flow works with."
        raise DatabaseUrlError(msg)
    return parsed


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not Path(url.database).exists():
                # Readable by its owner alone; the files beside it follow it.
                Path(url.database).touch(mode=0o600)
        except OSError as error:
            raise DatabaseUnavailableError(url, _reason(error)) from error
    engine = create_engine(url, hide_parameters=True, json_deserializer=from_json)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_sqlite` says which kind.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"cache_size = -{_CACHE_KB}",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(
            url, pool_pre_ping=True, hide_parameters=True, json_deserializer=from_json
        )
    except (ImportError, NoSuchModuleError) as error:
        msg = f"The PostgreSQL driver is not installed: {error}."
        raise DatabaseUrlError(msg, "Install the product again with its dependencies.") from error


def _reason(error: Exception) -> str:
    cause: Any = getattr(error, "orig", None) or error
    detail = cause.args[0] if cause.args else cause
    if isinstance(detail, dict):  # what a PostgreSQL server answers: M is its sentence
        detail = detail.get("M", detail)
    if isinstance(cause, OSError):
        detail = cause.strerror or cause
    return str(detail).rstrip(".") + "."
