"""What people stated about a patient's billing; append-only."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.core.billing.stated import FactKind
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month


class BillingFactRow(SQLModel, table=True):
    """One statement, for good; a later one of its kind and month takes its place."""

    __tablename__: ClassVar[str] = "billing_fact"
    __table_args__ = (Index(None, "enrollment_id", "month"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    month: Month = Field(sa_type=MonthText)
    """The month it is about; for what lasts, the first one."""
    kind: FactKind = Field(sa_type=text_of(FactKind))
    value: str
    """As it was stated: `yes`, `moderate`, `G0506@2026-12-04`."""
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
