"""Many clinics beside each other, the most pressing first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ccm_flow.core.heat import ClinicPulse, Heat, judge, urgency
from ccm_flow.core.ids import ClinicId, OrganizationId
from ccm_flow.core.month import Month


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
