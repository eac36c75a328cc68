"""
The projection of the flow: what work queues and reports read.

Temporal owns the flow; activities write these rows, keyed by (cycle, sequence), so writing twice
is harmless. The exception is `click`: what a person did is saved here first, as a fact.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.app.statuses import ClickState
from ccm_flow.core.ids import (
    ClickId,
    ClinicId,
    CycleId,
    EnrollmentId,
    PersonId,
    RoleId,
    StepId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus


class CycleRow(SQLModel, table=True):
    """One enrollment's pass through a playbook in a month."""

    __tablename__: ClassVar[str] = "cycle"
    __table_args__ = (
        UniqueConstraint("enrollment_id", "month", "kind", "number"),
        Index(None, "clinic_id", "month", "status"),
    )

    id: CycleId = Field(primary_key=True, sa_type=String)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    enrollment_id: EnrollmentId = Field(foreign_key="enrollment.id", sa_type=String)
    kind: PlaybookKind = Field(sa_type=text_of(PlaybookKind))
    month: Month = Field(sa_type=MonthText)
    number: int = 1
    """Counts the episodes that begin in one month; always 1 for the other kinds."""
    playbook_sha256: str = Field(foreign_key="playbook_version.sha256")
    status: CycleStatus = Field(sa_type=text_of(CycleStatus))
    disposition: str | None = None
    because: str | None = None
    blockers: list[Any] = Field(default_factory=list, sa_type=JSON)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sequence: int = 0
    """The last event of the flow that this row shows."""


class StepRow(SQLModel, table=True):
    """One opening of a step. Whether it is overdue is derived from `due_at`, never stored."""

    __tablename__: ClassVar[str] = "step"
    __table_args__ = (
        Index(None, "owner_id", "status", "due_at"),
        Index(None, "clinic_id", "status", "due_at"),
    )

    cycle_id: CycleId = Field(primary_key=True, foreign_key="cycle.id", sa_type=String)
    key: StepKey = Field(primary_key=True, sa_type=String)
    step_id: StepId = Field(sa_type=String)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    round: int = 1
    """1 for the first opening in the cycle, then 2, ..."""
    title: str
    phase: str
    status: StepStatus = Field(sa_type=text_of(StepStatus))
    owner_role: RoleId = Field(sa_type=String)
    owner_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None
    ended_by: PersonId | None = Field(default=None, sa_type=String)
    """A person, or `system` when the playbook itself ended it."""
    because: str | None = None
    urgency: str | None = None
    attempts_made: int = 0
    attempts_allowed: int | None = None
    rungs_fired: int = 0
    escalated: bool = False
    expected_seconds: int = 0
    assigned: str | None = None
    """Why the owner has it."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class AttemptRow(SQLModel, table=True):
    """One try at contact."""

    __tablename__: ClassVar[str] = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(["cycle_id", "step_key"], ["step.cycle_id", "step.key"]),
    )

    cycle_id: CycleId = Field(primary_key=True, sa_type=String)
    step_key: StepKey = Field(primary_key=True, sa_type=String)
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    channel: str
    result: str
    by: PersonId = Field(sa_type=String)


class EscalationRow(SQLModel, table=True):
    """A question put to someone who has to answer by a time."""

    __tablename__: ClassVar[str] = "escalation"
    __table_args__ = (
        ForeignKeyConstraint(["cycle_id", "step_key"], ["step.cycle_id", "step.key"]),
        Index(None, "cycle_id", "step_key"),
        Index(None, "owner_id", "answered_at", "reply_due_at"),
    )

    id: str = Field(primary_key=True)
    cycle_id: CycleId = Field(sa_type=String)
    step_key: StepKey = Field(sa_type=String)
    raised_by: PersonId = Field(sa_type=String)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    urgency: str
    reply_due_at: datetime = Field(sa_type=UtcDateTime)
    to_role: RoleId = Field(sa_type=String)
    owner_id: PersonId = Field(foreign_key="person.id", sa_type=String)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: PersonId | None = Field(default=None, sa_type=String)
    answer: str | None = None
    because: str


class MessageRow(SQLModel, table=True):
    """Something a person is told: a reminder, a notice, a reassignment, how a change turned out."""

    __tablename__: ClassVar[str] = "message"
    __table_args__ = (Index(None, "to_person", "read_at", "sent_at"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", index=True, sa_type=String)
    cycle_id: CycleId | None = Field(
        default=None, foreign_key="cycle.id", index=True, sa_type=String
    )
    """None for what is about no patient."""
    step_key: StepKey | None = Field(default=None, sa_type=String)
    kind: str
    to_person: PersonId = Field(foreign_key="person.id", sa_type=String)
    to_role: RoleId = Field(sa_type=String)
    sent_at: datetime = Field(sa_type=UtcDateTime)
    text_code: str
    """Which sentence to show; the words are put together when it is read."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ClickRow(SQLModel, table=True):
    """What a person clicked and typed, saved before anything is done with it."""

    __tablename__: ClassVar[str] = "click"
    __table_args__ = (Index(None, "state", "received_at"),)

    id: ClickId = Field(primary_key=True, sa_type=String)
    cycle_id: CycleId = Field(index=True, sa_type=String)
    step_key: StepKey | None = Field(default=None, sa_type=String)
    kind: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    by: PersonId = Field(sa_type=String)
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: ClickState = Field(default=ClickState.PENDING, sa_type=text_of(ClickState))
    answer: str | None = None
    """The sentence the person got when the click was refused."""
