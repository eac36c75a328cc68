"""What the API says of alerts."""

from datetime import datetime

from pydantic import Field

from ccm_flow.web.api.models import TEXT, In, Out, example


class AlertLine(Out):
    """One thing that happened to an alert."""

    act: str = Field(
        description="raised, given, called_for, shown, mailing, mailed, mail_refused, "
        "acknowledged, unacknowledged, answered or settled.",
        json_schema_extra=example("given"),
    )
    at: datetime = Field(description="When it happened.")
    person: str | None = Field(default=None, description="Who was given it, shown it, took it.")
    because: str = Field(default="", description="Why.")
    until: datetime | None = Field(default=None, description="By when to take it.")
    phone: str = Field(default="", description="A number to call, when it is closed there.")


class AlertOut(Out):
    """An alert from one organization to the other."""

    id: str = Field(description="The alert's id.")
    kind: str = Field(description="question, notice or answer.")
    urgency: str = Field(description="urgent or routine.")
    enrollment: str = Field(description="Whom it is about.")
    cycle: str = Field(description="The pass that the step is in.")
    step: str = Field(description="The step it is about.")
    from_organization: str = Field(description="Who tells.")
    to_organization: str = Field(description="Who is told.")
    raised_at: datetime = Field(description="When it was raised.")
    reply_due_at: datetime | None = Field(description="Of a question: by when to answer.")
    stands: str = Field(description="waiting, late, nobody took it, taken, answered or over.")
    holder: str | None = Field(description="Who has it now; null for a number to call.")
    take_by: datetime | None = Field(description="By when to take it; null once it is taken.")
    events: list[AlertLine] = Field(description="What happened, the oldest first.")


class AlertPage(Out):
    """The clinic's alerts, the newest first."""

    clinic: str = Field(description="The clinic.")
    as_of: datetime = Field(description="The time of the answer.")
    next_offset: int | None = Field(description="Where the next part begins; null at the end.")
    items: list[AlertOut] = Field(description="This part of the list.")


class Take(In):
    """Somebody takes an alert."""

    spoke_with: str = Field(
        default="", max_length=200, pattern=TEXT, description="Who took it on the telephone."
    )
