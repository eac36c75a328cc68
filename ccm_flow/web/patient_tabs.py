"""The parts of a patient's page, and what is said after something was done there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, Field

from ccm_flow.core.errors import CcmError


class Tab(StrEnum):
    """The parts of the page."""

    MONTH = "month"
    TIME = "time"
    NOTES = "notes"
    PLAN = "plan"
    CONSENT = "consent"
    CONTACTS = "contacts"
    OUTSIDE = "outside"
    ALERTS = "alerts"
    HISTORY = "history"
    DETAILS = "details"
    ACCESS = "access"


TITLES_OF: Final[Mapping[Tab, str]] = {
    Tab.MONTH: "This month",
    Tab.TIME: "Time",
    Tab.NOTES: "Notes",
    Tab.PLAN: "Care plan",
    Tab.CONSENT: "Consent",
    Tab.CONTACTS: "Contacts",
    Tab.OUTSIDE: "Outside events",
    Tab.ALERTS: "Alerts",
    Tab.HISTORY: "History",
    Tab.DETAILS: "Details",
    Tab.ACCESS: "Who looked",
}
DONE: Final[Mapping[str, str]] = {
    "happening": "It is recorded. What it led to is written below it.",
    "kept": "It is recorded. The running months are told of it as soon as the server is back.",
    "paused": "The clocks stand still until somebody resumes.",
    "resumed": "The clocks run again.",
    "signed": "The note is signed.",
    "cosigned": "The note is co-signed.",
    "amended": "Your addition is kept below the note. Sign it there.",
    "approved": "The care plan is approved.",
    "plan": "The next version is kept.",
    "shared": "It is recorded that the plan was given.",
    "revoked": "It is recorded that the patient takes consent back.",
    "time": "The time is kept.",
    "corrected": "A new entry stands in the place of the old one.",
    "risk": "The statement is recorded.",
    "practitioner": "The billing practitioner is changed; a new consent is needed from next month.",
    "edited": "It is put right.",
    "nothing": "Nothing was different, so nothing was changed.",
}
"""What a page says after something was done; only the word is in the address."""


class Looking(BaseModel):
    """Which part of the page, and of which month; words that are not known are as good as none."""

    show: str = ""
    of: str = Field(default="", max_length=40)
    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    done: str = ""

    @property
    def tab(self) -> Tab:
        """The part that is shown."""
        return Tab(self.show) if self.show in set(Tab) else Tab.MONTH


@dataclass(frozen=True)
class Refused:
    """A form that was not taken: which one, why, and everything that was typed."""

    form: str
    problem: CcmError
    typed: Mapping[str, str]
