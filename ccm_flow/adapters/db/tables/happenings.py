"""
What happened to patients outside the playbook: told, acted on, answered. All append-only.

An error is put right by a further row that names the one it voids.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, HappeningId, PatientId, PersonId


class HappeningRow(SQLModel, table=True):
    """One thing that somebody told, kept before anything was done with it."""

    __tablename__: ClassVar[str] = "happening"
    __table_args__ = (Index(None, "patient_id", "at"), Index(None, "clinic_id", "received_at"))

    id: HappeningId = Field(primary_key=True, sa_type=String)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    patient_id: PatientId = Field(foreign_key="patient.id", sa_type=String)
    enrollment_id: EnrollmentId | None = Field(
        default=None, foreign_key="enrollment.id", sa_type=String
    )
    """None when it concerns every program the patient is in."""
    kind: HappeningKind = Field(sa_type=text_of(HappeningKind))
    at: datetime = Field(sa_type=UtcDateTime)
    """When it happened, as told."""
    told_by: PersonId = Field(sa_type=String)
    """A person, or `system` when a record system told it."""
    source: str = ""
    """Which one: `import of export.json`."""
    detail: str = ""
    voids: HappeningId | None = Field(
        default=None, foreign_key="happening.id", index=True, sa_type=String
    )
    """The telling that this one takes back."""
    received_at: datetime = Field(sa_type=UtcDateTime)


class HappeningEffectRow(SQLModel, table=True):
    """What a cycle was told because of it, and whether it took it."""

    __tablename__: ClassVar[str] = "happening_effect"

    happening_id: HappeningId = Field(primary_key=True, foreign_key="happening.id", sa_type=String)
    cycle_id: CycleId = Field(primary_key=True, index=True, sa_type=String)
    event: str = Field(primary_key=True)
    """The kind of event, e.g. `cycle_paused`."""
    sequence: int | None = None
    """The transition it became; None when it was refused."""
    refused: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class HappeningAnswerRow(SQLModel, table=True):
    """What came of it; there is none as long as it still waits to be acted on."""

    __tablename__: ClassVar[str] = "happening_answer"

    happening_id: HappeningId = Field(primary_key=True, foreign_key="happening.id", sa_type=String)
    settled_at: datetime = Field(sa_type=UtcDateTime)
    said: list[str] = Field(default_factory=list, sa_type=JSON)
    """Sentences for people."""
    taken: bool
    """False when nobody's work changed and somebody should look."""
