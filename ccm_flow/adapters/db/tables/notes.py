"""Notes, their signatures, and drafts. What is signed never changes; the database sees to it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, Text
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, RoleId, StepKey
from ccm_flow.core.month import Month


class NoteRow(SQLModel, table=True):
    """What was said and done; once signed it is only amended, by another note."""

    __tablename__: ClassVar[str] = "note"
    __table_args__ = (Index(None, "enrollment_id", "month"), Index(None, "author_id", "written_at"))

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
    month: Month = Field(sa_type=MonthText)
    """The month it counts for: its cycle's, or the clinic's calendar month; an amendment has that
    of its original."""
    form: str | None = None
    """The form that must be filled in before it is signed."""
    cosign_role: RoleId | None = Field(default=None, sa_type=String)
    """Who signs beside the author; without that signature the note counts as unsigned."""
    sha256: str | None = None
    """Of the content as it was signed."""
    because: str | None = None
    """Why an amendment was written."""
    similar_to: str | None = None
    """The note that this one repeats, and by how many percent."""
    similar_percent: int | None = None


class NoteCosignRow(SQLModel, table=True):
    """A second signature, below the author's."""

    __tablename__: ClassVar[str] = "note_cosign"

    note_id: str = Field(primary_key=True, foreign_key="note.id")
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    role: RoleId = Field(sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    sha256: str


class NoteDraftRow(SQLModel, table=True):
    """What a person has typed for a step and not sent yet; it is no part of the record."""

    __tablename__: ClassVar[str] = "note_draft"

    cycle_id: CycleId = Field(primary_key=True, sa_type=String)
    step_key: StepKey = Field(primary_key=True, sa_type=String)
    person_id: PersonId = Field(primary_key=True, foreign_key="person.id", sa_type=String)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    text: str = Field(default="", sa_type=Text)
    updated_at: datetime = Field(sa_type=UtcDateTime)
