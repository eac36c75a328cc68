"""
Writing into tables in which nobody changes anything: for sealing and for removing alone.

The refusals are lifted and put back within the transaction that needs it: other writers wait, and
when it fails they were never gone.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text
from sqlmodel import Session

from ccm_flow.adapters.db.migrations.append_only import (
    allow_changes,
    allow_signed_changes,
    forbid_changes,
    forbid_signed_changes,
)

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table",
    "postgresql": "SELECT tgname FROM pg_trigger "
    "WHERE tgrelid = CAST(:table AS regclass) AND NOT tgisinternal",
}


@contextmanager
def changes_allowed(session: Session, tables: Collection[str]) -> Iterator[None]:
    """Lift what refuses changes of some tables for as long as this lasts."""
    lifted = [(table, *_refusal(session, table)) for table in sorted(tables)]
    for table, lift, _ in lifted:
        _do(session, lift, table)
    yield
    session.flush()
    for table, _, put_back in lifted:
        _do(session, put_back, table)


def _refusal(
    session: Session, table: str
) -> tuple[Callable[[str], None] | None, Callable[[str], None] | None]:
    connection = session.connection()
    query = text(_TRIGGERS[connection.dialect.name])
    names = set(connection.execute(query, {"table": table}).scalars())
    if f"{table}_signed" in names:
        return allow_signed_changes, forbid_signed_changes
    if {f"{table}_no_update", f"{table}_append_only"} & names:
        return allow_changes, forbid_changes
    return None, None


def _do(session: Session, change: Callable[[str], None] | None, table: str) -> None:
    if change is not None:
        with Operations.context(MigrationContext.configure(session.connection())):
            change(table)
