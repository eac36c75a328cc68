"""The API's steps: what is read of them, and what is done to them."""

from datetime import datetime

from pydantic import AwareDatetime, Field

from ccm_flow.core.plan import Channel, PlaybookKind
from ccm_flow.core.state import StepStatus
from ccm_flow.web.api.models import ID, TEXT, In, Out, Page, Reason, Words, example


class StepLine(Out):
    """One open step on the queue."""

    cycle: str = Field(description="The pass that the step is in.")
    key: str = Field(description="The step's name in it.", json_schema_extra=example("outreach"))
    title: str = Field(description="What is to be done.")
    phase: str = Field(description="The part of the month it belongs to.")
    kind: PlaybookKind = Field(description="The kind of playbook.")
    month: str = Field(description="The month of the pass.", json_schema_extra=example("2026-12"))
    enrollment: str = Field(description="Whose step it is.")
    patient: str = Field(description="The patient's id.")
    patient_name: str = Field(description="The patient's name.")
    owner: str = Field(description="Who has it now.", json_schema_extra=example("elm.maria"))
    owner_name: str = Field(description="Their name.")
    role: str = Field(
        description="The role they have it in.", json_schema_extra=example("coordinator")
    )
    opened_at: datetime = Field(description="Since when it is open.")
    due_at: datetime | None = Field(description="Until when; null while the month is paused.")
    late: bool = Field(description="Whether its deadline has passed.")
    urgency: str | None = Field(description="Of a question: routine or urgent.")
    outcomes: list[str] = Field(description="What it may be completed with.")


class QueuePage(Page[StepLine]):
    """A part of the clinic's open steps."""


class Step(Out):
    """One opening of a step, open or ended."""

    cycle: str = Field(description="The pass that the step is in.")
    key: str = Field(description="The step's name in it.", json_schema_extra=example("outreach"))
    title: str = Field(description="What is to be done.")
    phase: str = Field(description="The part of the month it belongs to.")
    kind: PlaybookKind = Field(description="The kind of playbook.")
    month: str = Field(description="The month of the pass.", json_schema_extra=example("2026-12"))
    enrollment: str = Field(description="Whose step it is.")
    patient: str = Field(description="The patient's id.")
    owner: str = Field(description="Who has it, or had it last.")
    owner_name: str = Field(description="Their name.")
    role: str = Field(description="The role they have it in.")
    role_title: str = Field(description="The role, for a person.")
    status: StepStatus = Field(description="Where it stands; all but open are final.")
    opened_at: datetime = Field(description="When it was opened.")
    due_at: datetime | None = Field(description="Its deadline; null while the month is paused.")
    ended_at: datetime | None = Field(description="When it ended.")
    outcome: str | None = Field(description="How it ended.")
    because: str | None = Field(description="Why, if a reason was given.")
    urgency: str | None = Field(description="Of a question: routine or urgent.")
    attempts_made: int = Field(description="Tries at contact so far.")
    attempts_allowed: int | None = Field(description="How many there may be; null without tries.")
    outcomes: list[str] = Field(description="What it may be completed with now.")


class Complete(In):
    """How a step ended, or what one try at contact came to."""

    outcome: ID = Field(
        description="One of the step's `outcomes`.", json_schema_extra=example("reached")
    )
    channel: Channel | None = Field(
        default=None, description="How contact was made; the planned way when left out."
    )
    seconds: int = Field(
        default=0,
        ge=0,
        le=28_800,
        description="How long the work took; nothing is kept for 0.",
        json_schema_extra=example(720),
    )
    started_at: AwareDatetime | None = Field(
        default=None, description="When the work began; so that it ends now when left out."
    )
    note: Words = Field(default="", description="What was said; the person signs it themselves.")
    fields: dict[str, str | int | float | bool | None] = Field(
        default_factory=dict, max_length=200, description="The fields of the step's note form."
    )


class Escalate(In):
    """A question to somebody else, with a clock for the reply."""

    because: Reason
    urgent: bool = Field(default=False, description="Whether it cannot wait for the usual time.")
    to: ID | None = Field(
        default=None, description="The role that should answer; the playbook's own when left out."
    )


class Extend(In):
    """More time for a step."""

    extra: str = Field(
        max_length=60,
        pattern=TEXT,
        description="How much, counted from now.",
        json_schema_extra=example("2 business days"),
    )
    because: Reason


class Reassign(In):
    """A step for somebody else."""

    to: ID = Field(description="The person's id.", json_schema_extra=example("elm.nat"))
    role: ID = Field(description="The role they get it in.", json_schema_extra=example("nurse"))
    because: Reason


class Skip(In):
    """An optional step that is not needed."""

    because: Reason


class Done(Out):
    """What was done to a cycle."""

    cycle: str = Field(description="The pass it was done in.")
    sequence: int = Field(description="Its number among all that happened there.")
    led_to: list[str] = Field(description="What came of it, as sentences.")
