"""The form of one step: its owner, its deadline, what opens it and what comes of it."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Field, Tag

from ccm_flow.core.words import (
    Channel,
    Disposition,
    Phase,
    Recorded,
    Requirement,
    Responsibility,
    Trigger,
)
from ccm_flow.language.source_base import (
    BudgetText,
    DateText,
    DueText,
    Ladder,
    Source,
    TemplateText,
    Text,
    TextOrList,
    TextOrReasons,
    WorkText,
    ids_to_bodies,
    one_of,
    shape,
)


class OutcomeSource(Source):
    """One way a step can end, and what follows."""

    title: Text | None = Field(None, description="The words on the button; made from the id.")
    go: Text | None = Field(
        None, description="The step that this outcome opens, again if it was done before."
    )
    end: Text | None = Field(
        None,
        description="Ends the whole cycle this way.",
        json_schema_extra=one_of(Disposition),
    )
    because: Text | None = Field(
        None, description="The named reason of an ending, e.g. unreachable."
    )
    contact: bool = Field(False, description="The patient or a caregiver was reached.")
    records: list[Annotated[str, Field(json_schema_extra=one_of(Recorded))]] = Field(
        [], description="What this outcome puts into the care record, e.g. [consent]."
    )


class AttemptsSource(Source):
    """How often, how far apart and by which channel contact is tried."""

    max: int = Field(description="How many attempts there are.", ge=1, le=30)
    every: BudgetText = Field(description="How far apart they are, e.g. 2 business days.")
    channels: list[Annotated[str, Field(json_schema_extra=one_of(Channel))]] = Field(
        description="The channel of the 1st, 2nd, ... attempt; the last one repeats."
    )
    results: list[Text] = Field(
        ["no_answer", "left_message"],
        description="What an attempt can come to that leaves the step open.",
    )
    then: Text = Field("unreachable", description="The outcome once the last attempt has failed.")


class DueByUrgencySource(Source):
    """The reply clocks of an escalation."""

    urgent: BudgetText = Field(description="The deadline of an urgent one, e.g. 2 business hours.")
    routine: BudgetText = Field(description="The deadline of any other, e.g. 1 business day.")


class ByRiskSource(Source):
    """How a step differs for patients of one risk tier; what is left out stays as it is."""

    owner: Text | None = Field(None, description="The role that does it for them.")
    due: DueText | None = Field(None, description="Their deadline, e.g. 2 business days.")
    expected: WorkText | None = Field(None, description="The work it usually takes for them.")
    script: TemplateText | None = Field(None, description="Their conversation guide.")
    attempts: AttemptsSource | None = Field(None, description="How contact is tried with them.")
    ladder: Ladder | None = Field(None, description="Who is told, and when, instead.")


class StepSource(Source):
    """One piece of work: who does it, from when, until when, and what comes of it."""

    id: Text = Field(description="The step's name in this file: small letters, digits and _.")
    title: Text | None = Field(None, description="What people see; made from the id.")
    phase: Text | None = Field(
        None,
        description="The part of the month it belongs to.",
        json_schema_extra=one_of(Phase),
    )
    owner: Text = Field(description="The role that does it.")
    responsibility: Text | None = Field(
        None,
        description="Which organization does it, when the clinic's agreement does not decide.",
        json_schema_extra=one_of(Responsibility),
    )
    after: TextOrList | None = Field(
        None,
        description="What it waits for: step, step.outcome, ended(step), joined by and, or; "
        "a list means all of them. Steps that wait for the same one run side by side.",
    )
    at: DateText | None = Field(
        None,
        description="Opens no earlier than this date in the month, e.g. business day 2, day 15.",
    )
    on: Text | None = Field(
        None, description="Opens each time this happens.", json_schema_extra=one_of(Trigger)
    )
    fixes: Text | None = Field(
        None,
        description="Opens when the readiness check finds this missing.",
        json_schema_extra=one_of(Requirement),
    )
    every: BudgetText | None = Field(
        None,
        description="Opens again and again until the month's end, this far apart, e.g. 2 weeks; "
        "not while it is still open.",
    )
    when: Text | None = Field(
        None,
        description="Opened only when this holds at that moment, e.g. minutes < 20; "
        "skipped otherwise.",
    )
    skip_if: TextOrReasons | None = Field(
        None,
        description="Skipped by itself when this holds as it would open: a condition, or named "
        "reasons with their conditions, e.g. {called_already: contacts > 0}. The reason is kept.",
    )
    due: Annotated[
        Annotated[DueText, Tag("text")] | Annotated[DueByUrgencySource, Tag("parts")],
        Discriminator(shape),
    ] = Field(
        description="The deadline: an amount of time from when it opens (3 business days) or a "
        "date in the month (business day 8); for `on: escalation` one for urgent, one for routine."
    )
    expected: WorkText | None = Field(
        None, description="The work it usually takes, e.g. 12 minutes; feeds the forecast."
    )
    script: TemplateText | None = Field(
        None, description="The conversation guide on the screen, e.g. outreach/monthly_call."
    )
    note: TemplateText | None = Field(
        None,
        description="The note's structure: one of `notes:`, or a shared one, e.g. phone_contact.",
    )
    optional: bool = Field(False, description="Its owner may skip it, with a reason.")
    attempts: AttemptsSource | None = Field(
        None, description="How contact is tried before the step ends."
    )
    by_risk: dict[str, ByRiskSource] = Field(
        {},
        description="How the step differs by the patient's risk tier when it opens, e.g. "
        "{high: {due: 2 business days}}.",
    )
    outcomes: Annotated[
        dict[str, OutcomeSource | None],
        BeforeValidator(
            ids_to_bodies, json_schema_input_type=dict[str, OutcomeSource | None] | list[str]
        ),
    ] = Field(
        default_factory=lambda: dict.fromkeys(["done"]),
        description="The ways it can end; one, `done`, when left out.",
    )
    ladder: Ladder = Field(
        description="Who is told, and when, as the deadline comes and passes; in order of time. "
        "Left: 1 business day before, when due, 2 business days late. "
        "Right: remind owner, notify ROLE, reassign ROLE, expire, expire as OUTCOME."
    )
