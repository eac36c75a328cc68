"""Up to which line the ledger is complete, for those who read it on and on."""

from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, func, select

from ccm_flow.adapters.db.tables.ledger import LedgerEventRow

_PATIENCE: Final = "2s"
"""How long PostgreSQL may be asked to wait for writers; longer, and it is tried next time."""


def horizon(engine: Engine) -> int:
    """
    Give a number up to which the ledger is complete; 0 when that cannot be said now.

    On SQLite writers go one after the other. On PostgreSQL a lock that no writer holds beside
    ours waits for those under way, and is given back at once.
    """
    with Session(engine) as session:
        if engine.dialect.name == "postgresql":
            try:
                session.connection().execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
                session.connection().execute(text("LOCK TABLE ledger_event IN SHARE MODE"))
            except DBAPIError:
                return 0
        return session.exec(select(func.max(LedgerEventRow.id))).one() or 0
