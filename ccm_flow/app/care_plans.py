"""Care plans: their versions, who approved them, and to whom they were given."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.core.care_plan import CarePlan, differences, problems_of
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId


class ShareWith(StrEnum):
    """Who was given the plan."""

    PATIENT = "patient"
    CAREGIVER = "caregiver"


class ShareWay(StrEnum):
    """How the plan was given."""

    COPY = "copy"
    PORTAL = "portal"
    MAIL = "mail"


class NoCarePlanError(CcmError):
    """Nobody has written a care plan yet."""

    exit_code = 4
    hint = "Begin with `ccm care-plan draft`, then `ccm care-plan write`."

    def __init__(self, patient: str) -> None:
        super().__init__(f"There is no care plan for '{patient}'.")


class BadCarePlanError(CcmError):
    """A care plan cannot be read; the message names everything that is wrong."""

    exit_code = 2
    hint = "Nothing was changed. `ccm care-plan draft` writes the form to fill in."

    def __init__(self, name: str, problems: Collection[str]) -> None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"'{name}' is not a care plan:{listed}")


class PlanMovedOnError(CcmError):
    """Somebody else wrote a version while one was being written, or looked at."""

    exit_code = 4
    hint = "Nothing was kept. Read what changed, then say that yours is to come after it."

    def __init__(self, version: int, by_name: str, hint: str = "") -> None:
        super().__init__(f"{by_name} has written version {version} in the meantime.", hint)


class IncompleteCarePlanError(CcmError):
    """A care plan lacks something, and what is to be done needs a complete one."""

    exit_code = 4
    hint = "Complete it with `ccm care-plan write`."

    def __init__(self, problems: Collection[str], hint: str = "") -> None:
        listed = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"The care plan is not complete:{listed}", hint)


@dataclass(frozen=True, slots=True)
class ShareView:
    """Proof that a version was given to somebody."""

    to_whom: ShareWith
    how: ShareWay
    by: PersonId
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalView:
    """A practitioner stands by a version."""

    by: PersonId
    by_name: str
    at: datetime
    holds: bool
    """The version still has the fingerprint that was approved."""


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version: who wrote it, what it changed, who approved it, who was given it."""

    version: int
    written_at: datetime
    written_by: PersonId
    written_by_name: str
    changes: tuple[str, ...]
    """What it changed of the version before; empty for the first."""
    approvals: tuple[ApprovalView, ...]
    shares: tuple[ShareView, ...]


@dataclass(frozen=True, slots=True)
class CarePlanView:
    """A patient's care plan. Field names are the keys of the commands' `--json`."""

    clinic: ClinicId
    enrollment: EnrollmentId
    patient_name: str
    time_zone: str
    as_of: datetime
    plan: CarePlan
    problems: tuple[str, ...]
    """What keeps the newest version from being complete."""
    current: bool
    """It was written or approved within twelve months."""
    shared: bool
    versions: tuple[VersionView, ...]
    """The newest first."""


def check_complete(plan: CarePlan) -> None:
    """Refuse to approve what is not complete; raises `IncompleteCarePlanError`."""
    problems = problems_of(plan)
    if problems:
        raise IncompleteCarePlanError(problems)


def changes_between(old: CarePlan | None, new: CarePlan) -> tuple[str, ...]:
    """Say what a version changes; nothing for the first one."""
    return () if old is None else differences(old, new)
