"""The append-only ledger, and the small tables of the program itself."""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime
from ccm_flow.core.ids import ClinicId, CycleId

_PAUSES: Final = text("kind IN ('cycle_paused', 'cycle_resumed')")


class LedgerEventRow(SQLModel, table=True):
    """
    One thing that happened, for good: the database itself refuses UPDATE and DELETE.

    `position` counts the events that one `sequence` of a cycle brought about.
    """

    __tablename__: ClassVar[str] = "ledger_event"
    __table_args__ = (
        UniqueConstraint("cycle_id", "sequence", "position"),
        Index(None, "clinic_id", "at"),
        Index(None, "clinic_id", "id"),
        # A month's minutes ask for the pauses of each cycle, and hardly any has one.
        Index("ix_ledger_event_pauses", "cycle_id", sqlite_where=_PAUSES, postgresql_where=_PAUSES),
        {"sqlite_autoincrement": True},  # an id is never given twice
    )

    id: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    )
    clinic_id: ClinicId = Field(sa_type=String)
    cycle_id: CycleId = Field(sa_type=String)
    sequence: int
    position: int
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    actor: str | None = None
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class LedgerLinkRow(SQLModel, table=True):
    """
    A line's place in its clinic's chain: its hash covers the line and every line before it.

    Apart from the line, so that a line is written at once and linked when its transaction ends.
    """

    __tablename__: ClassVar[str] = "ledger_link"
    __table_args__ = (UniqueConstraint("clinic_id", "number"),)

    event_id: int = Field(
        sa_column=Column(
            BigInteger().with_variant(Integer, "sqlite"),
            ForeignKey("ledger_event.id"),
            primary_key=True,
            autoincrement=False,
        )
    )
    clinic_id: ClinicId = Field(sa_type=String)
    number: int
    """Counts a clinic's lines from 1, without a gap."""
    sha256: str


class LedgerHeadRow(SQLModel, table=True):
    """The end of a clinic's chain: without it, lines cut off at the end would not show."""

    __tablename__: ClassVar[str] = "ledger_head"

    clinic_id: ClinicId = Field(primary_key=True, sa_type=String)
    number: int = 0
    sha256: str = ""


class SettingRow(SQLModel, table=True):
    """A value that the whole installation shares, e.g. the demo clock's offset."""

    __tablename__: ClassVar[str] = "setting"

    key: str = Field(primary_key=True)
    value: str


class ImportRunRow(SQLModel, table=True):
    """One import of patients: what was read, what changed, what could not be used."""

    __tablename__: ClassVar[str] = "import_run"
    __table_args__ = (Index(None, "clinic_id", "started_at"),)

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    source: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    problems: list[str] = Field(default_factory=list, sa_type=JSON)
