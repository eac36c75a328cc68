"""Who looked at a patient out of turn, and why."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, PersonId


class EmergencyAccessRow(SQLModel, table=True):
    """One emergency access. The database itself refuses UPDATE and DELETE."""

    __tablename__: ClassVar[str] = "emergency_access"
    __table_args__ = (
        Index(None, "person_id", "until"),
        Index(None, "clinic_id", "begun_at"),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    patient_id: PatientId = Field(sa_type=String)
    enrollment_id: EnrollmentId = Field(sa_type=String)
    person_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    because: str
    begun_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
