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
_KEPT: Final = 20


@dataclass
class PreparedMonths:
    """The newest twenty samples; each takes seconds to make, and holds no patient."""

    _known: OrderedDict[str, tuple[RuleShelf, Prepared]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, wanted: Wanted, shelf: RuleShelf) -> Prepared:
        """
        Give a sample; it is made again when the playbook, the hours or the rules changed.

        Raises:
            CannotSimulateError: it is not a monthly playbook.
        """
        key = f"{wanted.plan.sha256} {wanted.first} {wanted.months} {wanted.hours}"
        with self._lock:  # one at a time: each fills a processor
            known = self._known.get(key)
            if known is None or known[0] is not shelf:
                known = shelf, app.prepare(wanted, CALENDARS, shelf)
                self._known[key] = known
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return known[1]
