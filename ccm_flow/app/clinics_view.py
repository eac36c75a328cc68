"""Many clinics beside each other, the most pressing first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.heat import ClinicPulse, Heat, judge, urgency
from ccm_flow.core.ids import ClinicId, OrganizationId
from ccm_flow.core.month import Month

KEPT_FOR: Final = timedelta(minutes=5)
"""For how long what is missing for the bill is not looked for again: that reads every patient."""


@dataclass(frozen=True, slots=True)
class BillNow:
    """How far a clinic's running months are on the way to the bill."""

    complete: int = 0
    missing_minutes: int = 0
    short_patients: int = 0


@dataclass(slots=True)
class BillMemory:
    """What was found at clinics a moment ago, so that a page of many need not look at it again."""

    _found: dict[tuple[ClinicId, Month], tuple[datetime, BillNow]] = field(default_factory=dict)

    def recall(self, clinic: ClinicId, month: Month, now: datetime) -> BillNow | None:
        """Give what was found within the last minutes."""
        at, bill = self._found.get((clinic, month), (now, None))
        return bill if timedelta(0) <= now - at < KEPT_FOR else None

    def keep(self, clinic: ClinicId, month: Month, bill: BillNow, now: datetime) -> None:
        """Keep what was found."""
        self._found[clinic, month] = now, bill


@dataclass(frozen=True, slots=True)
class ClinicNow:
    """One clinic as it is read."""

    clinic: ClinicId
    name: str
    organization: OrganizationId
    vendor: OrganizationId | None
    month: Month
    """The one that runs there."""
    days_left: int
    """Of the month, after today."""
    pulse: ClinicPulse


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """One clinic with how each of its numbers stands."""

    now: ClinicNow
    heats: Mapping[str, Heat]

    @property
    def exceptions(self) -> int:
        """How many of its numbers want somebody to act."""
        return list(self.heats.values()).count(Heat.ACT)


def in_order(found: Iterable[ClinicNow]) -> tuple[ClinicLine, ...]:
    """Judge clinics and sort them, the most pressing first, then by name."""
    lines = [ClinicLine(one, judge(one.pulse, one.days_left)) for one in found]
    return tuple(sorted(lines, key=lambda one: (urgency(dict(one.heats)), one.now.name)))
