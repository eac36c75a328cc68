"""Care plans: each version, who approved it, and the proof that it was given to the patient."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.core.ids import EnrollmentId, PersonId


class CarePlanRow(SQLModel, table=True):
    """One version of a patient's care plan, for good."""

    __tablename__: ClassVar[str] = "care_plan"
    __table_args__ = (UniqueConstraint("enrollment_id", "version"),)

    id: str = Field(primary_key=True)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    version: int
    elements: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    written_at: datetime = Field(sa_type=UtcDateTime)
    written_by: PersonId = Field(foreign_key="person.id", sa_type=String)


class CarePlanApprovalRow(SQLModel, table=True):
    """A practitioner stands by a version, once or again at a review."""

    __tablename__: ClassVar[str] = "care_plan_approval"

    id: str = Field(primary_key=True)
    care_plan_id: str = Field(foreign_key="care_plan.id", index=True)
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    sha256: str
    """Of the elements that were approved."""


class CarePlanShareRow(SQLModel, table=True):
    """The patient or caregiver was given a version."""

    __tablename__: ClassVar[str] = "care_plan_share"

    id: str = Field(primary_key=True)
    care_plan_id: str = Field(foreign_key="care_plan.id", index=True)
    to_whom: ShareWith = Field(sa_type=text_of(ShareWith))
    how: ShareWay = Field(sa_type=text_of(ShareWay))
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
