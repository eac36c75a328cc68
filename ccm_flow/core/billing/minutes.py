"""
Counting minutes: exact seconds are summed and floored once; nothing is rounded in between.

Minutes count for the month and the program they were worked for, and only from the consent on
(medicare-rules, section 2: "Minutes don't" and "Arithmetic").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ccm_flow.core.billing.model import (
    BillingFacts,
    BillingWarning,
    ProgramId,
    TimeFact,
    Worker,
)
from ccm_flow.core.billing.need_rules import ConsentNeed
from ccm_flow.core.billing.rules import Program
from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class Pool:
    """The minutes that one code may rest on, in the order in which they were worked."""

    entries: tuple[TimeFact, ...]

    @property
    def seconds(self) -> int:
        """The exact sum."""
        return sum(entry.seconds for entry in self.entries)

    @property
    def minutes(self) -> int:
        """Whole minutes, floored once."""
        return self.seconds // 60

    def day_reached(self, seconds: int) -> date:
        """Give the day, within the month of the work, on which the sum came to `seconds`."""
        so_far = 0
        for entry in self.entries:
            so_far += entry.seconds
            if so_far >= seconds:
                reached = entry.started_at + timedelta(seconds=seconds - so_far + entry.seconds)
                # Work that runs past midnight of the last day still counts for its month.
                return min(reached.date(), Month.of(entry.started_at.date()).last_day)
        msg = f"the pool holds {so_far} seconds, not {seconds}"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Counted:
    """The entries of a month that count for one program."""

    entries: tuple[TimeFact, ...]
    warnings: tuple[BillingWarning, ...]

    def pool(self, workers: Iterable[Worker]) -> Pool:
        """Give the minutes of some workers."""
        wanted = frozenset(workers)
        return Pool(tuple(entry for entry in self.entries if entry.worker in wanted))


def count(facts: BillingFacts, program: Program) -> Counted:
    """Pick the entries that count for a program; say which do not, and why."""
    own = {entry.id: entry for entry in _ordered(facts.time) if entry.program == program.id}
    in_month = [entry for entry in own.values() if _month(entry) == facts.month]
    warnings = _not_this_month(facts, program.id, len(own) - len(in_month))
    need = next((need for need in program.needs if isinstance(need, ConsentNeed)), None)
    consent = facts.consent
    if need is None or consent is None or not consent.accepted:
        return Counted(tuple(in_month), warnings)
    counting = [entry for entry in in_month if entry.started_at >= consent.taken_at]
    early = sum(entry.seconds for entry in in_month) - sum(entry.seconds for entry in counting)
    if early:
        message = f"{duration(early)} of {program.id} work lie before the consent and do not count."
        warnings += (BillingWarning(message, need.basis),)
    return Counted(tuple(counting), warnings)


def _ordered(entries: Iterable[TimeFact]) -> list[TimeFact]:
    real = [entry for entry in entries if entry.seconds > 0]
    return sorted(real, key=lambda entry: (entry.started_at, entry.id, entry.seconds))


def _month(entry: TimeFact) -> Month:
    return Month.of(entry.started_at.date())


def _not_this_month(
    facts: BillingFacts, program: ProgramId, number: int
) -> tuple[BillingWarning, ...]:
    if not number:
        return ()
    entries = "1 time entry" if number == 1 else f"{number} time entries"
    message = f"{entries} of {program} belong to another month than {facts.month}; not counted."
    return (BillingWarning(message),)


def duration(seconds: int) -> str:
    """Write seconds as people read them: `28 min 40 s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
