"""
The form of a playbook file, as strict models.

Each field's description is what the reference page and the editors' JSON Schema show. Models
say only what form a value has; names, times and flow are judged by the checks, so that their
problems come with a suggestion.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from ccm_flow.core.plan import (
    Channel,
    Disposition,
    Phase,
    PlaybookKind,
    Recorded,
    Requirement,
    Trigger,
)


def _one_of(words: type[StrEnum]) -> dict[str, Any]:
    """Offer an enumeration's words to editors; the check itself suggests the nearest one."""
    return {"enum": [word.value for word in words]}


def _ids_to_bodies(value: Any) -> Any:
    """Take the short form, a list of ids, for a mapping of ids without bodies."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return dict.fromkeys(value)
    return value


def _shape(value: Any) -> str:
    return "parts" if isinstance(value, (dict, BaseModel)) else "text"


def _list_shape(value: Any) -> str:
    return "list" if isinstance(value, list) else "text"


Text = Annotated[str, Field(min_length=1, max_length=500)]
TextOrList = Annotated[
    Annotated[Text, Tag("text")] | Annotated[list[Text], Tag("list")],
    Discriminator(_list_shape),
]


class _Source(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RoleSource(_Source):
    """A kind of person who does steps."""

    title: Text | None = Field(None, description="What people call the role: Care coordinator.")


class OutcomeSource(_Source):
    """One way a step can end, and what follows."""

    title: Text | None = Field(None, description="The words on the button; made from the id.")
    go: Text | None = Field(
        None, description="The step that this outcome opens, again if it was done before."
    )
    end: Text | None = Field(
        None,
        description="Ends the whole cycle this way.",
        json_schema_extra=_one_of(Disposition),
    )
    because: Text | None = Field(
        None, description="The named reason of an ending, e.g. unreachable."
    )
    contact: bool = Field(False, description="The patient or a caregiver was reached.")
    records: list[Annotated[str, Field(json_schema_extra=_one_of(Recorded))]] = Field(
        [], description="What this outcome puts into the care record, e.g. [consent]."
    )


class AttemptsSource(_Source):
    """How often, how far apart and by which channel contact is tried."""

    max: int = Field(description="How many attempts there are.", ge=1, le=30)
    every: Text = Field(description="How far apart they are, e.g. 2 business days.")
    channels: list[Annotated[str, Field(json_schema_extra=_one_of(Channel))]] = Field(
        description="The channel of the 1st, 2nd, ... attempt; the last one repeats."
    )
    results: list[Text] = Field(
        ["no_answer", "left_message"],
        description="What an attempt can come to that leaves the step open.",
    )
    then: Text = Field("unreachable", description="The outcome once the last attempt has failed.")


class DueByUrgencySource(_Source):
    """The reply clocks of an escalation."""

    urgent: Text = Field(description="The deadline of an urgent one, e.g. 2 business hours.")
    routine: Text = Field(description="The deadline of any other, e.g. 1 business day.")


class StepSource(_Source):
    """One piece of work: who does it, from when, until when, and what comes of it."""

    id: Text = Field(description="The step's name in this file: small letters, digits and _.")
    title: Text | None = Field(None, description="What people see; made from the id.")
    phase: Text | None = Field(
        None,
        description="The part of the month it belongs to.",
        json_schema_extra=_one_of(Phase),
    )
    owner: Text = Field(description="The role that does it.")
    after: TextOrList | None = Field(
        None,
        description="What it waits for: step, step.outcome, ended(step), joined by and, or; "
        "a list means all of them.",
    )
    at: Text | None = Field(
        None, description="Opens no earlier than this date in the month, e.g. business day 2."
    )
    on: Text | None = Field(
        None, description="Opens each time this happens.", json_schema_extra=_one_of(Trigger)
    )
    fixes: Text | None = Field(
        None,
        description="Opens when the readiness check finds this missing.",
        json_schema_extra=_one_of(Requirement),
    )
    every: Text | None = Field(
        None, description="Opens again and again, this far apart, e.g. 2 weeks."
    )
    when: Text | None = Field(
        None,
        description="Opened only when this holds at that moment, e.g. minutes < 20; "
        "skipped otherwise.",
    )
    due: Annotated[
        Annotated[Text, Tag("text")] | Annotated[DueByUrgencySource, Tag("parts")],
        Discriminator(_shape),
    ] = Field(
        description="The deadline: an amount of time from when it opens (3 business days) or a "
        "date in the month (business day 8); for `on: escalation` one for urgent, one for routine."
    )
    expected: Text | None = Field(
        None, description="The work it usually takes, e.g. 12 minutes; feeds the forecast."
    )
    script: Text | None = Field(
        None, description="The conversation guide on the screen, e.g. outreach/monthly_call."
    )
    note: Text | None = Field(None, description="The note's structure, e.g. monthly_contact.")
    optional: bool = Field(False, description="Its owner may skip it, with a reason.")
    attempts: AttemptsSource | None = Field(
        None, description="How contact is tried before the step ends."
    )
    outcomes: Annotated[
        dict[str, OutcomeSource | None],
        BeforeValidator(
            _ids_to_bodies, json_schema_input_type=dict[str, OutcomeSource | None] | list[str]
        ),
    ] = Field(
        default_factory=lambda: dict.fromkeys(["done"]),
        description="The ways it can end; one, `done`, when left out.",
    )
    ladder: list[dict[str, Text]] = Field(
        description="Who is told, and when, as the deadline comes and passes; in order of time. "
        "Left: 1 business day before, when due, 2 business days late. "
        "Right: remind owner, notify ROLE, reassign ROLE, expire, expire as OUTCOME."
    )


class ReadinessSource(_Source):
    """From when and for what the month is checked."""

    from_: Text = Field(
        alias="from", description="The first day of checking, e.g. business day -5."
    )
    requires: list[Annotated[str, Field(json_schema_extra=_one_of(Requirement))]] = Field(
        description="What the month needs before it can be billed."
    )
    minimum_minutes: int = Field(
        20, description="How many minutes of work the month needs.", ge=0, le=600
    )


class PlaybookSource(_Source):
    """A whole playbook file."""

    playbook: Text = Field(description="The playbook's name: small letters, digits and -.")
    version: int = Field(description="Goes up by one with each published change.", ge=1, le=99_999)
    title: Text | None = Field(None, description="What people call it; made from the name.")
    program: Text = Field(description="Which dated billing rules apply, e.g. CCM.")
    kind: Text = Field(
        PlaybookKind.MONTHLY.value,
        description="Whether it runs each month or once, to enroll.",
        json_schema_extra=_one_of(PlaybookKind),
    )
    owner: Text = Field(
        description="The role that answers for the program, and for each step nobody else can own."
    )
    closes: Text = Field(
        description="When the cycle ends whatever is still open: month end + 3 business days; "
        "for enrollment an amount of time, 30 business days."
    )
    roles: Annotated[
        dict[str, RoleSource | None],
        BeforeValidator(
            _ids_to_bodies, json_schema_input_type=dict[str, RoleSource | None] | list[str]
        ),
    ] = Field(description="The kinds of people who do the steps.")
    steps: list[StepSource] = Field(description="The work, in the order people think of it.")
    readiness: ReadinessSource | None = Field(
        None, description="What the month needs before it goes to billing."
    )


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of playbook files, for editors."""
    return PlaybookSource.model_json_schema(by_alias=True)
