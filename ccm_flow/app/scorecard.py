"""A clinic's scorecard for a month: the same for the clinic and for whoever works for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.drift import VALUE, Alarm, Measure, MonthFigures, alarms
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, OrganizationId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.scorecard import Count
from ccm_flow.core.sla import Kept, Tally, tally

COMPARED_MONTHS = 4
"""The month itself and the three before it."""
_KEPT = {Kept.ON_TIME: Count.ON_TIME, Kept.LATE: Count.LATE, Kept.MISSED: Count.MISSED}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row of the list behind a number."""

    what: str
    detail: str
    enrollment: EnrollmentId | None = None
    patient_name: str | None = None
    person_name: str | None = None
    at: datetime | None = None
    cycle: CycleId | None = None
    key: StepKey | None = None
    seconds: int = 0
    """Of an entry of time."""
    party: OrganizationId | None = None
    """Of a step: the organization that was responsible; None for nobody."""
    kept: Kept | None = None
    """Of a step: what became of its deadline."""


@dataclass(frozen=True, slots=True)
class Party:
    """One organization's deadlines of the month."""

    organization: OrganizationId | None
    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A clinic's month in numbers, with the list behind each."""

    clinic: ClinicId
    name: str
    month: Month
    as_of: datetime
    figures: MonthFigures
    evidence: Mapping[Count, tuple[Evidence, ...]]
    parties: tuple[Party, ...]
    alarms: tuple[Alarm, ...]

    def count(self, which: Count) -> int:
        """Give a number: the length of its list."""
        return len(self.evidence[which])

    @property
    def minutes(self) -> int:
        """Whole minutes of the entries, floored once."""
        return sum(one.seconds for one in self.evidence[Count.ENTRIES]) // 60

    @property
    def ready_percent(self) -> float | None:
        """The share that ended ready, of all; None while nobody's month has ended."""
        return VALUE[Measure.READY](self.figures)

    @property
    def on_time_percent(self) -> float | None:
        """The share of judged deadlines that were kept."""
        return VALUE[Measure.ON_TIME](self.figures)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record says for a scorecard."""

    name: str
    figures: tuple[MonthFigures, ...]
    """Of the month and those before it, the oldest first."""
    evidence: Mapping[Count, tuple[Evidence, ...]]
    organizations: Mapping[OrganizationId, str]


def make_scorecard(clinic: ClinicId, month: Month, facts: Facts, now: datetime) -> Scorecard:
    """Put a scorecard together; the numbers are the lengths of the lists."""
    return Scorecard(
        clinic=clinic,
        name=facts.name,
        month=month,
        as_of=now,
        figures=facts.figures[-1],
        evidence=facts.evidence,
        parties=_parties(facts),
        alarms=alarms(facts.figures),
    )


def _parties(facts: Facts) -> tuple[Party, ...]:
    found: dict[OrganizationId | None, list[Kept]] = {}
    for kept, count in _KEPT.items():
        for one in facts.evidence[count]:
            found.setdefault(one.party, []).append(kept)
    parties = [
        Party(who, facts.organizations.get(who, who) if who else "nobody agreed on", tally(kept))
        for who, kept in found.items()
    ]
    return tuple(sorted(parties, key=lambda one: (-one.tally.all, one.name)))
