"""
The form of a playbook file, as strict models.

Each field's description is what the reference page and the editors' JSON Schema show. Models
say only what form a value has; names, times and flow are judged by the checks, so that their
problems come with a suggestion.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field

from ccm_flow.core.words import PlaybookKind
from ccm_flow.language.source_base import (
    DueText,
    ProtectedText,
    Source,
    Text,
    ids_to_bodies,
    one_of,
)
from ccm_flow.language.source_overlay import InsertSource
from ccm_flow.language.source_program import (
    ContactSource,
    DocumentationSource,
    NoteFieldSource,
    NoteSource,
    ReadinessSource,
    RoleSource,
)
from ccm_flow.language.source_step import (
    AttemptsSource,
    ByRiskSource,
    DueByUrgencySource,
    OutcomeSource,
    StepSource,
)

__all__ = [
    "AttemptsSource",
    "ByRiskSource",
    "ContactSource",
    "DocumentationSource",
    "DueByUrgencySource",
    "InsertSource",
    "NoteFieldSource",
    "NoteSource",
    "OutcomeSource",
    "PlaybookSource",
    "ReadinessSource",
    "RoleSource",
    "StepSource",
]


class PlaybookSource(Source):
    """A whole playbook file."""

    playbook: Text = Field(description="The playbook's name: small letters, digits and -.")
    version: int = Field(description="Goes up by one with each published change.", ge=1, le=99_999)
    title: Text | None = Field(None, description="What people call it; made from the name.")
    program: Text = Field(description="Which dated billing rules apply, e.g. CCM.")
    kind: Text = Field(
        PlaybookKind.MONTHLY.value,
        description="Whether it runs each month, once to enroll, or after an event (episode).",
        json_schema_extra=one_of(PlaybookKind),
    )
    owner: Text = Field(
        description="The role that answers for the program, and for each step nobody else can own."
    )
    closes: DueText = Field(
        description="When the cycle ends whatever is still open: month end + 3 business days; "
        "for enrollment an amount of time, 30 business days."
    )
    roles: Annotated[
        dict[str, RoleSource | None],
        BeforeValidator(
            ids_to_bodies, json_schema_input_type=dict[str, RoleSource | None] | list[str]
        ),
    ] = Field(description="The kinds of people who do the steps.")
    contact: ContactSource | None = Field(
        None, description="When, in which language and by which channel patients are reached."
    )
    protected_time: dict[str, ProtectedText] = Field(
        {},
        description="Time that a role keeps free for this work, e.g. "
        "{coordinator: 2 hours per business day}.",
    )
    documentation: DocumentationSource | None = Field(
        None, description="The days of the month kept for completing and signing notes."
    )
    notes: dict[str, NoteSource] = Field(
        {}, description="The structures of this playbook's notes, by the names that steps use."
    )
    steps: list[StepSource] = Field(description="The work, in the order people think of it.")
    readiness: ReadinessSource | None = Field(
        None, description="What the month needs before it goes to billing."
    )
    extends: Text | None = Field(
        None,
        description="The playbook that this one changes: ccm-monthly@1, or a file, "
        "../ccm_monthly.yaml. Only what differs is written; steps are changed by their id.",
    )
    remove: list[Text] = Field(
        [],
        description="What this overlay takes out, by id: steps.top_up, steps.outreach.script.",
    )
    insert: list[InsertSource] = Field(
        [], description="The steps that this overlay adds, each with its place."
    )
