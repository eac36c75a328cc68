"""Whose data were removed, by whom and why, and which lines of the ledger lost their texts."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.core.ids import ClinicId, PatientId, PersonId


class PatientRemovalRow(SQLModel, table=True):
    """One patient's data were removed, for good: the database itself refuses UPDATE and DELETE."""

    __tablename__: ClassVar[str] = "patient_removal"
    __table_args__ = (Index(None, "clinic_id", "at"), Index(None, "patient_id"))

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    patient_id: PatientId = Field(sa_type=String)
    because: str
    on_request: bool
    """Asked for before the time was over."""
    signed_name: str
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """How many rows of which table were deleted or emptied."""


class LedgerRedactionRow(SQLModel, table=True):
    """A line of the ledger was left without texts. The database refuses UPDATE and DELETE."""

    __tablename__: ClassVar[str] = "ledger_redaction"

    event_id: int = Field(
        sa_column=Column(
            BigInteger().with_variant(Integer, "sqlite"),
            ForeignKey("ledger_event.id"),
            primary_key=True,
            autoincrement=False,
        )
    )
    removal_id: str = Field(foreign_key="patient_removal.id", index=True)
