"""What people enter beside a click, and the port to the care record that keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.notes import NoteDraft
from ccm_flow.app.statuses import ConsentMode, EnrollmentStatus, TimeSource
from ccm_flow.core.assignment import Pool
from ccm_flow.core.care_plan import CarePlan
from ccm_flow.core.consent import ConsentTerms, Statement
from ccm_flow.core.errors import CcmError
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import (
    ClickId,
    ClinicId,
    CycleId,
    EnrollmentId,
    PersonId,
    RoleId,
    StepKey,
)
from ccm_flow.core.month import Month
from ccm_flow.core.note_forms import NoteValue
from ccm_flow.core.plan import Plan, PlaybookKind, Recorded
from ccm_flow.core.review import Finding, Item


@dataclass(frozen=True, slots=True)
class Work:
    """What a person did and wrote, apart from the outcome they chose."""

    time: timedelta = timedelta(0)
    """How long it took, to the second; nothing is kept for zero."""
    started_at: datetime | None = None
    """When it began; so that it ends with the click when None."""
    note: str = ""
    fields: Mapping[str, NoteValue] = field(default_factory=dict)
    """The note's fields, as they were typed."""
    sign: bool = False
    """The author signs the note with it, if its form has nothing against it."""
    source: TimeSource = TimeSource.MANUAL
    consent_mode: ConsentMode = ConsentMode.VERBAL
    statements: frozenset[Statement] = frozenset()
    """What was read to the patient before consent; the note's fields may confirm it too."""
    signature: str = ""
    """Where the signed consent is kept, or the patient's words when given by word."""


@dataclass(frozen=True, slots=True)
class Click:
    """One thing a person did, with an id of its own so that it counts once."""

    id: ClickId
    cycle: CycleId
    by: PersonId
    event: PersonEvent
    step: StepKey | None = None
    work: Work = Work()
    records: tuple[Recorded, ...] = ()
    """What the chosen outcome puts into the record."""


@dataclass(frozen=True, slots=True)
class CycleView:
    """What must be known of a cycle to act on it."""

    cycle: CycleId
    clinic: ClinicId
    enrollment: EnrollmentId
    month: Month
    kind: PlaybookKind
    status: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class OpenEnrollment:
    """An enrollment whose next cycle can start."""

    enrollment: EnrollmentId
    team: Mapping[RoleId, PersonId]
    facts: Facts
    pool: Pool | None = None
    """Who may get its steps."""


@dataclass(frozen=True, slots=True)
class ClinicView:
    """What the flow must know of a clinic."""

    clinic: ClinicId
    name: str
    hours: ClinicHours
    active: bool
    program_owner: PersonId


class NotInThisClinicError(CcmError):
    """A person has no role at the clinic whose patient this is; it is as if it did not exist."""

    exit_code = 4
    hint = "Check the step's name with `ccm queue`."

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no '{what}'.")


class ConsentRefusedError(CcmError):
    """A consent lacks what makes it count; nothing was kept."""

    exit_code = 4
    hint = (
        "Read what is missing to the patient and confirm it: `--statements all`. "
        "A written consent is recorded with `--consent written`."
    )


class NoSuchClinicError(CcmError):
    """There is no such clinic."""

    exit_code = 2
    hint = "Set one up with `ccm clinic FILE`."

    def __init__(self, clinic: str) -> None:
        super().__init__(f"There is no clinic '{clinic}'.")


class NoPlaybookError(CcmError):
    """A clinic has no published playbook of the kind that is wanted."""

    exit_code = 2
    hint = "Publish one with `ccm publish FILE`."

    def __init__(self, kind: PlaybookKind, month: Month) -> None:
        super().__init__(f"No {kind.value} playbook is published for {month}.")


class CareRecord(Protocol):
    """The record: people, consents, minutes, notes, published playbooks."""

    def clinic(self, clinic: ClinicId) -> ClinicView:
        """Give a clinic."""
        ...

    def plan_for(self, clinic: ClinicId, kind: PlaybookKind, month: Month) -> Plan:
        """
        Give the plan that cycles of a month start with.

        Raises:
            NoPlaybookError: none is published.
        """
        ...

    def cycle(self, cycle: CycleId) -> CycleView:
        """Give a cycle; raises `NoSuchCycleError`."""
        ...

    def roles_of(self, person: PersonId, clinic: ClinicId) -> frozenset[RoleId]:
        """Give the roles a person holds at a clinic; none when they do not belong to it."""
        ...

    def owner_role(self, cycle: CycleId, step: StepKey) -> RoleId | None:
        """Give the role in which a step's owner has it; None for an unknown step."""
        ...

    def facts(self, enrollment: EnrollmentId, month: Month, now: datetime) -> Facts:
        """Give what the record knows that playbooks may ask about."""
        ...

    def pool(self, enrollment: EnrollmentId, now: datetime) -> Pool:
        """Give who may get an enrollment's steps, with absences and loads as of now."""
        ...

    def consent_terms(self, enrollment: EnrollmentId, now: datetime) -> ConsentTerms:
        """Give what a consent has to meet at the patient's clinic."""
        ...

    def facts_if_taken(self, click: ClickId, month: Month, now: datetime) -> Facts:
        """Give what the record will know once a kept click is taken; changes nothing."""
        ...

    def is_kept(self, click: ClickId) -> bool:
        """Tell whether a click was kept before."""
        ...

    def care_plan(self, enrollment: EnrollmentId) -> CarePlan | None:
        """Give the newest version of a patient's care plan."""
        ...

    def draft(self, cycle: CycleId, step: StepKey, person: PersonId) -> NoteDraft | None:
        """Give what a person has typed for a step and not sent yet."""
        ...

    def keep_draft(
        self, cycle: CycleId, step: StepKey, person: PersonId, draft: NoteDraft, now: datetime
    ) -> None:
        """Keep what a person has typed so far, in place of what was there."""
        ...

    def drop_draft(self, cycle: CycleId, step: StepKey, person: PersonId) -> None:
        """Forget a draft; nothing happens when there is none."""
        ...

    def keep(self, click: Click, now: datetime) -> None:
        """Keep a click with its time and note, once, before anything is done with it."""
        ...

    def settle(self, click: ClickId, refused: str | None) -> None:
        """
        Note what became of a click: done, or refused with a sentence.

        What the outcome puts into the record is kept now, and only when it was taken. A second
        time changes nothing.
        """
        ...

    def pending(self, until: datetime) -> list[Click]:
        """List clicks kept before `until` of which nobody knows yet what became, oldest first."""
        ...

    def first_month_gaps(
        self, clinic: ClinicId, month: Month, now: datetime
    ) -> tuple[tuple[Item, Finding], ...]:
        """List what keeps a clinic from its first month; nothing once one was opened."""
        ...

    def to_open(
        self, clinic: ClinicId, kind: PlaybookKind, month: Month, now: datetime
    ) -> list[OpenEnrollment]:
        """List the enrollments of a clinic whose cycle of this kind and month is not open yet."""
        ...

    def enrollment_status(self, enrollment: EnrollmentId) -> EnrollmentStatus:
        """Tell how far an enrollment is."""
        ...
