"""The append-only ledger, and the small tables of the program itself."""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, UniqueConstraint, text
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
