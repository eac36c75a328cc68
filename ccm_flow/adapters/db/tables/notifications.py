"""What was sent to people by e-mail."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.core.ids import ClinicId, PersonId


class DigestRow(SQLModel, table=True):
    """
    One person's hand-off digest of one day.

    The row is made before the e-mail goes out: of two workers only one can make it, and a worker
    that dies in between leaves a digest unsent rather than sent twice.
    """

    __tablename__: ClassVar[str] = "digest"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    person_id: PersonId = Field(primary_key=True, foreign_key="person.id", sa_type=String)
    day: date = Field(primary_key=True)
    claimed_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the mail server refused it last; it is asked again a while later."""
    tries: int = 1
    """How often the mail server was asked."""
