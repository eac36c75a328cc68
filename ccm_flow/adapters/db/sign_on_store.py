"""Keeps the ways to the single sign-on provider until somebody comes back."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import col, delete, update

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.tables import SignOnRow
from ccm_flow.app.single_sign_on import Way

_KEPT: Final = timedelta(days=1)


class SqlWays:
    """Implements `ccm_flow.app.single_sign_on.Ways`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, way: Way) -> None:
        """Keep a way; those of yesterday are forgotten."""
        with writing(self._engine) as session:
            old = col(SignOnRow.started_at) < way.started_at - _KEPT
            session.exec(delete(SignOnRow).where(old))
            session.add(
                SignOnRow(
                    state_hash=way.state_hash,
                    browser_hash=way.browser_hash,
                    nonce=way.nonce,
                    code_verifier=way.code_verifier,
                    next_path=way.next_path,
                    started_at=way.started_at,
                )
            )

    def end(self, state_hash: str, now: datetime) -> Way | None:
        """Use a way up; of two who try it at once, one gets it."""
        with writing(self._engine) as session:
            unused = (
                update(SignOnRow)
                .where(col(SignOnRow.state_hash) == state_hash, col(SignOnRow.used_at).is_(None))
                .values(used_at=now)
            )
            if session.exec(unused).rowcount != 1:
                return None
            row = session.get_one(SignOnRow, state_hash)
            return Way(
                state_hash=row.state_hash,
                browser_hash=row.browser_hash,
                nonce=row.nonce,
                code_verifier=row.code_verifier,
                next_path=row.next_path,
                started_at=row.started_at,
            )
