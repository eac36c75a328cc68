"""
Deadlines kept, by the organization that was responsible: on time, late, missed.

The organization is the one that was responsible on the day that decided: the day a step ended
when that was before its deadline, and the deadline's day otherwise. What is agreed later changes
nothing about it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ccm_flow.core.ids import OrganizationId, RoleId, StepId
from ccm_flow.core.responsibility import Agreed, responsible
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Responsibility


class Kept(StrEnum):
    """What became of a deadline."""

    ON_TIME = "on_time"
    LATE = "late"
    """Done after it."""
    MISSED = "missed"
    """Past it and not done: open, expired, or withdrawn."""


@dataclass(frozen=True, slots=True)
class VendorSpan:
    """Days on which a vendor works at a clinic; the last one None without an end."""

    vendor: OrganizationId
    from_day: date
    until_day: date | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the vendor works there on a day."""
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@dataclass(frozen=True, slots=True)
class History:
    """Who was responsible at a clinic, for all days there ever were."""

    clinic: OrganizationId
    vendors: tuple[VendorSpan, ...]
    agreed: tuple[Agreed, ...]
    """In the order in which the lines were written down."""

    def vendor_on(self, day: date) -> OrganizationId | None:
        """Name the vendor of a day; the one that came last, when two did."""
        found = [one for one in self.vendors if one.holds_on(day)]
        return max(found, key=lambda one: one.from_day).vendor if found else None


@dataclass(frozen=True, slots=True)
class Tally:
    """One organization's deadlines of a month."""

    on_time: int = 0
    late: int = 0
    missed: int = 0

    @property
    def all(self) -> int:
        """How many were judged."""
        return self.on_time + self.late + self.missed

    @property
    def percent(self) -> int | None:
        """Give the share on time in whole percent, rounded down; None of none."""
        return None if self.all == 0 else 100 * self.on_time // self.all


def judge(status: StepStatus, due_at: datetime | None, ended_at: datetime | None) -> Kept:
    """Say what became of the deadline of a step that is judged (see `core.drift`)."""
    if status is not StepStatus.DONE:
        return Kept.MISSED
    if due_at is None or ended_at is None or ended_at <= due_at:
        return Kept.ON_TIME
    return Kept.LATE


def deciding(due_at: datetime | None, ended_at: datetime | None, opened_at: datetime) -> datetime:
    """Give the instant that decided about a deadline."""
    known = [one for one in (due_at, ended_at) if one is not None]
    return min(known, default=opened_at)


def who_was(
    history: History, role: RoleId, step: StepId, said: Responsibility | None, day: date
) -> OrganizationId | None:
    """
    Name the organization that was responsible for a step on a day.

    What the playbook says goes first, then what was agreed for the step or its role. Where
    nothing was agreed it was the clinic's own while no vendor worked there, and nobody's (None)
    while one did.
    """
    vendor = history.vendor_on(day)
    if said is Responsibility.CLINIC:
        return history.clinic
    if said is Responsibility.VENDOR and vendor is not None:
        return vendor
    agreed = responsible(history.agreed, role, day, step)
    if agreed is None and vendor is None:
        return history.clinic
    return agreed


def tally(found: Iterable[Kept]) -> Tally:
    """Count."""
    kept = list(found)
    return Tally(kept.count(Kept.ON_TIME), kept.count(Kept.LATE), kept.count(Kept.MISSED))
