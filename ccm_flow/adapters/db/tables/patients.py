"""What the clinic's record system says about its patients. Replaced by each import, never typed."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.adapters.db.sealed_columns import sealed_date, sealed_json, sealed_text
from ccm_flow.core.eligibility import CoverageKind
from ccm_flow.core.ids import ClinicId, PatientId


class PatientRow(SQLModel, table=True):
    """One patient of one clinic, as last imported."""

    __tablename__: ClassVar[str] = "patient"
    __table_args__ = (UniqueConstraint("clinic_id", "source", "source_id"),)

    id: PatientId = Field(primary_key=True, sa_type=String)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    mrn: str = Field(index=True, sa_type=sealed_text("patient.mrn", findable=True))
    """The record number that the clinic's staff know the patient by."""
    family_name: str = Field(sa_type=sealed_text("patient.family_name"))
    given_name: str = Field(sa_type=sealed_text("patient.given_name"))
    birth_date: date | None = Field(default=None, sa_type=sealed_date("patient.birth_date"))
    sex: str = ""
    phone: str = Field(default="", sa_type=sealed_text("patient.phone"))
    language: str = ""
    """A BCP 47 tag such as `en-US`; empty when unknown."""
    address: dict[str, Any] = Field(default_factory=dict, sa_type=sealed_json("patient.address"))
    deceased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    source: str
    """Which record system or file kind the patient came from."""
    source_id: str = Field(sa_type=sealed_text("patient.source_id", findable=True))
    """The patient's id over there."""
    content_hash: str
    """SHA-256 of everything imported, so that an unchanged patient is not written again."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ConditionRow(SQLModel, table=True):
    """A diagnosis or finding."""

    __tablename__: ClassVar[str] = "condition"

    id: str = Field(primary_key=True)
    patient_id: PatientId = Field(
        foreign_key="patient.id", ondelete="CASCADE", index=True, sa_type=String
    )
    code_system: str
    code: str
    display: str
    clinical_status: str
    onset_on: date | None = None
    recorded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    abated_on: date | None = None
    source_id: str


class CoverageRow(SQLModel, table=True):
    """Insurance over a period; `ends_on` is the last day, open when unknown."""

    __tablename__: ClassVar[str] = "coverage"

    id: str = Field(primary_key=True)
    patient_id: PatientId = Field(
        foreign_key="patient.id", ondelete="CASCADE", index=True, sa_type=String
    )
    payer: str
    kind: CoverageKind = Field(sa_type=text_of(CoverageKind))
    member_id: str | None = Field(default=None, sa_type=sealed_text("coverage.member_id"))
    starts_on: date | None = None
    ends_on: date | None = None
    source_id: str


class EncounterRow(SQLModel, table=True):
    """A visit or a stay."""

    __tablename__: ClassVar[str] = "encounter"
    __table_args__ = (Index(None, "patient_id", "kind", "starts_at", "ends_at"),)

    id: str = Field(primary_key=True)
    patient_id: PatientId = Field(foreign_key="patient.id", ondelete="CASCADE", sa_type=String)
    kind: str
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: str
    display: str
    source_id: str


class MedicationRow(SQLModel, table=True):
    """A prescription."""

    __tablename__: ClassVar[str] = "medication"

    id: str = Field(primary_key=True)
    patient_id: PatientId = Field(
        foreign_key="patient.id", ondelete="CASCADE", index=True, sa_type=String
    )
    code: str
    display: str
    status: str
    authored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    source_id: str
