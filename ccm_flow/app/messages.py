"""What a person was told, by the playbooks and of them, as a page shows it."""

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
    "emergency_access": "Somebody took emergency access to a patient",
    "alert_question": "A question of the other organization waits for you",
    "alert_notice": "The other organization missed a deadline and tells you",
    "alert_answer": "The other organization answered your question",
    "alert_unacknowledged": "Nobody of the other organization took your alert in time",
    "forecast_met": "Its first month came out as forecast",
    "forecast_missed": "Its first month came out otherwise than forecast",
}
"""What a message is about, by its code."""


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message."""

    id: str
    clinic: ClinicId
    cycle: CycleId | None
    """None for what is about no patient."""
    step: StepKey | None
    version: str | None
    """The sha256 of the playbook whose forecast it is about."""
    alert: str | None
    """The alert it is about."""
    text: str
    title: str
    """Of the step, of the month, or of the playbook."""
    patient_name: str
    """Empty for what is about no patient."""
    sent_at: datetime
    read_at: datetime | None
    still_open: bool
    """The step waits to be done; otherwise the message is only for the record."""
