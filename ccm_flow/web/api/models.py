"""What the API takes and gives. Instants have an offset, months are 2026-12, lengths seconds."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.views import MonthState
from ccm_flow.app.views_patient import Timing
from ccm_flow.core.activities import Activity
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Channel, PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus

Item = TypeVar("Item")
_TEXT = r"^[^\x00]*$"
"""Databases keep no NUL characters."""


def example(value: Any) -> dict[str, Any]:
    """Show a value in the documentation."""
    return {"examples": [value]}


ID = Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)]
Words = Annotated[str, Field(max_length=10_000, pattern=_TEXT)]
Reason = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        pattern=_TEXT,
        description="The reason, as others will read it.",
        json_schema_extra=example("She asked to be called next week."),
    ),
]
MonthText = Annotated[
    str,
    Field(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$",
        description="A calendar month.",
        json_schema_extra=example("2026-12"),
    ),
]


class In(BaseModel):
    """What is sent: names that are not known are refused."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What is given, read from views."""

    model_config = ConfigDict(from_attributes=True)


class Problem(Out):
    """What is wrong, and what to do."""

    error: str = Field(
        description="A sentence for a person.",
        json_schema_extra=example("There is no such step."),
    )
    hint: str = Field(
        description="What to do about it; may be empty.",
        json_schema_extra=example("List the open steps with GET /queue."),
    )
    code: str = Field(
        description="The kind of problem, for programs; stays the same.",
        json_schema_extra=example("not_found"),
    )


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


class Page(Out, Generic[Item]):
    """A part of a list."""

    clinic: str = Field(description="The token's clinic.")
    as_of: datetime = Field(description="When it was read.")
    total: int = Field(description="How many there are in all.")
    next_offset: int | None = Field(description="Where the next part begins; null at the end.")
    items: list[Item] = Field(description="This part.")


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
        pattern=_TEXT,
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


class PatientStep(Out):
    """A step of a patient's month."""

    key: str = Field(description="Its name.")
    title: str = Field(description="What is to be done.")
    status: StepStatus = Field(description="Where it stands.")
    timing: Timing = Field(description="How it stands to its deadline.")
    owner: str = Field(description="Who has it, or had it last.")
    role: str = Field(description="The role they have it in.")
    opened_at: datetime = Field(description="When it was opened.")
    due_at: datetime | None = Field(description="Its deadline.")
    ended_at: datetime | None = Field(description="When it ended.")
    outcome: str | None = Field(description="How it ended.")
    outcomes: list[str] = Field(description="What it may be completed with now.")


class Blocker(Out):
    """One thing that stops the month from being billed."""

    requirement: str = Field(description="The kind of thing.", json_schema_extra=example("minutes"))
    detail: str = Field(description="What is missing.", json_schema_extra=example("12 of 20 min"))


class Patient(Out):
    """Who the patient is."""

    patient: str = Field(description="The patient's id.")
    mrn: str = Field(description="The record number.")
    name: str = Field(description="The name.")
    birth_date: date | None = Field(description="The day of birth.")
    phone: str = Field(description="The telephone number.")
    language: str = Field(description="The language to speak.")
    deceased_at: datetime | None = Field(description="When the patient died.")


class PatientMonth(Out):
    """One patient's month."""

    as_of: datetime = Field(description="When it was read.")
    time_zone: str = Field(description="The clinic's.")
    patient: Patient = Field(description="Who it is.")
    enrollment: str | None = Field(description="The enrollment's id.")
    status: EnrollmentStatus | None = Field(description="How far the patient is in the program.")
    cycle: str | None = Field(description="The pass that is shown; null before the first.")
    month: str | None = Field(description="Its month.")
    kind: PlaybookKind | None = Field(description="Its kind.")
    cycle_status: CycleStatus | None = Field(description="Where it stands.")
    disposition: str | None = Field(description="How it ended.")
    blockers: list[Blocker] = Field(description="What stops it from being billed.")
    minutes: int = Field(description="Whole minutes that count.")
    steps: list[PatientStep] = Field(description="Its steps in the order they opened.")


class MonthLine(Out):
    """One patient in a month's report."""

    enrollment: str = Field(description="The enrollment's id.")
    patient: str = Field(description="The patient's id.")
    patient_name: str = Field(description="The patient's name.")
    cycle: str | None = Field(description="The month's pass; null when none was opened.")
    state: MonthState = Field(description="How the month stands.")
    because: str | None = Field(description="Why it ended so.")
    blockers: list[Blocker] = Field(description="What stops it from being billed.")
    minutes: int = Field(description="Whole minutes that count.")
    contacts: int = Field(description="How often the patient was spoken to.")


class MonthReport(Page[MonthLine]):
    """A clinic's month."""

    month: str = Field(description="The month.", json_schema_extra=example("2026-12"))
    kind: PlaybookKind = Field(description="The kind of passes it counts.")
    by_state: dict[str, int] = Field(description="How many patients stand how.")
    by_blocker: dict[str, int] = Field(description="How many are held up, by what is missing.")


class Opened(Out):
    """What opening a month did."""

    month: str = Field(description="The month.")
    opened: int = Field(description="How many passes were started now.")
    already_open: int = Field(description="How many were open before.")


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
    because: Annotated[str, Field(max_length=500, pattern=_TEXT)] = Field(
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


class Playbook(Out):
    """A playbook that the clinic uses."""

    playbook: str = Field(description="Its name.", json_schema_extra=example("ccm_monthly"))
    version: int = Field(description="Its version.")
    title: str = Field(description="Its title.")
    kind: PlaybookKind = Field(description="What it is for.")
    from_month: str = Field(description="From which month on.")
    sha256: str = Field(description="The sum of its text.")


class Playbooks(Out):
    """What the clinic has published."""

    items: list[Playbook] = Field(description="By kind, the newest first.")


class CheckPlaybook(In):
    """A playbook's text."""

    text: str = Field(max_length=400_000, description="The YAML text.")


class Finding(Out):
    """One problem of a playbook."""

    severity: str = Field(description="error or warning.")
    code: str = Field(description="The kind of problem.")
    line: int = Field(description="Where, from 1.")
    message: str = Field(description="What is wrong.")
    hint: str = Field(description="What to do about it.")


class Checked(Out):
    """What is wrong with a playbook."""

    good: bool = Field(description="Whether it can be published.")
    problems: list[Finding] = Field(description="All that was found.")


def month_of(text: str) -> Month:
    """Read a month; raises `BadMonthError`."""
    return Month.parse(text)
