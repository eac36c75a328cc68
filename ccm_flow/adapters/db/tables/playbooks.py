"""Published playbooks, kept whole for ever, and which one a clinic uses from which month."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.core.ids import ClinicId, PersonId, PlaybookId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


class PlaybookVersionRow(SQLModel, table=True):
    """One published version: what the author wrote and the compiled plan, by content."""

    __tablename__: ClassVar[str] = "playbook_version"
    __table_args__ = (UniqueConstraint("playbook", "version"),)

    sha256: str = Field(primary_key=True)
    playbook: PlaybookId = Field(sa_type=String)
    version: int
    title: str
    source: str = Field(sa_type=Text)
    """The YAML as it was published."""
    plan: str = Field(sa_type=Text)
    """The compiled plan as JSON text, byte for byte what a cycle is started with."""
    published_at: datetime = Field(sa_type=UtcDateTime)
    published_by: PersonId | None = Field(default=None, sa_type=String)


class ClinicPlaybookRow(SQLModel, table=True):
    """From `from_month` on, cycles of this kind at this clinic start with this version."""

    __tablename__: ClassVar[str] = "clinic_playbook"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    kind: PlaybookKind = Field(primary_key=True, sa_type=text_of(PlaybookKind))
    from_month: Month = Field(primary_key=True, sa_type=MonthText)
    sha256: str = Field(foreign_key="playbook_version.sha256")
