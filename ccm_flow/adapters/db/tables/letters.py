"""Who wants a clinic's monthly scorecard by e-mail, and what was sent."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month


class LetterChoiceRow(SQLModel, table=True):
    """
    Somebody wants the monthly letters of a clinic, or no longer; the newest row counts.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "letter_choice"
    __table_args__ = (Index(None, "clinic_id", "person_id", "at"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    person_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    wanted: bool
    at: datetime = Field(sa_type=UtcDateTime)


class ScorecardLetterRow(SQLModel, table=True):
    """
    One person's letter about one month of a clinic.

    As with digests the row is made before the e-mail goes out, so that none goes out twice.
    """

    __tablename__: ClassVar[str] = "scorecard_letter"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    person_id: PersonId = Field(primary_key=True, foreign_key="person.id", sa_type=String)
    month: Month = Field(primary_key=True, sa_type=MonthText)
    claimed_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tries: int = 1
