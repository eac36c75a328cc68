"""Organizations, their clinics and the days a clinic stays closed."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.app.statuses import ClinicStatus, OrganizationKind
from ccm_flow.core.billing.model import LocalityId, Place
from ccm_flow.core.consent import VerbalConsent
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId


class OrganizationRow(SQLModel, table=True):
    """A clinic's owner or a managed-service vendor."""

    __tablename__: ClassVar[str] = "organization"

    id: OrganizationId = Field(primary_key=True, sa_type=String)
    name: str
    kind: OrganizationKind = Field(sa_type=text_of(OrganizationKind))


class ClinicRow(SQLModel, table=True):
    """One clinic and its working week."""

    __tablename__: ClassVar[str] = "clinic"

    id: ClinicId = Field(primary_key=True, sa_type=String)
    organization_id: OrganizationId = Field(
        foreign_key="organization.id", index=True, sa_type=String
    )
    name: str
    time_zone: str
    """An IANA name, e.g. `America/New_York`."""
    opens: str = "09:00"
    """Clinic time."""
    closes: str = "17:00"
    """Clinic time."""
    working_days: str = "mon tue wed thu fri"
    status: ClinicStatus = Field(default=ClinicStatus.ACTIVE, sa_type=text_of(ClinicStatus))
    phone: str | None = None
    """The number patients call back."""
    timer_limit_minutes: int | None = None
    """A timer that ran longer asks for the real end; the program's own limit when None."""
    program_owner_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    verbal_consent: VerbalConsent | None = Field(default=None, sa_type=text_of(VerbalConsent))
    """From whom consent is taken by word; from everybody when nothing is said."""
    billing_place: Place | None = Field(default=None, sa_type=text_of(Place))
    """Where its patients are usually seen; an office when nothing is said."""
    billing_locality: LocalityId | None = Field(default=None, sa_type=String)
    """Whose amounts are paid; the national ones when None."""
    place_of_service: str | None = None
    """The two digits on its claims; those of the kind of place when None."""
    profile: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """What else its file says: branding, outreach numbers, documentation windows, columns."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class ClinicClosureRow(SQLModel, table=True):
    """A day on which a clinic does not open, beside holidays and weekends."""

    __tablename__: ClassVar[str] = "clinic_closure"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    day: date = Field(primary_key=True)
    reason: str
