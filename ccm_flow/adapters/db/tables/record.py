"""The evidence behind a bill: notes and care plans. Corrected by new rows, not edits."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, StepKey


class NoteRow(SQLModel, table=True):
    """What was said and done; once signed it is only amended, by another note."""

    __tablename__: ClassVar[str] = "note"

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", index=True, sa_type=String)
    cycle_id: CycleId | None = Field(default=None, index=True, sa_type=String)
    step_key: StepKey | None = Field(default=None, sa_type=String)
    author_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    kind: str
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    text: str = Field(default="", sa_type=Text)
    written_at: datetime = Field(sa_type=UtcDateTime)
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signed_by: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    amends: str | None = Field(default=None, foreign_key="note.id")


class CarePlanRow(SQLModel, table=True):
    """One version of a patient's care plan, and how the patient got a copy."""

    __tablename__: ClassVar[str] = "care_plan"
    __table_args__ = (UniqueConstraint("enrollment_id", "version"),)

    id: str = Field(primary_key=True)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    version: int
    elements: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    written_at: datetime = Field(sa_type=UtcDateTime)
    written_by: PersonId = Field(foreign_key="person.id", sa_type=String)
    shared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shared_how: str | None = None
