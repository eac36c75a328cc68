"""What people of the clinic put right about a patient; imports never touch it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index, Integer, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.adapters.db.sealed_columns import sealed_json
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.ids import PatientId, PersonId


class PatientEditRow(SQLModel, table=True):
    """One edit, for good: the latest of a field wins over every import."""

    __tablename__: ClassVar[str] = "patient_edit"
    __table_args__ = (
        Index(None, "patient_id", "field"),
        {"sqlite_autoincrement": True},  # an id is never given twice
    )

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    )
    """Also says which of two edits is the later one."""
    patient_id: PatientId = Field(foreign_key="patient.id", sa_type=String)
    field: PatientField = Field(sa_type=text_of(PatientField))
    value: Any = Field(sa_column=Column(sealed_json("patient_edit.value"), nullable=True))
    """A text, or an address as named texts; null: what the import says holds again."""
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
