"""The API's time: timers, entries and their corrections."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from ccm_flow.core.activities import Activity
from ccm_flow.web.api.models import ID, TEXT, In, Out, Reason


class StartTimer(In):
    """Work that begins now."""

    enrollment: ID = Field(description="Whose work it is.")
    cycle: ID | None = Field(default=None, description="The pass that the step is in.")
    step: ID | None = Field(default=None, description="The step it is for; with `cycle`.")
    activity: Activity | None = Field(
        default=None, description="The kind of work; the step's usual one when left out."
    )
    program: ID | None = Field(default=None, description="The enrollment's own when left out.")
    switch: bool = Field(default=False, description="Stop the timer that runs first.")


class Timer(Out):
    """A running timer."""

    person: str = Field(description="Whose it is.")
    enrollment: str = Field(description="Whose work it is for.")
    step: str | None = Field(description="The step it is for.")
    activity: Activity = Field(description="The kind of work.")
    program: str = Field(description="The program it counts for.")
    started_at: datetime = Field(description="When it began.")
    limit_seconds: int = Field(description="How long it is believed by itself.")


class StopTimer(In):
    """The end of the work."""

    until: AwareDatetime | None = Field(
        default=None, description="When it really ended; now when left out."
    )


class AddTime(In):
    """Work that was done without a timer."""

    enrollment: ID = Field(description="Whose work it was.")
    cycle: ID | None = Field(default=None, description="The pass that the step is in.")
    step: ID | None = Field(default=None, description="The step it was for; with `cycle`.")
    activity: Activity | None = Field(
        default=None, description="The kind of work; the step's usual one when left out."
    )
    program: ID | None = Field(default=None, description="The enrollment's own when left out.")
    started_at: AwareDatetime = Field(description="When it began.")
    seconds: int = Field(ge=1, le=86_400, description="How long it took.")
    because: Annotated[str, Field(max_length=500, pattern=TEXT)] = Field(
        default="", description="Why it is entered now, if that is late."
    )


class CorrectTime(In):
    """What is different in an entry; zero seconds take it out."""

    because: Reason
    seconds: int | None = Field(default=None, ge=0, le=86_400, description="How long it took.")
    started_at: AwareDatetime | None = Field(default=None, description="When it began.")
    activity: Activity | None = Field(default=None, description="The kind of work.")


class Entry(Out):
    """One entry of time."""

    id: str = Field(description="The entry's id.")
    enrollment: str = Field(description="Whose work it was.")
    person: str = Field(description="Who worked.")
    activity: Activity = Field(description="The kind of work.")
    program: str = Field(description="The program it counts for.")
    step: str | None = Field(description="The step it was for.")
    month: str = Field(description="The month it counts in.")
    started_at: datetime = Field(description="When it began.")
    seconds: int = Field(description="How long it took.")
    corrects: str | None = Field(description="The entry whose place it takes.")
    counts: bool = Field(description="Whether its minutes count.")
    not_counted_because: str | None = Field(description="Why they do not.")


class Entries(Out):
    """The entries that something led to; work across a month's end becomes two."""

    entries: list[Entry] = Field(description="The entries.")


class TimerStarted(Out):
    """A new timer, and what the one before it came to."""

    timer: Timer = Field(description="The timer that runs now.")
    stopped: list[Entry] = Field(description="What `switch` stopped.")
