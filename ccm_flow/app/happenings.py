"""What somebody told of a patient outside the playbook, and the port to where it is kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.app.care import OpenEnrollment
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.errors import CcmError
from ccm_flow.core.happening import HappeningKind, Stay
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    HappeningId,
    PatientId,
    PersonId,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStatus


@dataclass(frozen=True, slots=True)
class Happening:
    """One telling, with an id of its own so that it counts once."""

    id: HappeningId
    clinic: ClinicId
    patient: PatientId
    kind: HappeningKind
    at: datetime
    """When it happened, as told."""
    told_by: PersonId
    """A person, or `system` when a record system told it."""
    enrollment: EnrollmentId | None = None
    """None when it concerns every program the patient is in."""
    source: str = ""
    """Which record system told it."""
    detail: str = ""
    """What was said, or why a telling is taken back."""
    voids: HappeningId | None = None
    """The telling that this one takes back."""


@dataclass(frozen=True, slots=True)
class CycleHere:
    """A cycle that has not ended, of a patient something happened to."""

    cycle: CycleId
    enrollment: EnrollmentId
    kind: PlaybookKind
    month: Month
    status: CycleStatus
    opened_at: datetime
    plan: Plan


@dataclass(frozen=True, slots=True)
class EnrollmentChange:
    """An enrollment that a telling ended, or that taking it back brought back."""

    enrollment: EnrollmentId
    before: EnrollmentStatus
    after: EnrollmentStatus


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode that was opened for an enrollment, running or ended."""

    cycle: CycleId
    month: Month
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """What one cycle was told, and whether it took it."""

    cycle: CycleId
    event: str
    """The kind of event, e.g. `cycle_paused`."""
    sequence: int | None
    """The transition it became; None when it was refused."""
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a telling."""

    said: tuple[str, ...]
    """Sentences for people; what belongs to the one before begins with two spaces."""
    taken: bool
    """False when nobody's work changed and somebody should look."""
    effects: tuple[Effect, ...] = ()
    opened: CycleId | None = None
    """The episode that was opened."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A cycle that opened after something happened which it must still be told."""

    happening: Happening
    cycle: CycleHere


class HappensLaterError(CcmError):
    """Somebody tells of something that has not happened yet."""

    exit_code = 2
    hint = "Tell it when it has happened; give the clinic's time with --at."

    def __init__(self, at: datetime) -> None:
        super().__init__(f"{at:%Y-%m-%d %H:%M} lies ahead.")


class NotInProgramError(CcmError):
    """A patient who is in no program cannot leave one."""

    exit_code = 4
    hint = "See how the patient stands with `ccm patient`."

    def __init__(self) -> None:
        super().__init__("No month is running, and the patient is in no program.")


class NothingToVoidError(CcmError):
    """Nothing of the kind was told that could be taken back."""

    exit_code = 4
    hint = "What was told of a patient is listed by `ccm patient`."

    def __init__(self, kind: HappeningKind) -> None:
        super().__init__(f"No {kind.value.replace('_', ' ')} of this patient stands recorded.")


class HappeningRecord(Protocol):
    """Where tellings, and what came of them, are kept for good."""

    def keep(self, told: Happening, now: datetime) -> None:
        """
        Keep a telling, once, and do at once what the record alone can do.

        That is: end the enrollments of somebody who died or left, with the consent's revocation;
        or bring them back, when such a telling is taken back.
        """
        ...

    def was_told(self, id_: HappeningId) -> bool:
        """Tell whether a telling is kept."""
        ...

    def happening(self, id_: HappeningId) -> Happening:
        """Give a telling."""
        ...

    def newest(
        self, patient: PatientId, kind: HappeningKind, at: datetime | None
    ) -> Happening | None:
        """Give the latest telling of a kind that stands, or the one of that instant."""
        ...

    def changes(self, told: HappeningId) -> tuple[EnrollmentChange, ...]:
        """List the enrollments that a telling ended or brought back."""
        ...

    def cycles(self, told: Happening) -> tuple[CycleHere, ...]:
        """List the cycles it concerns that have not ended."""
        ...

    def stays(self, patient: PatientId) -> tuple[Stay, ...]:
        """List what was told about a patient's stays and stands."""
        ...

    def is_enrolled(self, told: Happening) -> bool:
        """Tell whether the patient is in a program it concerns, or on the way into one."""
        ...

    def for_episode(self, told: Happening, now: datetime) -> OpenEnrollment | None:
        """Give the active enrollment that an episode belongs to; None without one."""
        ...

    def episodes(self, enrollment: EnrollmentId) -> tuple[Episode, ...]:
        """List all episodes of an enrollment."""
        ...

    def has_cycle(self, cycle: CycleId) -> bool:
        """Tell whether a cycle is written down."""
        ...

    def effects(self, told: HappeningId) -> tuple[Effect, ...]:
        """List what cycles were told because of it."""
        ...

    def note_effect(self, told: HappeningId, effect: Effect, now: datetime) -> None:
        """Note what a cycle was told; a second time changes nothing."""
        ...

    def answer(self, told: HappeningId) -> Answer | None:
        """Give what came of it; None as long as it waits to be acted on."""
        ...

    def settle(self, told: HappeningId, answer: Answer, now: datetime) -> None:
        """Note what came of it; a second time changes nothing."""
        ...

    def pending(self, until: datetime) -> list[Happening]:
        """List what was kept before `until` and still waits to be acted on, oldest first."""
        ...

    def unreached(self) -> list[Unreached]:
        """List cycles that opened since something happened that they must be told."""
        ...

    def name(self, person: PersonId) -> str:
        """Give a person's name."""
        ...

    def unreported_deaths(self, clinic: ClinicId) -> list[tuple[PatientId, datetime]]:
        """List patients in a program who died by the import's account, and when."""
        ...
