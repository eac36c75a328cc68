"""Closed months, what may be billed for each patient, and what people decided. Append-only."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.core.handoff import LineAct, MonthAct
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month


class MonthActRow(SQLModel, table=True):
    """Somebody closed a clinic's month, or opened it again. The latest one counts."""

    __tablename__: ClassVar[str] = "month_act"
    __table_args__ = (UniqueConstraint("clinic_id", "month", "number"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    month: Month = Field(sa_type=MonthText)
    number: int
    """1 for the month's first act, then 2, ...; so two people cannot close it at once."""
    act: MonthAct = Field(sa_type=text_of(MonthAct))
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    because: str | None = None
    """Why it was opened again, or closed although something was not settled."""
    unsettled: list[Any] = Field(default_factory=list, sa_type=JSON)
    """What was not settled when it was closed all the same, in sentences."""


class BillingLineRow(SQLModel, table=True):
    """
    What may be billed for one patient's month, with all that it was judged by.

    A later revision names the one it replaces; no row is ever worked out again.
    """

    __tablename__: ClassVar[str] = "billing_line"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "month", "revision"),
        Index(None, "clinic_id", "month"),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    month: Month = Field(sa_type=MonthText)
    revision: int
    replaces: str | None = Field(default=None, foreign_key="billing_line.id")
    closed_by_act: str = Field(foreign_key="month_act.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    facts: str = Field(sa_type=Text)
    """Canonical JSON of everything the codes depend on."""
    facts_sha256: str
    result: str = Field(sa_type=Text)
    """Canonical JSON: codes, units, amounts and the reasoning."""
    rules: str
    """The rule file's name."""
    rules_sha256: str
    """Of the rule file's bytes: the version that was used."""


class LineActRow(SQLModel, table=True):
    """What somebody decided about a patient's line."""

    __tablename__: ClassVar[str] = "line_act"
    __table_args__ = (Index(None, "enrollment_id", "month"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    month: Month = Field(sa_type=MonthText)
    line_id: str | None = Field(default=None, foreign_key="billing_line.id", index=True)
    """None when a month was returned before a line was made."""
    act: LineAct = Field(sa_type=text_of(LineAct))
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    because: str | None = None
