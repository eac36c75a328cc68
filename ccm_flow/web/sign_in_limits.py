"""
How many wrong tries at signing in one address, or one name, may make in a while.

Kept in memory, for each process: it slows guessing down. What makes everybody wait after a few
wrong tries is kept with the account (`core.sign_in`).
"""

import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=5)
PER_ADDRESS: Final = 30
"""Wrong tries of one address in the window; a whole office may share one."""
PER_NAME: Final = 10
_MOST_KEPT: Final = 10_000
"""Addresses and names; the oldest are forgotten first."""


class TooManyTriesError(Exception):
    """No further try is looked at for a while."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait


@dataclass
class SignInLimits:
    """Counts tries; one that was right is taken back."""

    _tries: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, address: str, name: str, now: datetime) -> None:
        """
        Count a try before it is looked at, so that many at once count too.

        Raises:
            TooManyTriesError: there were too many.
        """
        with self._lock:
            limits = {f"a {address}": PER_ADDRESS, f"n {name.strip().lower()}": PER_NAME}
            for key, most in limits.items():
                tries = self._recent(key, now)
                if len(tries) >= most:
                    raise TooManyTriesError(tries[0] + WINDOW - now)
            for key in limits:
                self._tries.setdefault(key, deque()).append(now)
            self._forget(limits)

    def give_back(self, address: str, name: str) -> None:
        """Take a try back that was right."""
        with self._lock:
            for key in (f"a {address}", f"n {name.strip().lower()}"):
                if self._tries.get(key):
                    self._tries[key].pop()

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        tries = self._tries.get(key, deque())
        while tries and now - tries[0] >= WINDOW:
            tries.popleft()
        return tries

    def _forget(self, used: Iterable[str]) -> None:
        for key in used:  # what was used last stands last
            self._tries[key] = self._tries.pop(key)
        while len(self._tries) > _MOST_KEPT:
            del self._tries[next(iter(self._tries))]
