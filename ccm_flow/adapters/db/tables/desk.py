"""What people arrange for themselves on their work lists. Nothing of it reaches the flow."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.core.ids import ClinicId, CycleId, PersonId, StepKey


class PutOffRow(SQLModel, table=True):
    """A step that somebody put off, with the reason; the latest row of a step counts."""

    __tablename__: ClassVar[str] = "put_off"
    __table_args__ = (Index(None, "cycle_id", "step_key", "at"), Index(None, "clinic_id", "until"))

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    cycle_id: CycleId = Field(sa_type=String)
    step_key: StepKey = Field(sa_type=String)
    until: datetime = Field(sa_type=UtcDateTime)
    because: str
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)


class PresenceRow(SQLModel, table=True):
    """Who has a step open on their screen, and when that was last seen."""

    __tablename__: ClassVar[str] = "presence"

    cycle_id: CycleId = Field(primary_key=True, sa_type=String)
    step_key: StepKey = Field(primary_key=True, sa_type=String)
    person_id: PersonId = Field(primary_key=True, foreign_key="person.id", sa_type=String)
    seen_at: datetime = Field(sa_type=UtcDateTime)
