"""Who works for whom, who does what at a clinic from when, and who is away."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    OrganizationId,
    PersonId,
    RoleId,
    StepId,
    StepKey,
)
from ccm_flow.core.moving import MoveKind


class MembershipRow(SQLModel, table=True):
    """A person works for an organization beside the one that keeps their entry."""

    __tablename__: ClassVar[str] = "membership"

    person_id: PersonId = Field(primary_key=True, foreign_key="person.id", sa_type=String)
    organization_id: OrganizationId = Field(
        primary_key=True, foreign_key="organization.id", index=True, sa_type=String
    )
    from_day: date = Field(primary_key=True)
    until_day: date | None = None
    """The last day; None without an end."""


class ClinicVendorRow(SQLModel, table=True):
    """A vendor works at a clinic: its managers see the clinic on these days."""

    __tablename__: ClassVar[str] = "clinic_vendor"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    organization_id: OrganizationId = Field(
        primary_key=True, foreign_key="organization.id", index=True, sa_type=String
    )
    from_day: date = Field(primary_key=True)
    until_day: date | None = None


class ClinicStaffRow(SQLModel, table=True):
    """What holds for a person at one clinic, beside their roles there."""

    __tablename__: ClassVar[str] = "clinic_staff"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    person_id: PersonId = Field(
        primary_key=True, foreign_key="person.id", index=True, sa_type=String
    )
    capacity: int | None = None
    """The most steps open at a time; None for no limit."""
    works_from: str | None = None
    """Clinic time; the clinic's hours when None."""
    works_until: str | None = None
    until_day: date | None = None
    """The last day on this clinic's staff; None without an end."""


class ResponsibilityRow(SQLModel, table=True):
    """
    One line of a clinic's responsibility map, for good: a later one takes its place.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "responsibility"
    __table_args__ = (Index(None, "clinic_id", "from_day"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    role: RoleId | None = Field(default=None, sa_type=String)
    step_id: StepId | None = Field(default=None, sa_type=String)
    organization_id: OrganizationId | None = Field(
        default=None, foreign_key="organization.id", sa_type=String
    )
    """None leaves it open to anybody with the role."""
    from_day: date
    because: str
    set_by: PersonId | None = Field(default=None, sa_type=String)
    """None for the clinic's file."""
    set_at: datetime = Field(sa_type=UtcDateTime)
    position: int
    """Counts the lines that were written down together."""


class AbsenceRow(SQLModel, table=True):
    """
    A person is away; a row that replaces another one changes or ends it.

    The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "absence"

    id: str = Field(primary_key=True)
    person_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)
    from_day: date
    until_day: date | None = None
    cover_id: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    because: str = ""
    told_by: PersonId | None = Field(default=None, sa_type=String)
    told_at: datetime = Field(sa_type=UtcDateTime)
    replaces_id: str | None = Field(default=None, foreign_key="absence.id")
    never_was: bool = False
    """Takes back the one it replaces."""


class StepMoveRow(SQLModel, table=True):
    """
    An open step went from one person to another because of something beside the flow.

    Both sides stay on record. The database itself refuses UPDATE and DELETE.
    """

    __tablename__: ClassVar[str] = "step_move"
    __table_args__ = (
        Index(None, "cycle_id", "step_key"),
        Index(None, "clinic_id", "at"),
    )

    id: str = Field(primary_key=True)
    """Also the click's that moved it."""
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    cycle_id: CycleId = Field(foreign_key="cycle.id", sa_type=String)
    step_key: StepKey = Field(sa_type=String)
    kind: MoveKind = Field(sa_type=text_of(MoveKind))
    from_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)
    from_role: RoleId = Field(sa_type=String)
    to_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)
    to_role: RoleId = Field(sa_type=String)
    because: str
    by: PersonId = Field(sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
