"""Bringing a database to the form that this version of the program needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ccm_flow.adapters.db.engine import FOR_WRITING
from ccm_flow.core.errors import CcmError

_TURN: Final = 7_223_311
"""Names the lock under which a PostgreSQL database is changed; any number does."""
_FOLDER = Path(__file__).parent / "migrations"


class DatabaseOutOfStepError(CcmError):
    """The database has another form than this version of the program needs."""

    exit_code = 3


def upgrade(engine: Engine, revision: str = "head") -> None:
    """
    Bring the database to a revision, the newest by default; nothing is kept of half a step.

    Raises:
        DatabaseOutOfStepError: a newer version of the program made this database.
    """
    has = current(engine)
    if has is not None and not _known(has):
        raise _too_new(has)
    with _changing(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to a revision. Going back to `base` deletes everything in it."""
    with _changing(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """
    Give a transaction in which tables may change.

    SQLite changes a table by making it anew, and dropping the old one must not take the rows that
    refer to it: its foreign keys rest meanwhile (which can be said only outside a transaction),
    and are all looked at before anything is kept.

    Programs that start at the same time take turns; who comes second finds it done.
    """
    with engine.execution_options(**FOR_WRITING).connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
                yield connection
            return
        plain = connection.connection
        plain.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                assert not broken, broken  # noqa: S101 - a migration's own mistake
        finally:
            plain.execute("PRAGMA foreign_keys = ON")


def current(engine: Engine) -> str | None:
    """Name the revision that the database has; None when it is still empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Name the revision that this version of the program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def check_in_step(engine: Engine) -> None:
    """
    Make sure that database and program fit together.

    Raises:
        DatabaseOutOfStepError: the database is empty, older or newer than the program.
    """
    has, needs = current(engine), newest()
    if has == needs:
        return
    if has is None:
        msg, hint = "The database is empty.", "`ccm prepare` makes its tables."
    elif _known(has):
        msg = f"The database is at revision {has}; this version of CCM Flow needs {needs}."
        hint = "Make a backup; then `ccm prepare` brings it up to date."
    else:
        raise _too_new(has)
    raise DatabaseOutOfStepError(msg, hint)


def _too_new(revision: str) -> DatabaseOutOfStepError:
    return DatabaseOutOfStepError(
        f"The database (revision {revision}) was made by a newer version of CCM Flow.",
        "Install that version or a later one; older ones cannot read this database.",
    )


def _known(revision: str) -> bool:
    script = ScriptDirectory.from_config(_config())
    return revision in {step.revision for step in script.walk_revisions()}


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
