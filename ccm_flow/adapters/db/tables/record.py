"""The minutes behind a bill. Corrected by new rows, not edits."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.month import Month


class TimeEntryRow(SQLModel, table=True):
    """Who worked, when, how long, on what. A correction is a new entry that names the old one."""

    __tablename__: ClassVar[str] = "time_entry"
    __table_args__ = (
        Index(None, "enrollment_id", "month"),
        Index(None, "clinic_id", "month"),
        Index(None, "person_id", "started_at"),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    cycle_id: CycleId | None = Field(default=None, index=True, sa_type=String)
    step_key: StepKey | None = Field(default=None, sa_type=String)
    person_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    activity: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    seconds: int
    """Exact: minutes are floored once, over the month's sum."""
    month: Month = Field(sa_type=MonthText)
    """The clinic's calendar month; minutes never move to another one."""
    source: TimeSource = Field(sa_type=text_of(TimeSource))
    entered_at: datetime = Field(sa_type=UtcDateTime)
    corrects: str | None = Field(default=None, foreign_key="time_entry.id", index=True)
    reason: str | None = None
