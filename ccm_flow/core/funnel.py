"""The way into the program in stages: how many come how far, and how long it takes them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final


class Stage(StrEnum):
    """How far a patient has come, in this order."""

    IDENTIFIED = "identified"
    INTRODUCED = "introduced"
    CONSENTED = "consented"
    VISIT_DONE = "visit_done"
    """The initiating visit took place, or none was needed."""
    PLAN_SHARED = "plan_shared"
    ACTIVE = "active"


ORDER: Final = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Journey:
    """One patient's way."""

    reached: Mapping[Stage, datetime]
    """When each stage was reached, as far as the record says."""
    left_at: datetime | None = None
    """When they declined or left on the way; None for those still on it, and for the active."""

    @property
    def stage(self) -> Stage:
        """The furthest stage."""
        return max(self.reached, key=ORDER.index, default=Stage.IDENTIFIED)


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many came to a stage, and how."""

    stage: Stage
    reached: int
    """Came at least this far."""
    here: int
    """Are here now."""
    left: int
    """Declined or left from here."""
    share: float | None
    """Of those who reached the stage before; None for the first, and when nobody did."""
    median_days: float | None
    """From the stage before; None when nobody's record has both instants."""


def count_stages(journeys: Iterable[Journey]) -> tuple[StageCount, ...]:
    """Count every stage; whoever reached a later one has reached those before it."""
    all_ = list(journeys)
    places = [ORDER.index(one.stage) for one in all_]
    counts = []
    before = 0
    for place, stage in enumerate(ORDER):
        reached = sum(one >= place for one in places)
        at = [one for one, here in zip(all_, places, strict=True) if here == place]
        left = sum(one.left_at is not None for one in at)
        counts.append(
            StageCount(
                stage=stage,
                reached=reached,
                here=len(at) - left,
                left=left,
                share=reached / before if place and before else None,
                median_days=_median_days(all_, ORDER[place - 1], stage) if place else None,
            )
        )
        before = reached
    return tuple(counts)


def _median_days(journeys: Sequence[Journey], start: Stage, end: Stage) -> float | None:
    took = [
        (one.reached[end] - one.reached[start]) / timedelta(days=1)
        for one in journeys
        if start in one.reached and end in one.reached
    ]
    return round(median(max(days, 0.0) for days in took), 1) if took else None
