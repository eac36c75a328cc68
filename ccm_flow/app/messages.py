"""What the playbooks told a person, as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.ids import ClinicId, CycleId, StepKey

TEXTS: Mapping[str, str] = {
    "deadline_ahead": "The deadline is near",
    "deadline_passed": "The deadline has passed",
    "step_given": "This is yours now",
    "step_taken": "A colleague has this now",
    "needs_decision": "Your decision is needed",
    "nobody_else": "This is yours, because nobody else can have it now",
}
"""What a message is about, by its code."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message."""

    id: str
    clinic: ClinicId
    cycle: CycleId
    step: StepKey | None
    text: str
    title: str
    """Of the step, or of the month."""
    patient_name: str
    sent_at: datetime
    read_at: datetime | None
    still_open: bool
    """The step waits to be done; otherwise the message is only for the record."""
