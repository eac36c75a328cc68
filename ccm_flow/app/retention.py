"""Removing the data of patients for whom nothing has to be kept any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PatientId, PersonId
from ccm_flow.core.retention import Keeping, is_due, kept_until

_SHORTEST_REASON = 10


class StillKeptError(CcmError):
    """A patient's data have to be kept for now."""

    exit_code = 4


class RemovalSignatureError(CcmError):
    """Removing needs a signature and a reason."""

    exit_code = 2
    hint = "Nothing was removed. Give --because, --sign with your full name, and --by."


@dataclass(frozen=True, slots=True)
class Removal:
    """What somebody signs."""

    id: str
    clinic: ClinicId
    patient: PatientId
    because: str
    on_request: bool
    signed_name: str
    by: PersonId
    at: datetime


class Retention(Protocol):
    """Where patients' data are kept, and removed from."""

    def keepings(self, clinic: ClinicId) -> Sequence[Keeping]:
        """Give what the retention of each of a clinic's patients hangs on."""
        ...

    def preview(self, patient: PatientId) -> Mapping[str, int]:
        """Count what would be deleted or emptied, by table; changes nothing."""
        ...

    def remove(self, removal: Removal) -> Mapping[str, int]:
        """Remove a patient's data in one transaction, and write it into the ledger."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """A patient whose data may be removed."""

    patient: PatientId
    last_on: date
    kept_until: date


def due(store: Retention, clinic: ClinicId, today: date, years: int) -> list[Due]:
    """List the patients whose time is over, the longest first."""
    found = [
        Due(one.patient, one.last_at.date(), kept_until(one.last_at.date(), years))
        for one in store.keepings(clinic)
        if is_due(one, today, years)
    ]
    return sorted(found, key=lambda one: (one.last_on, one.patient))


def check_may_remove(
    store: Retention,
    clinic: ClinicId,
    patient: PatientId,
    today: date,
    *,
    years: int,
    on_request: bool,
) -> None:
    """
    Make sure that a patient's data may be removed.

    Raises:
        StillKeptError: the patient is in the program, the data are gone already, or the time is
            not over and nobody asked.
    """
    (keeping,) = [one for one in store.keepings(clinic) if one.patient == patient]
    if keeping.is_removed:
        raise StillKeptError("This patient's data were removed already.")
    if keeping.is_in_program:
        raise StillKeptError(
            "This patient is in the program, or a month of theirs runs.",
            "End it first; nothing of a patient in care is removed.",
        )
    until = kept_until(keeping.last_at.date(), years)
    if today < until and not on_request:
        raise StillKeptError(
            f"This patient's data are kept until {until}.",
            "Say --on-request when the patient asked for it in writing and the law allows it.",
        )


def remove(store: Retention, removal: Removal) -> Mapping[str, int]:
    """
    Remove, signed; `check_may_remove` comes first.

    Raises:
        RemovalSignatureError: there is no name or no reason.
    """
    if not removal.signed_name.strip():
        raise RemovalSignatureError("Removing a patient's data needs a signature.")
    if len(removal.because.strip()) < _SHORTEST_REASON:
        raise RemovalSignatureError("Say in a sentence why the data are removed.")
    return store.remove(removal)
