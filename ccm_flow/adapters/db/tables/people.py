"""The people who do the work, and the roles they have at each clinic."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId, RoleId


class PersonRow(SQLModel, table=True):
    """Someone on the staff of a clinic or a vendor; never a patient."""

    __tablename__: ClassVar[str] = "person"

    id: PersonId = Field(primary_key=True, sa_type=String)
    organization_id: OrganizationId = Field(
        foreign_key="organization.id", index=True, sa_type=String
    )
    name: str
    email: str | None = None
    active: bool = True
    credential: Credential | None = Field(default=None, sa_type=text_of(Credential))
    """The licence, which decides whose minutes theirs are; None when the file does not say."""
    npi: str | None = None
    """A practitioner's National Provider Identifier."""
    languages: str | None = None
    """Short tags with blanks between, e.g. `en es`; None when nothing is said."""
    licensed_in: str | None = None
    """States with blanks between, e.g. `MA NH`."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class StaffRoleRow(SQLModel, table=True):
    """One role that a person has at a clinic."""

    __tablename__: ClassVar[str] = "staff_role"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    role: RoleId = Field(primary_key=True, sa_type=String)
    person_id: PersonId = Field(
        primary_key=True, foreign_key="person.id", index=True, sa_type=String
    )
