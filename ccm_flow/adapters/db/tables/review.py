"""What people wrote down in the readiness review, and the proofs of playbooks it rests on."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.review import Said


class ReviewEntryRow(SQLModel, table=True):
    """
    An answer to an item of the review, or who sees to it until when; the newest counts.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "review_entry"
    __table_args__ = (UniqueConstraint("clinic_id", "number"),)

    id: str = Field(primary_key=True)
    """Of the form it was sent with, so that sending it twice is harmless."""
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    number: int
    """Counts the clinic's entries, from 1."""
    item: str
    said: Said | None = Field(default=None, sa_type=text_of(Said))
    note: str = ""
    owner_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    due_on: date | None = None
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)


class GoLiveRow(SQLModel, table=True):
    """
    Somebody let a clinic open its first month although required items were missing.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "go_live"

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    items: list[str] = Field(default_factory=list, sa_type=JSON)
    """What was missing then; an item that goes missing later stops the month again."""
    because: str
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)


class PlaybookProofRow(SQLModel, table=True):
    """
    What the proof of a playbook came to on one clinic's days.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "playbook_proof"

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    sha256: str = Field(foreign_key="playbook_version.sha256")
    month: Month = Field(sa_type=MonthText)
    holds: bool
    states: int
    """How many states of the month were looked at."""
    at: datetime = Field(sa_type=UtcDateTime)
