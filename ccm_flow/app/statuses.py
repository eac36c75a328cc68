"""
The words that the record stores, each as one closed list.

They are written to the database as the text you see here, so a value may be added, but never
renamed without a migration.
"""

from enum import StrEnum

# The core needs these two; the record stores them with the others.
from ccm_flow.core.consent import ConsentKind as ConsentKind  # noqa: PLC0414
from ccm_flow.core.consent import ConsentMode as ConsentMode  # noqa: PLC0414


class OrganizationKind(StrEnum):
    """Who employs a person: the clinic itself or a managed-service vendor."""

    CLINIC = "clinic"
    VENDOR = "vendor"


class ClinicStatus(StrEnum):
    """Whether new months open for a clinic."""

    ACTIVE = "active"
    PAUSED = "paused"


class EnrollmentStatus(StrEnum):
    """How far a patient is in the program."""

    IDENTIFIED = "identified"
    INTRODUCED = "introduced"
    CONSENTED = "consented"
    ACTIVE = "active"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class TimeSource(StrEnum):
    """Where minutes come from; `simulated` ones never leave a demo."""

    TIMER = "timer"
    MANUAL = "manual"
    SIMULATED = "simulated"


class ClickState(StrEnum):
    """What became of a click after it was saved."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


class ServiceOrigin(StrEnum):
    """How a billed service came to be known."""

    IMPORT = "import"
    PERSON = "person"


class PatientField(StrEnum):
    """What people of the clinic may put right about a patient."""

    PHONE = "phone"
    LANGUAGE = "language"
    PREFERRED_CHANNEL = "preferred_channel"
    CONTACT_HOURS = "contact_hours"
    ADDRESS = "address"


class ClickEnd(StrEnum):
    """How passing a click on ended, as it is measured."""

    TAKEN = "taken"
    REFUSED = "refused"
    AWAY = "away"
    """The Temporal server did not answer; the click is kept and passed on later."""
    FAILED = "failed"
