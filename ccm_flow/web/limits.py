"""
How often one session, token or address may ask for something: the only counter of its kind.

Kept in memory, for each process.
"""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.errors import CcmError
from ccm_flow.core.throttle import Bucket, Rate, full, put_back, take

_MOST_KEPT: Final = 10_000
"""How many are remembered; the one that asked longest ago is forgotten first."""


class TooOftenError(CcmError):
    """Somebody asks for more than one person, or one program, can want."""

    exit_code = 4
    hint = "Wait a moment and try again. What you typed is kept."

    def __init__(self, wait: timedelta) -> None:
        super().__init__("This was asked for many times just now.")
        self.wait = wait


class Limit:
    """A rate that holds for each key by itself."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, now: datetime) -> None:
        """
        Count one.

        Raises:
            TooOftenError: it is one too many; it is not counted.
        """
        with self._lock:
            before = self._buckets.get(key) or full(self._rate, now)
            self._buckets[key], wait = take(before, self._rate, now)
            self._buckets.move_to_end(key)
            if len(self._buckets) > _MOST_KEPT:
                self._buckets.popitem(last=False)
        if wait is not None:
            raise TooOftenError(wait)

    def give_back(self, key: str) -> None:
        """Take one back that is not to count."""
        with self._lock:
            if key in self._buckets:
                self._buckets[key] = put_back(self._buckets[key], self._rate)
