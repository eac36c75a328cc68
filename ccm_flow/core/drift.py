"""How a program does from month to month: the same figures for each month, and what changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ccm_flow.core.month import Month


class Measure(StrEnum):
    """One figure that is followed over the months."""

    READY = "ready"
    ON_TIME = "on_time"
    CONTACTS = "contacts"
    MINUTES = "minutes"
    ESCALATIONS = "escalations"


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """What was counted in one month of a clinic."""

    month: Month
    patients: int
    """Monthly cycles that were opened."""
    ended: int
    ready: int
    """Ended as ready."""
    steps_due: int
    """Steps that were done, or whose deadline passed or month closed without that."""
    steps_on_time: int
    contacts: int
    seconds: int
    """Time entered that stands after all corrections, whether it counts or not."""
    escalations: int
    """Questions put to somebody who had to answer by a time."""

    @property
    def is_over(self) -> bool:
        """Tell whether every cycle of the month has ended."""
        return self.patients > 0 and self.ended == self.patients


VALUE: Final[Mapping[Measure, Callable[[MonthFigures], float | None]]] = MappingProxyType(
    {
        Measure.READY: lambda one: _share(one.ready, one.patients) if one.ended else None,
        Measure.ON_TIME: lambda one: _share(one.steps_on_time, one.steps_due),
        Measure.CONTACTS: lambda one: _each(one.contacts, one.patients),
        Measure.MINUTES: lambda one: _each(one.seconds / 60, one.patients),
        Measure.ESCALATIONS: lambda one: float(one.escalations) if one.patients else None,
    }
)
"""Works a measure out; None where nothing was counted yet, which is not the same as 0."""


def last_months(month: Month, count: int) -> tuple[Month, ...]:
    """Give the months up to one, the oldest first."""
    months = [month]
    while len(months) < count:
        months.append(months[-1].previous)
    return tuple(reversed(months))


def change(figures: Sequence[MonthFigures], measure: Measure) -> float | None:
    """Give what changed from the month before the last to the last; None when one is missing."""
    if len(figures) < 2:
        return None
    before, last = (VALUE[measure](one) for one in figures[-2:])
    return None if before is None or last is None else last - before


@dataclass(frozen=True, slots=True)
class Alarm:
    """A measure fell by more than it usually moves."""

    measure: Measure
    value: float
    """Of the last month."""
    mean: float
    """Of the months before it that have a value."""
    fell_by: float
    """In the measure's own unit: points of percent, or contacts or minutes per patient."""


FALLS: Final[Mapping[Measure, float]] = MappingProxyType(
    {Measure.READY: 10.0, Measure.ON_TIME: 10.0}
)
"""By how many points a share may fall before it is an alarm."""
FALLS_BY_SHARE: Final[Mapping[Measure, float]] = MappingProxyType(
    {Measure.CONTACTS: 0.2, Measure.MINUTES: 0.2}
)
"""By which share of the mean an amount per patient may fall before it is an alarm."""
COMPARED: Final = 3
"""Months before the last one that make the mean."""
FEWEST: Final = 2
"""Of them, the fewest with a value; fewer are no mean to speak of."""


def alarms(figures: Sequence[MonthFigures]) -> tuple[Alarm, ...]:
    """
    Say which measures of the last month fell too far below the mean of the three before it.

    `figures` are of consecutive months, the oldest first. The thresholds are the program's own.
    More escalations are no fall, and fewer no alarm: they are followed and never judged here.
    """
    if not figures:
        return ()
    found = []
    for measure in (*FALLS, *FALLS_BY_SHARE):
        value = VALUE[measure](figures[-1])
        known = [VALUE[measure](one) for one in figures[-1 - COMPARED : -1]]
        before = [one for one in known if one is not None]
        if value is None or len(before) < FEWEST:
            continue
        mean = sum(before) / len(before)
        most = FALLS[measure] if measure in FALLS else FALLS_BY_SHARE[measure] * mean
        if mean - value > most:
            found.append(Alarm(measure, value, mean, mean - value))
    return tuple(found)


def _share(part: int, whole: int) -> float | None:
    return None if whole == 0 else 100 * part / whole


def _each(amount: float, patients: int) -> float | None:
    return None if patients == 0 else amount / patients
