"""Why a patient is at risk, as practitioners state it, and the verdicts of each month."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.core.ids import ClinicId, PatientId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.patient_facts import RiskTier


class RiskRationaleRow(SQLModel, table=True):
    """
    A practitioner's statement of the risk, for good; the latest one of a patient counts.

    Codes alone do not show significant risk of death, acute exacerbation or functional decline
    (Noridian CCM).
    """

    __tablename__: ClassVar[str] = "risk_rationale"
    __table_args__ = (Index(None, "patient_id", "at"),)

    id: str = Field(primary_key=True)
    patient_id: PatientId = Field(foreign_key="patient.id", sa_type=String)
    text: str = Field(sa_type=Text)
    tier: RiskTier = Field(sa_type=text_of(RiskTier))
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)


class EligibilityReviewRow(SQLModel, table=True):
    """
    The verdict about one patient for one month, for good.

    Kept month by month, because auditors ask years later whether a billed patient had several
    chronic conditions then (OIG Work Plan 2026).
    """

    __tablename__: ClassVar[str] = "eligibility_review"
    __table_args__ = (
        UniqueConstraint("patient_id", "month"),
        Index(None, "clinic_id", "month"),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    patient_id: PatientId = Field(foreign_key="patient.id", sa_type=String)
    month: Month = Field(sa_type=MonthText)
    judged_on: date
    eligible: bool
    reasons: list[str] = Field(default_factory=list, sa_type=JSON)
    needs: list[str] = Field(default_factory=list, sa_type=JSON)
    groups: list[str] = Field(default_factory=list, sa_type=JSON)
    evidence: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    written_at: datetime = Field(sa_type=UtcDateTime)
