"""
How many wrong tries at signing in one address, or one name, may make in a while.

It slows guessing down. What makes everybody wait after a few wrong tries is kept with the account
(`core.sign_in`).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.throttle import per_span
from ccm_flow.web.limits import Limit, TooOftenError

WINDOW: Final = timedelta(minutes=5)
PER_ADDRESS: Final = 30
"""Wrong tries of one address at once, and again in each window; a whole office may share one."""
PER_NAME: Final = 10


class TooManyTriesError(Exception):
    """No further try is looked at for a while."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many tries")
        self.wait = wait


@dataclass
class SignInLimits:
    """Counts tries; one that was right is taken back."""

    _addresses: Limit = field(default_factory=lambda: Limit(per_span(PER_ADDRESS, WINDOW)))
    _names: Limit = field(default_factory=lambda: Limit(per_span(PER_NAME, WINDOW)))

    def take(self, address: str, name: str, now: datetime) -> None:
        """
        Count a try before it is looked at, so that many at once count too.

        Raises:
            TooManyTriesError: there were too many.
        """
        try:
            self._addresses.take(address, now)
            try:
                self._names.take(_plain(name), now)
            except TooOftenError:
                self._addresses.give_back(address)
                raise
        except TooOftenError as error:
            raise TooManyTriesError(error.wait) from None

    def give_back(self, address: str, name: str) -> None:
        """Take a try back that was right."""
        self._addresses.give_back(address)
        self._names.give_back(_plain(name))


def _plain(name: str) -> str:
    """Read a name as the accounts do; only as much of it as tells names apart."""
    return name.strip().lower()[:200]
