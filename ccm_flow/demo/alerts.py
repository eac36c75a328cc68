"""The demo's staff take alerts of the other organization: most in time, some never."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import AlertRow, AlertStateRow

_BEFORE: Final = timedelta(minutes=15)
"""So long before the time is up it is taken."""
_LEAVES: Final = 7
"""One in so many is left to the next."""


def take_alerts(engine: Engine, until: datetime) -> None:
    """Raise what a played day brought, give each on in its time, and let people take them."""
    store = SqlAlerts(engine)
    store.raise_new()
    for _ in range(_LEAVES):
        due = [one for one in _waiting(engine) if one[1] <= until]
        if not due:
            return
        for id_, look_again_at in due:
            store.move_on_due(look_again_at)
            _take(engine, store, id_)


def _waiting(engine: Engine) -> list[tuple[str, datetime]]:
    query = select(AlertStateRow.alert_id, AlertStateRow.look_again_at).where(
        col(AlertStateRow.look_again_at).is_not(None)
    )
    ordered = query.order_by(col(AlertStateRow.look_again_at), col(AlertStateRow.alert_id))
    with reading(engine) as session:
        return [(id_, at) for id_, at in session.exec(ordered) if at is not None]


def _take(engine: Engine, store: SqlAlerts, id_: str) -> None:
    with reading(engine) as session:
        row, state = session.get_one(AlertRow, id_), session.get_one(AlertStateRow, id_)
        holder, until = state.holder_id, state.look_again_at
        left = not state.passed_on and int(row.id[:4], 16) % _LEAVES == 0
    if holder is not None and until is not None and not left:
        store.note_shown([id_], holder, until - _BEFORE)
        store.acknowledge(id_, holder, until - _BEFORE)
