"""Drafts of playbooks, what people decided about them, and what was published when by whom."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Index, String, Text
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime, text_of
from ccm_flow.core.drafts import DraftEventKind
from ccm_flow.core.ids import ClinicId, DraftId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


class PlaybookDraftRow(SQLModel, table=True):
    """A draft; its texts are rows of their own."""

    __tablename__: ClassVar[str] = "playbook_draft"
    __table_args__ = (Index(None, "clinic_id", "begun_at"),)

    id: DraftId = Field(primary_key=True, sa_type=String)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    begun_from: str
    """What it started as, e.g. `ccm-monthly@1`."""
    begun_by: PersonId = Field(foreign_key="person.id", sa_type=String)
    begun_at: datetime = Field(sa_type=UtcDateTime)


class DraftTextRow(SQLModel, table=True):
    """One text of a draft as it was saved. Append-only: nothing that was typed is lost."""

    __tablename__: ClassVar[str] = "draft_text"

    draft_id: DraftId = Field(primary_key=True, foreign_key="playbook_draft.id", sa_type=String)
    revision: int = Field(primary_key=True)
    """From 1, one more with each change."""
    title: str
    """The playbook's title in it; empty where it could not be read."""
    text: str = Field(sa_type=Text)
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)


class DraftEventRow(SQLModel, table=True):
    """What was asked, approved, sent back or published. Append-only."""

    __tablename__: ClassVar[str] = "draft_event"

    draft_id: DraftId = Field(primary_key=True, foreign_key="playbook_draft.id", sa_type=String)
    number: int = Field(primary_key=True)
    """From 1, in the order in which it happened."""
    kind: DraftEventKind = Field(sa_type=text_of(DraftEventKind))
    revision: int
    sha256: str
    by: PersonId = Field(foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(sa_type=Text)
    month: Month | None = Field(default=None, sa_type=MonthText)


class PlaybookPublicationRow(SQLModel, table=True):
    """Who made a clinic use a version from a month on, and when. Append-only."""

    __tablename__: ClassVar[str] = "playbook_publication"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    number: int = Field(primary_key=True)
    """From 1 at each clinic, in the order in which it happened."""
    kind: PlaybookKind = Field(sa_type=text_of(PlaybookKind))
    from_month: Month = Field(sa_type=MonthText)
    sha256: str = Field(foreign_key="playbook_version.sha256")
    by: PersonId | None = Field(default=None, sa_type=String)
    """None from the command line, which knows nobody."""
    approved_by: PersonId | None = Field(default=None, sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", sa_type=Text)
