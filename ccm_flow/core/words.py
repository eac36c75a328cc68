"""The fixed words of the playbook language: phases, channels, endings, requirements, triggers."""

from enum import StrEnum


class Phase(StrEnum):
    """The part of the month a step belongs to."""

    OUTREACH = "outreach"
    FOLLOW_UP = "follow_up"
    ESCALATION = "escalation"
    DOCUMENTATION = "documentation"
    READINESS = "readiness"
    REPORTING = "reporting"


class PlaybookKind(StrEnum):
    """Which place a playbook has in a program."""

    MONTHLY = "monthly"
    ENROLLMENT = "enrollment"
    EPISODE = "episode"
    """Starts with an event, such as a discharge, and closes after an amount of time."""


class Channel(StrEnum):
    """How a contact is made."""

    PHONE = "phone"
    PORTAL = "portal"
    TEXT = "text"
    LETTER = "letter"
    EMAIL = "email"
    VISIT = "visit"
    VIDEO = "video"


class Disposition(StrEnum):
    """How a cycle ended."""

    READY = "ready"
    NOT_READY = "not_ready"
    WITHDRAWN = "withdrawn"
    DECEASED = "deceased"
    ENROLLED = "enrolled"
    NOT_ENROLLED = "not_enrolled"


class Requirement(StrEnum):
    """What a month needs before it can be billed; each unmet one is a blocker."""

    CONSENT = "consent"
    CARE_PLAN = "care_plan"
    MINUTES = "minutes"
    PRACTITIONER_MINUTES = "practitioner_minutes"
    SIGNED_NOTES = "signed_notes"
    CONDITIONS = "conditions"
    NO_CONFLICTS = "no_conflicts"
    CONTACT = "contact"
    COVERAGE = "coverage"
    INITIATING_VISIT = "initiating_visit"


class Recorded(StrEnum):
    """What ending a step with an outcome puts into the care record, in the owner's name."""

    INTRODUCTION = "introduction"
    """The patient or caregiver was told of the program."""
    CONSENT = "consent"
    """The patient accepted the program."""
    REFUSAL = "refusal"
    """The patient declined the program."""
    REVOCATION = "revocation"
    """The patient takes consent back, effective at the end of the calendar month."""
    CARE_PLAN = "care_plan"
    """A new version of the care plan was written."""
    CARE_PLAN_SHARED = "care_plan_shared"
    """The patient or caregiver got a copy of the care plan."""
    INITIATING_VISIT = "initiating_visit"
    """The visit that starts the program took place."""
    SIGNATURE = "signature"
    """The owner signs the month's open notes."""


class Urgency(StrEnum):
    """How soon an escalation must be answered."""

    URGENT = "urgent"
    ROUTINE = "routine"


class Trigger(StrEnum):
    """Something that happens outside the playbook and may open steps."""

    ESCALATION = "escalation"
    ADMISSION = "admission"
    DISCHARGE = "discharge"
    LAB_RESULT = "lab_result"
    CALLBACK = "callback"


class Responsibility(StrEnum):
    """Which organization does a step."""

    CLINIC = "clinic"
    VENDOR = "vendor"
