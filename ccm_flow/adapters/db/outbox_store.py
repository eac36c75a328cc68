"""
Endpoints and the messages for them, made from the ledger.

A line of the ledger is looked at once for each endpoint. On PostgreSQL lines may become visible
in another order than that of their numbers; so nothing beyond `horizon` is read: up to there
every line is there or never will be.
"""

import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlmodel import col, func, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.ledger_horizon import horizon
from ccm_flow.adapters.db.tables import (
    LedgerEventRow,
    WebhookDeliveryRow,
    WebhookEndpointRow,
    WebhookTryRow,
)
from ccm_flow.adapters.sealing import Sealer
from ccm_flow.app.webhooks import DeliveryState, Message, Outcome
from ccm_flow.core.webhooks import HookEvent, LedgerLine, told_of

_LINES_AT_ONCE: Final = 1000


class SqlOutbox:
    """Implements `ccm_flow.app.webhooks.Outbox`."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def fill(self, now: datetime) -> int:
        """Make the messages of what was written into the ledger since."""
        waiting = self._behind()
        complete_to = horizon(self._engine) if waiting else 0
        made = 0
        for endpoint in waiting:
            while (count := self._fill_one(endpoint, complete_to, now)) is not None:
                made += count
        return made

    def _behind(self) -> Sequence[str]:
        """List the endpoints for which the ledger goes on."""
        with reading(self._engine) as session:
            newest = session.exec(select(func.max(LedgerEventRow.id))).one() or 0
            query = select(WebhookEndpointRow.id).where(
                col(WebhookEndpointRow.ended_at).is_(None),
                col(WebhookEndpointRow.read_to) < newest,
            )
            return session.exec(query).all()

    def _fill_one(self, endpoint: str, complete_to: int, now: datetime) -> int | None:
        """Look at the next lines for one endpoint; None when there are none."""
        with writing(self._engine) as session:
            row = session.get_one(WebhookEndpointRow, endpoint, with_for_update=True)
            if row.ended_at is not None or row.read_to >= complete_to:
                return None
            query = select(LedgerEventRow).where(
                LedgerEventRow.clinic_id == row.clinic_id,
                col(LedgerEventRow.id) > row.read_to,
                col(LedgerEventRow.id) <= complete_to,
            )
            lines = session.exec(query.order_by(col(LedgerEventRow.id)).limit(_LINES_AT_ONCE)).all()
            messages = [
                WebhookDeliveryRow(
                    endpoint_id=row.id,
                    event_id=told.id,
                    event=told.event.value,
                    body=json.dumps(told.body, separators=(",", ":"), sort_keys=True),
                    made_at=now,
                    state=DeliveryState.WAITING,
                    next_try_at=now,
                )
                for line in lines
                for told in told_of(_line(line))
                if told.event.value in row.events
            ]
            session.add_all(messages)
            full = len(lines) == _LINES_AT_ONCE
            row.read_to = lines[-1].id or complete_to if full else complete_to
            return len(messages)

    def take(self, now: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Take messages that are due, the oldest first, and keep them from others."""
        query = (
            select(WebhookDeliveryRow, WebhookEndpointRow)
            .join(
                WebhookEndpointRow,
                col(WebhookEndpointRow.id) == col(WebhookDeliveryRow.endpoint_id),
            )
            .where(
                WebhookDeliveryRow.state == DeliveryState.WAITING,
                col(WebhookDeliveryRow.next_try_at) <= now,
                col(WebhookEndpointRow.ended_at).is_(None),
            )
            .order_by(col(WebhookDeliveryRow.next_try_at), col(WebhookDeliveryRow.event_id))
            .limit(limit)
            .with_for_update(of=WebhookDeliveryRow, skip_locked=True)
        )
        with writing(self._engine) as session:
            found = session.exec(query).all()
            for delivery, _ in found:
                delivery.next_try_at = until
            return [
                Message(
                    endpoint=endpoint.id,
                    event_id=delivery.event_id,
                    url=endpoint.url,
                    secret=self._sealer.unseal(endpoint.secret),
                    body=delivery.body,
                    tries=delivery.tries,
                )
                for delivery, endpoint in found
            ]

    def note(
        self, message: Message, outcome: Outcome, now: datetime, again: datetime | None
    ) -> None:
        """Keep what came of a try."""
        with writing(self._engine) as session:
            key = (message.endpoint, message.event_id)
            row = session.get_one(WebhookDeliveryRow, key, with_for_update=True)
            session.add(
                WebhookTryRow(
                    id=uuid.uuid4().hex,
                    endpoint_id=message.endpoint,
                    event_id=message.event_id,
                    at=now,
                    answer=outcome.answer,
                )
            )
            if row.state is DeliveryState.DELIVERED:
                return  # somebody else was slow and successful
            if outcome.delivered:
                row.state, row.ended_at = DeliveryState.DELIVERED, now
                return
            row.tries = message.tries + 1
            if again is None:
                row.state, row.ended_at = DeliveryState.GIVEN_UP, now
            else:
                row.next_try_at = again


def _line(row: LedgerEventRow) -> LedgerLine:
    return LedgerLine(
        id=row.id or 0,
        clinic=row.clinic_id,
        stream=row.cycle_id,
        sequence=row.sequence,
        at=row.at,
        kind=row.kind,
        detail=row.detail,
    )


def events_in(row: WebhookEndpointRow) -> frozenset[HookEvent]:
    """Read what an endpoint wants to be told."""
    return frozenset(HookEvent(event) for event in row.events)
