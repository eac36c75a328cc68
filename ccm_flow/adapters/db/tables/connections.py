"""How other systems are connected: tokens, what they asked, and where they are told of events."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.app.webhooks import DeliveryState
from ccm_flow.core.ids import ClinicId, PersonId


class ApiTokenRow(SQLModel, table=True):
    """A secret that a program has in place of a person's password, kept only as its hash."""

    __tablename__: ClassVar[str] = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    person_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    """Who acts when the token is used."""
    name: str
    """What it is for."""
    token_hash: str
    signing_secret: str | None = None
    """Sealed; for senders that sign what they send instead of carrying the token."""
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: PersonId | None = Field(default=None, sa_type=String)
    """None when it was made on the command line."""
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: PersonId | None = Field(default=None, sa_type=String)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiRequestRow(SQLModel, table=True):
    """One request under its idempotency key, and the answer that a repetition gets."""

    __tablename__: ClassVar[str] = "api_request"

    token_id: str = Field(primary_key=True, foreign_key="api_token.id")
    key_hash: str = Field(primary_key=True)
    request_hash: str
    """Of what was asked: another request under the same key is refused."""
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Since when somebody works on it; None once that broke off."""
    status: int | None = None
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class WebhookEndpointRow(SQLModel, table=True):
    """Where a clinic's events are sent."""

    __tablename__: ClassVar[str] = "webhook_endpoint"

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    url: str
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    secret: str
    """Sealed."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: PersonId | None = Field(default=None, sa_type=String)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: PersonId | None = Field(default=None, sa_type=String)
    read_to: int = Field(sa_type=BigInteger)
    """The last line of the ledger that was looked at for it."""


class WebhookDeliveryRow(SQLModel, table=True):
    """One message for one endpoint."""

    __tablename__: ClassVar[str] = "webhook_delivery"
    __table_args__ = (Index(None, "state", "next_try_at"), Index(None, "endpoint_id", "made_at"))

    endpoint_id: str = Field(primary_key=True, foreign_key="webhook_endpoint.id")
    event_id: str = Field(primary_key=True)
    event: str
    body: str = Field(sa_type=Text)
    """Byte for byte what is sent each time."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: DeliveryState = Field(sa_type=text_of(DeliveryState))
    tries: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    """While it is under way: when it is sent again if nobody comes back."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookTryRow(SQLModel, table=True):
    """What came of sending a message once. Rows are never changed or deleted."""

    __tablename__: ClassVar[str] = "webhook_try"
    __table_args__ = (
        ForeignKeyConstraint(
            ["endpoint_id", "event_id"],
            ["webhook_delivery.endpoint_id", "webhook_delivery.event_id"],
            name="fk_webhook_try_delivery",
        ),
        Index(None, "endpoint_id", "event_id"),
    )

    id: str = Field(primary_key=True)
    endpoint_id: str
    event_id: str
    at: datetime = Field(sa_type=UtcDateTime)
    answer: str
    """The status, or why there was none."""
