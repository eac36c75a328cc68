"""Running months that went on by another version: who signed for it, and what came of each."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String, Text
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.app.move_months import Answered
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, PersonId


class MoveOrderRow(SQLModel, table=True):
    """What somebody signed: these months go on by that version. Append-only."""

    __tablename__: ClassVar[str] = "move_order"
    __table_args__ = (Index(None, "clinic_id", "sha256", "signed_at"),)

    id: ClickId = Field(primary_key=True, sa_type=String)
    """The click's: signing twice with it is signing once."""
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    sha256: str = Field(foreign_key="playbook_version.sha256")
    """The version that the months go on by."""
    signed_by: PersonId = Field(foreign_key="person.id", sa_type=String)
    name: str
    """As they typed it."""
    words: str = Field(sa_type=Text)
    """What they put their name to."""
    signed_at: datetime = Field(sa_type=UtcDateTime)
    fingerprint: str
    """Over all of it and the months; see `core.signing`."""


class MoveOrderCycleRow(SQLModel, table=True):
    """One month that was signed for. Append-only."""

    __tablename__: ClassVar[str] = "move_order_cycle"

    order_id: ClickId = Field(primary_key=True, foreign_key="move_order.id", sa_type=String)
    cycle_id: CycleId = Field(primary_key=True, foreign_key="cycle.id", sa_type=String)
    was_sha256: str = Field(foreign_key="playbook_version.sha256")
    """The version it ran on when it was signed."""


class MoveAnswerRow(SQLModel, table=True):
    """What a running month answered. Append-only; a month without one was not reached yet."""

    __tablename__: ClassVar[str] = "move_answer"

    order_id: ClickId = Field(primary_key=True, foreign_key="move_order.id", sa_type=String)
    cycle_id: CycleId = Field(primary_key=True, foreign_key="cycle.id", sa_type=String)
    answer: Answered = Field(sa_type=text_of(Answered))
    because: str
    """Why it was refused; empty otherwise."""
    sequence: int | None = None
    """The transition that it became."""
    at: datetime = Field(sa_type=UtcDateTime)


class CycleMoveRow(SQLModel, table=True):
    """A transition with which a cycle went on by another version. Append-only."""

    __tablename__: ClassVar[str] = "cycle_move"

    cycle_id: CycleId = Field(primary_key=True, foreign_key="cycle.id", sa_type=String)
    sequence: int = Field(primary_key=True)
    was_sha256: str = Field(foreign_key="playbook_version.sha256")
    sha256: str = Field(foreign_key="playbook_version.sha256")
    at: datetime = Field(sa_type=UtcDateTime)
