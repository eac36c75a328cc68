"""When a clinic works."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from types import MappingProxyType

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class ClinicHours:
    """A clinic's opening hours in its own time zone; federal holidays are closed days."""

    time_zone: str
    """An IANA name, e.g. `America/New_York`."""
    opens: time = time(9)
    closes: time = time(17)
    working_days: frozenset[str] = frozenset(WEEKDAYS[:5])
    closures: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    """Extra days on which the clinic is closed, with the reason."""
