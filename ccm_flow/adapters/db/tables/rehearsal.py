"""What a rehearsal needs of a month beside its ledger, and what rehearsals forecast."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import MonthText, UtcDateTime
from ccm_flow.core.ids import ClinicId, CycleId, DraftId, PersonId
from ccm_flow.core.month import Month


class CycleFactRow(SQLModel, table=True):
    """
    What a transition learned of the care record. Append-only.

    The ledger says what happened; with these rows a month can be played again from it.
    """

    __tablename__: ClassVar[str] = "cycle_fact"

    cycle_id: CycleId = Field(primary_key=True, foreign_key="cycle.id", sa_type=String)
    sequence: int = Field(primary_key=True)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """All of them with the first transition, then only those that changed."""


class ForecastRow(SQLModel, table=True):
    """What a rehearsal of one text forecast. Append-only."""

    __tablename__: ClassVar[str] = "forecast"
    __table_args__ = (
        Index(None, "clinic_id", "sha256", "made_at"),
        Index(None, "draft_id", "made_at"),
    )

    id: str = Field(primary_key=True)
    clinic_id: ClinicId = Field(foreign_key="clinic.id", sa_type=String)
    draft_id: DraftId | None = Field(default=None, foreign_key="playbook_draft.id", sa_type=String)
    """None for a file that was rehearsed at the command line."""
    sha256: str
    """Of the rehearsed plan: the forecast is for exactly this text."""
    against: Month = Field(sa_type=MonthText)
    """The recorded month it was replayed on."""
    made_by: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    """None from the command line, which knows nobody."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """The figures; names no patient."""


class ForecastAnswerRow(SQLModel, table=True):
    """
    What came of a forecast in the first month on its version. Append-only.

    One for each version at a clinic: of two workers only one can make it.
    """

    __tablename__: ClassVar[str] = "forecast_answer"

    clinic_id: ClinicId = Field(primary_key=True, foreign_key="clinic.id", sa_type=String)
    sha256: str = Field(primary_key=True, foreign_key="playbook_version.sha256")
    forecast_id: str = Field(foreign_key="forecast.id")
    month: Month = Field(sa_type=MonthText)
    compared_at: datetime = Field(sa_type=UtcDateTime)
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """The figures; names no patient."""
