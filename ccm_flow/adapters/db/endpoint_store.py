"""A clinic's endpoints and the log of what was sent to them, as people look after them."""

import os
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.outbox_store import events_in
from ccm_flow.adapters.db.tables import (
    LedgerEventRow,
    WebhookDeliveryRow,
    WebhookEndpointRow,
    WebhookTryRow,
)
from ccm_flow.adapters.db.token_store import id_from
from ccm_flow.adapters.sealing import Sealer
from ccm_flow.app.api_tokens import MadeAlreadyError
from ccm_flow.app.webhooks import (
    Delivery,
    DeliveryState,
    Endpoint,
    NewEndpoint,
    NoSuchEndpointError,
)
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.webhooks import HookEvent, make_secret

_SECRET_BYTES = 32


class SqlEndpoints:
    """Endpoints and the log of their messages."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def add(self, new: NewEndpoint, now: datetime) -> tuple[Endpoint, str]:
        """Keep an endpoint, for what happens from now on; gives its signing secret, once."""
        secret = make_secret(os.urandom(_SECRET_BYTES))
        with writing(self._engine) as session:
            newest = session.exec(select(func.max(LedgerEventRow.id))).one() or 0
            row = WebhookEndpointRow(
                id=id_from(new.click),
                clinic_id=new.clinic,
                url=new.url,
                events=sorted(event.value for event in new.events),
                secret=self._sealer.seal(secret),
                created_at=now,
                created_by=new.by,
                read_to=newest,
            )
            if session.get(WebhookEndpointRow, row.id) is not None:
                raise MadeAlreadyError
            session.add(row)
            return _endpoint(row, {}), secret

    def of(self, clinic: ClinicId) -> Sequence[Endpoint]:
        """List a clinic's endpoints that are in use, the newest first."""
        counts = (
            select(WebhookDeliveryRow.endpoint_id, WebhookDeliveryRow.state, func.count())
            .join(
                WebhookEndpointRow,
                col(WebhookEndpointRow.id) == col(WebhookDeliveryRow.endpoint_id),
            )
            .where(WebhookEndpointRow.clinic_id == clinic)
            .group_by(col(WebhookDeliveryRow.endpoint_id), col(WebhookDeliveryRow.state))
        )
        query = (
            select(WebhookEndpointRow)
            .where(
                WebhookEndpointRow.clinic_id == clinic, col(WebhookEndpointRow.ended_at).is_(None)
            )
            .order_by(col(WebhookEndpointRow.created_at).desc())
        )
        with reading(self._engine) as session:
            rows = session.exec(counts).all()
            found = {(id_, DeliveryState(state)): count for id_, state, count in rows}
            return [_endpoint(row, found) for row in session.exec(query)]

    def end(self, endpoint: str, clinic: ClinicId, by: PersonId | None, now: datetime) -> None:
        """Send nothing more there; what waits is not sent. Raises `NoSuchEndpointError`."""
        with writing(self._engine) as session:
            row = _found(session, endpoint, clinic)
            row.ended_at, row.ended_by = row.ended_at or now, row.ended_by or by

    def log(self, clinic: ClinicId, limit: int) -> Sequence[Delivery]:
        """List a clinic's messages, the newest first, with what the last try came to."""
        query = (
            select(WebhookDeliveryRow, WebhookEndpointRow.url)
            .join(
                WebhookEndpointRow,
                col(WebhookEndpointRow.id) == col(WebhookDeliveryRow.endpoint_id),
            )
            .where(WebhookEndpointRow.clinic_id == clinic)
            .order_by(
                col(WebhookDeliveryRow.made_at).desc(), col(WebhookDeliveryRow.event_id).desc()
            )
            .limit(limit)
        )
        with reading(self._engine) as session:
            rows = session.exec(query).all()
            answers = _answers(session, {row.event_id for row, _ in rows})
            return [_delivery(row, url, answers) for row, url in rows]

    def send_again(self, endpoint: str, event_id: str, clinic: ClinicId, now: datetime) -> None:
        """Let a message be sent once more, now, whatever became of it before."""
        with writing(self._engine) as session:
            found = _found(session, endpoint, clinic)
            row = session.get(WebhookDeliveryRow, (found.id, event_id))
            if row is None or found.ended_at is not None:
                raise NoSuchEndpointError(event_id)
            row.state, row.tries = DeliveryState.WAITING, 0
            row.next_try_at, row.ended_at = now, None


def _found(session: Session, endpoint: str, clinic: ClinicId) -> WebhookEndpointRow:
    query = select(WebhookEndpointRow).where(WebhookEndpointRow.clinic_id == clinic)
    rows = [row for row in session.exec(query) if endpoint and row.id.startswith(endpoint)]
    if len(rows) != 1:
        raise NoSuchEndpointError(endpoint)
    return rows[0]


def _answers(session: Session, events: set[str]) -> dict[tuple[str, str], str]:
    query = select(WebhookTryRow).where(col(WebhookTryRow.event_id).in_(events))
    rows = session.exec(query.order_by(col(WebhookTryRow.at)))
    return {(row.endpoint_id, row.event_id): row.answer for row in rows}


def _delivery(row: WebhookDeliveryRow, url: str, answers: dict[tuple[str, str], str]) -> Delivery:
    waits = row.state is DeliveryState.WAITING
    return Delivery(
        endpoint=row.endpoint_id,
        event_id=row.event_id,
        event=HookEvent(row.event),
        url=url,
        made_at=row.made_at,
        state=row.state,
        tries=row.tries,
        next_try_at=row.next_try_at if waits else None,
        last_answer=answers.get((row.endpoint_id, row.event_id), ""),
    )


def _endpoint(row: WebhookEndpointRow, counts: dict[tuple[str, DeliveryState], int]) -> Endpoint:
    return Endpoint(
        id=row.id,
        clinic=row.clinic_id,
        url=row.url,
        events=events_in(row),
        created_at=row.created_at,
        ended_at=row.ended_at,
        waiting=counts.get((row.id, DeliveryState.WAITING), 0),
        given_up=counts.get((row.id, DeliveryState.GIVEN_UP), 0),
    )
