"""Patients in the program, who looks after them, and what they agreed to."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.app.statuses import ConsentKind, ConsentMode, EnrollmentStatus
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, PersonId, RoleId


class EnrollmentRow(SQLModel, table=True):
    """A patient in a program."""

    __tablename__: ClassVar[str] = "enrollment"
    __table_args__ = (Index(None, "clinic_id", "status"),)

    id: EnrollmentId = Field(primary_key=True, sa_type=String)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    patient_id: PatientId = Field(foreign_key="patient.id", index=True, sa_type=String)
    program: str
    """Which dated billing rules apply, e.g. `CCM`."""
    status: EnrollmentStatus = Field(sa_type=text_of(EnrollmentStatus))
    practitioner_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    """The billing practitioner; everyone else is on the care team."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    introduced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the patient or caregiver was first told of the program."""
    initiating_visit_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The visit that started the program, as staff recorded it; imports never touch it."""
    activated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_because: str | None = None


class CareTeamMemberRow(SQLModel, table=True):
    """Who has a role for one enrollment."""

    __tablename__: ClassVar[str] = "care_team_member"

    enrollment_id: EnrollmentId = Field(
        primary_key=True, foreign_key="enrollment.id", sa_type=String
    )
    role: RoleId = Field(primary_key=True, sa_type=String)
    person_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)


class ConsentRow(SQLModel, table=True):
    """
    One answer of the patient, for good: the database itself refuses UPDATE and DELETE.

    Verbal or written, always documented: what was read, who took it, when, which wording
    (Noridian CCM; NGS Care Management).
    """

    __tablename__: ClassVar[str] = "consent"

    id: str = Field(primary_key=True)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", index=True, sa_type=String)
    kind: ConsentKind = Field(sa_type=text_of(ConsentKind))
    mode: ConsentMode = Field(sa_type=text_of(ConsentMode))
    content_version: str
    """Which wording was read; see rules/consent.yaml."""
    statements_read: list[str] = Field(default_factory=list, sa_type=JSON)
    taken_by: PersonId = Field(foreign_key="person.id", sa_type=String)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    effective_from: date
    revoked_effective: date | None = None
    """The last day of the program: the end of a calendar month."""
    note: str | None = None
    practitioner_id: PersonId | None = Field(
        default=None, foreign_key="person.id", index=True, sa_type=String
    )
    """The billing practitioner that it binds."""
    signature: str | None = None
    """Where the signed form is kept, or the patient's words when it was given by word."""


class PractitionerChangeRow(SQLModel, table=True):
    """From a moment on another practitioner bills; kept for good, for consent binds one."""

    __tablename__: ClassVar[str] = "practitioner_change"

    id: str = Field(primary_key=True)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", index=True, sa_type=String)
    before_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    practitioner_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    because: str
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
