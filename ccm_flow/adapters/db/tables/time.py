"""Time: what was worked, entry by entry, and the timers that run."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, Index, String, text
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.app.statuses import TimeSource
from ccm_flow.core.activities import Activity
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey
from ccm_flow.core.month import Month


class TimeEntryRow(SQLModel, table=True):
    """
    Who worked, when, how long, on what.

    A correction is a new entry that names the old one; the database itself refuses to change or
    delete an entry.
    """

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
    activity: Activity = Field(sa_type=text_of(Activity))
    started_at: datetime = Field(sa_type=UtcDateTime)
    seconds: int
    """Exact: minutes are floored once, over the month's sum."""
    month: Month = Field(sa_type=MonthText)
    """The clinic's calendar month; minutes never move to another one."""
    source: TimeSource = Field(sa_type=text_of(TimeSource))
    entered_at: datetime = Field(sa_type=UtcDateTime)
    corrects: str | None = Field(default=None, foreign_key="time_entry.id", index=True)
    reason: str | None = None
    program: str
    """Whose bucket it goes into, e.g. `CCM`."""
    credential: Credential | None = Field(default=None, sa_type=text_of(Credential))
    """What the person was licensed as when it was entered; None when the file did not say."""
    entered_by: PersonId = Field(sa_type=String)
    """The person themselves, or whoever corrected it."""
    flags: list[str] = Field(default_factory=list, sa_type=JSON)
    """Words of `EntryFlag`."""
    clashes_with: str | None = None
    """The entry that it overlapped when it came in."""


class TimerRow(SQLModel, table=True):
    """A timer of one person; it runs until it is stopped or discarded, also while nothing does."""

    __tablename__: ClassVar[str] = "timer"
    __table_args__ = (
        # One runs at a time, whatever happens at the same moment.
        Index(
            "uq_timer_running",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", index=True, sa_type=String)
    cycle_id: CycleId | None = Field(default=None, sa_type=String)
    step_key: StepKey | None = Field(default=None, sa_type=String)
    person_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    activity: Activity = Field(sa_type=text_of(Activity))
    program: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    """Elapsed time is counted from here; nothing ticks."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was stopped or discarded; None while it runs."""
    discarded_because: str | None = None
    """Why its time is in no entry; None when it was stopped."""
