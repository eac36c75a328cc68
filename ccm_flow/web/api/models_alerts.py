"""What the API says of alerts."""

from datetime import datetime

from pydantic import Field

from ccm_flow.web.api.models import TEXT, In, Out


class AlertLine(Out):
    """One thing that happened to an alert."""

    act: str
    at: datetime
    person: str | None = None
    because: str = ""
    until: datetime | None = Field(default=None, description="By when to take it.")
    phone: str = Field(default="", description="A number to call, when it is closed there.")


class AlertOut(Out):
    """An alert from one organization to the other."""

    id: str
    kind: str
    urgency: str
    enrollment: str
    cycle: str
    step: str
    from_organization: str
    to_organization: str
    raised_at: datetime
    reply_due_at: datetime | None
    stands: str = Field(description="waiting, late, nobody took it, taken, answered or over.")
    holder: str | None
    take_by: datetime | None
    events: list[AlertLine]


class AlertPage(Out):
    """The clinic's alerts, the newest first."""

    clinic: str
    as_of: datetime
    next_offset: int | None
    items: list[AlertOut]


class Take(In):
    """Somebody takes an alert."""

    spoke_with: str = Field(
        default="", max_length=200, pattern=TEXT, description="Who took it on the telephone."
    )
