"""
The names of things, as types, and the one place that builds them.

Ids are opaque: they never hold a name, a birth date or a record number, so they are safe in
logs, URLs, Temporal workflow ids and search attributes.
"""

from typing import NewType

OrganizationId = NewType("OrganizationId", str)
ClinicId = NewType("ClinicId", str)
PersonId = NewType("PersonId", str)
PatientId = NewType("PatientId", str)
EnrollmentId = NewType("EnrollmentId", str)
CycleId = NewType("CycleId", str)
PlaybookId = NewType("PlaybookId", str)
RoleId = NewType("RoleId", str)
StepId = NewType("StepId", str)
"""A step of a playbook, e.g. `outreach`."""
StepKey = NewType("StepKey", str)
"""One opening of a step in a cycle: `outreach`, then `outreach~2` when it opens again."""
OutcomeId = NewType("OutcomeId", str)
DraftId = NewType("DraftId", str)
HappeningId = NewType("HappeningId", str)
"""Identifies one telling of something that happened outside the playbook."""
ClickId = NewType("ClickId", str)
"""Identifies one click of one person, so that sending it twice is harmless."""

SYSTEM = PersonId("system")
"""Who is named when the playbook itself acts (a rung fires, a month closes)."""


def step_key(step: StepId, round_: int) -> StepKey:
    """Name the `round_`-th opening (from 1) of a step in its cycle."""
    return StepKey(step if round_ == 1 else f"{step}~{round_}")


def cycle_id(enrollment: EnrollmentId, kind: str, month: str, number: int = 1) -> CycleId:
    """
    Name the pass of one enrollment through a `kind` of playbook in `month` (2026-11).

    Episodes may begin more than once in a month: the second is `episode:7f3a:2026-11~2`.
    """
    return CycleId(f"{kind}:{enrollment}:{month}" + ("" if number == 1 else f"~{number}"))


def cycle_number(cycle: CycleId) -> int:
    """Tell the how-manieth of its kind in the month a cycle is, from 1."""
    return int(cycle.rpartition(":")[2].partition("~")[2] or 1)


def cycle_suffix(cycle: CycleId) -> str:
    """
    Say which of a patient's cycles is meant, behind a step's name: `@2026-12`.

    Of the cycles that are no month it names the kind too: `@episode:2026-12~2`.
    """
    kind, _, rest = cycle.partition(":")
    month = rest.rpartition(":")[2]
    return f"@{month}" if kind == "monthly" else f"@{kind}:{month}"


def record_stream(enrollment: EnrollmentId) -> CycleId:
    """Name the part of the ledger about an enrollment itself, beside those of its cycles."""
    return CycleId(f"record:{enrollment}")


def patient_stream(patient: PatientId) -> CycleId:
    """Name the part of the ledger about a patient's record outside any program."""
    return CycleId(f"patient:{patient}")


def clinic_stream(clinic: ClinicId) -> CycleId:
    """Name the part of the ledger about a clinic itself."""
    return CycleId(f"clinic:{clinic}")


def opening_id(clinic: ClinicId, month: str) -> str:
    """Name the workflow that opens a month for a clinic."""
    return f"opening:{clinic}:{month}"


def schedule_id(clinic: ClinicId) -> str:
    """Name the Temporal Schedule that opens a clinic's months."""
    return f"months:{clinic}"
