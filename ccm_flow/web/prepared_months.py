"""Samples of the months ahead, kept so that a page may ask with every move of a slider."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import build_calendar, month_calendar
from ccm_flow.adapters.processes.observed import closed_before, observed_behaviour
from ccm_flow.app import capacity as app
from ccm_flow.app.capacity import Prepared
from ccm_flow.app.simulate import Calendars, Wanted
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan

CALENDARS: Final = Calendars(month_calendar, build_calendar)
_KEPT: Final = 64
_Observed = tuple[ClinicId, str, tuple[tuple[Month, int], ...]]
"""A clinic, a playbook's version, and the closed months with their cycles."""


@dataclass
class _Sample:
    """One sample, made once for all who ask for it at the same time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: tuple[RuleShelf, Prepared] | None = None


@dataclass
class PreparedMonths:
    """The samples that were used last; each takes seconds to make, and holds no patient."""

    _known: OrderedDict[str, _Sample] = field(default_factory=OrderedDict)
    _observed: OrderedDict[_Observed, Assumptions] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """For looking a sample up; it is made under its own lock, so that nobody else waits."""

    def of(self, wanted: Wanted, shelf: RuleShelf) -> Prepared:
        """
        Give a sample; it is made again when the playbook, the hours or the rules changed.

        Raises:
            CannotSimulateError: it is not a monthly playbook.
        """
        key = f"{wanted.plan.sha256} {wanted.first} {wanted.months} {wanted.hours}"
        key += f" {wanted.assumptions}"
        sample = self._sample(key)
        with sample.lock:
            if sample.made is None or sample.made[0] is not shelf:
                sample.made = shelf, app.prepare(wanted, CALENDARS, shelf)
            return sample.made[1]

    def behaviour(
        self, engine: Engine, clinic: ClinicId, plan: Plan, running: Month
    ) -> Assumptions:
        """Give how a clinic's people act; looked at again when another month is closed."""
        closed = closed_before(engine, clinic, running)
        key = clinic, plan.sha256, closed
        with self._lock:
            known = self._observed.get(key)
        if known is None:
            months = [month for month, _ in closed]
            known = observed_behaviour(engine, clinic, months, plan)
            with self._lock:
                self._observed[key] = known
                while len(self._observed) > _KEPT:
                    self._observed.popitem(last=False)
        return known

    def _sample(self, key: str) -> _Sample:
        with self._lock:
            sample = self._known.setdefault(key, _Sample())
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
            return sample
