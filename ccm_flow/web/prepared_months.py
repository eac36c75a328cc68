"""Samples of the months ahead, kept so that a page may ask with every move of a slider."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from ccm_flow.adapters.calendars import build_calendar, month_calendar
from ccm_flow.app import capacity as app
from ccm_flow.app.capacity import Prepared
from ccm_flow.app.simulate import Calendars, Wanted
from ccm_flow.core.billing.shelf import RuleShelf

CALENDARS: Final = Calendars(month_calendar, build_calendar)
_KEPT: Final = 64


@dataclass
class _Sample:
    """One sample, made once for all who ask for it at the same time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: tuple[RuleShelf, Prepared] | None = None


@dataclass
class PreparedMonths:
    """The samples that were used last; each takes seconds to make, and holds no patient."""

    _known: OrderedDict[str, _Sample] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """For looking a sample up; it is made under its own lock, so that nobody else waits."""

    def of(self, wanted: Wanted, shelf: RuleShelf) -> Prepared:
        """
        Give a sample; it is made again when the playbook, the hours or the rules changed.

        Raises:
            CannotSimulateError: it is not a monthly playbook.
        """
        key = f"{wanted.plan.sha256} {wanted.first} {wanted.months} {wanted.hours}"
        sample = self._sample(key)
        with sample.lock:
            if sample.made is None or sample.made[0] is not shelf:
                sample.made = shelf, app.prepare(wanted, CALENDARS, shelf)
            return sample.made[1]

    def _sample(self, key: str) -> _Sample:
        with self._lock:
            sample = self._known.setdefault(key, _Sample())
            self._known.move_to_end(key)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
            return sample
