"""What the API is told of that happens outside the playbook."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from ccm_flow.core.happening import HappeningKind
from ccm_flow.web.api.models import ID, In, Out, Words, example


class Tell(In):
    """Something that happened to a patient outside the playbook."""

    mrn: ID | None = Field(
        default=None,
        description="The clinic's record number; or give `patient`.",
        json_schema_extra=example("MRN0"),
    )
    patient: ID | None = Field(default=None, description="The patient's id; or give `mrn`.")
    at: AwareDatetime | None = Field(
        default=None,
        description="When it happened; now when left out.",
        json_schema_extra=example("2026-12-07T14:30:00-05:00"),
    )
    note: Words = Field(default="", description="What was said, or the result's text.")


class TellKind(Tell):
    """The same, with its kind."""

    kind: HappeningKind = Field(description="What happened.")


class Told(Out):
    """What came of a telling."""

    id: str = Field(description="The telling's id.")
    patient: str = Field(description="The patient's id.")
    kind: HappeningKind = Field(description="What happened.")
    at: datetime = Field(description="When, to the minute.")
    settled: bool = Field(
        description="Whether the running months know of it; false while the server is away: it is "
        "kept and carried out later by itself."
    )
    led_to: list[str] = Field(description="What came of it, as sentences.")
    opened: str | None = Field(description="The episode that it opened.")
