"""What one organization told the other at a clinic, and what happened to it since."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.core.alerts import AlertAct, AlertKind
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    OrganizationId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.words import Urgency


class AlertRow(SQLModel, table=True):
    """
    One alert, as it was raised by a line of the ledger.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "alert"
    __table_args__ = (
        UniqueConstraint("source_event", "kind"),
        Index(None, "clinic_id", "raised_at"),
        Index(None, "cycle_id", "step_key"),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", index=True, sa_type=String)
    cycle_id: CycleId = Field(foreign_key="cycle.id", sa_type=String)
    step_key: StepKey = Field(sa_type=String)
    kind: AlertKind = Field(sa_type=text_of(AlertKind))
    urgency: Urgency = Field(sa_type=text_of(Urgency))
    sender_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    from_organization_id: OrganizationId = Field(foreign_key="organization.id", sa_type=String)
    to_organization_id: OrganizationId = Field(foreign_key="organization.id", sa_type=String)
    addressee_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    role: RoleId = Field(sa_type=String)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    reply_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    source_event: int = Field(sa_type=BigInteger)
    """The line of the ledger that raised it; each line does so once."""


class AlertEventRow(SQLModel, table=True):
    """
    One thing that happened to an alert: given, shown, mailed, acknowledged, answered.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "alert_event"

    alert_id: str = Field(primary_key=True, foreign_key="alert.id")
    number: int = Field(primary_key=True)
    """Counts what happened to the alert, from 1: two writers cannot both be right."""
    act: AlertAct = Field(sa_type=text_of(AlertAct))
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    because: str = ""
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    phone: str = ""


class AlertStateRow(SQLModel, table=True):
    """How an alert stands, worked out from its events so that lists need not read them."""

    __tablename__: ClassVar[str] = "alert_state"
    __table_args__ = (
        Index(None, "clinic_id", "waiting"),
        Index(None, "look_again_at"),
        Index(None, "mail_at"),
    )

    alert_id: str = Field(primary_key=True, foreign_key="alert.id")
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    holder_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    waiting: bool = True
    """Nobody has acknowledged it, and it still matters."""
    is_over: bool = False
    """Answered or settled."""
    passed_on: bool = False
    """The first who had it did not acknowledge it in time."""
    look_again_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mail_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the mail server is asked for who has it now; None for never again."""
    mail_tries: int = 0


class AlertReadingRow(SQLModel, table=True):
    """Up to which line of the ledger a clinic's alerts were raised."""

    __tablename__: ClassVar[str] = "alert_reading"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    read_to: int = Field(sa_type=BigInteger)
