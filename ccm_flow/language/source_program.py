"""The form of what a playbook says once for all its steps: contact, notes, time, readiness."""

from typing import Annotated

from pydantic import Field

from ccm_flow.core.note_forms import FieldType
from ccm_flow.core.words import Requirement
from ccm_flow.language.source_base import (
    DateText,
    HoursText,
    Source,
    Text,
    one_of,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKWEEK = list(WEEKDAYS[:5])

__all__ = [
    "ContactSource",
    "DocumentationSource",
    "NoteFieldSource",
    "NoteSource",
    "ReadinessSource",
    "RoleSource",
]


class RoleSource(Source):
    """A kind of person who does steps."""

    title: Text | None = Field(None, description="What people call the role: Care coordinator.")


class ContactSource(Source):
    """When, in which language and by which channel patients are reached."""

    hours: HoursText = Field(
        description="The hours of the day, by the clinic's clock, in which patients are called, "
        "texted or visited, e.g. 09:00-19:00. The next attempt is planned inside them; letters, "
        "e-mail and portal messages go at any hour."
    )
    days: list[Annotated[str, Field(json_schema_extra={"enum": list(WEEKDAYS)})]] = Field(
        WORKWEEK, description="The days of the week, e.g. [mon, tue, sat]."
    )
    language: Text = Field(
        "patient",
        description="The language of scripts: patient (the one they prefer, English where a "
        "script has no such version) or one for all, e.g. en.",
    )
    channel: Text = Field(
        "planned",
        description="The channel of a step's first attempt: planned (the first of its list) or "
        "patient (the one they prefer, if it is in the list).",
        json_schema_extra={"enum": ["planned", "patient"]},
    )


class NoteFieldSource(Source):
    """One field of a note."""

    title: Text | None = Field(None, description="What people see; made from the id.")
    type: Text | None = Field(
        None,
        description="What is written into it; text when left out, choice when `choices` is there.",
        json_schema_extra=one_of(FieldType),
    )
    required: bool = Field(False, description="The note cannot be signed without it.")
    min: int | None = Field(
        None, description="The least number; of a text, the fewest characters.", ge=-9999, le=99_999
    )
    max: int | None = Field(
        None, description="The largest number; of a text, the most characters.", ge=-9999, le=99_999
    )
    choices: list[Text] | None = Field(None, description="What can be chosen: [good, fair, poor].")


class NoteSource(Source):
    """The structure of one kind of note."""

    title: Text | None = Field(None, description="What people see; made from the id.")
    fields: dict[str, NoteFieldSource | None] = Field(
        description="The fields, in the order in which they are shown."
    )
    cosign: Text | None = Field(
        None, description="The role that signs beside the author, e.g. practitioner."
    )


class DocumentationSource(Source):
    """The days of the month kept for completing and signing notes."""

    window: Text = Field(
        description="last 3 business days, or business day 18 to business day 20. Steps can name "
        "its borders: `at: documentation start`, `due: documentation end`.",
        json_schema_extra={
            "pattern": r"^\s*(last [0-9]+ business days?|.+ to .+)\s*$",
            "examples": ["last 3 business days"],
        },
    )
    roles: list[Text] = Field([], description="Who keeps them free; everybody when left out.")


class ReadinessSource(Source):
    """From when and for what the month is checked."""

    from_: DateText = Field(
        alias="from", description="The first day of checking, e.g. business day -5."
    )
    requires: list[Annotated[str, Field(json_schema_extra=one_of(Requirement))]] = Field(
        description="What the month needs before it can be billed."
    )
    minimum_minutes: int = Field(
        20, description="How many minutes of work the month needs.", ge=0, le=600
    )
    minimum_practitioner_minutes: int = Field(
        30,
        description="How many minutes of the billing practitioner's own work the month needs, "
        "where `practitioner_minutes` is required.",
        ge=1,
        le=600,
    )
    minimum_conditions: int = Field(
        2,
        description="How many chronic conditions must be documented: two for chronic care "
        "management, one for principal care.",
        ge=1,
        le=10,
    )
