"""How often one session may ask for what is costly."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.errors import CcmError

_MOST_SESSIONS: Final = 10_000
"""How many are remembered; the one that asked longest ago is forgotten first."""


class TooOftenError(CcmError):
    """A session asks for more than one person can want."""

    exit_code = 4
    hint = "Wait a moment and try again. What you typed is kept."

    def __init__(self) -> None:
        super().__init__("This was asked for many times just now.")


class Limit:
    """At most so many times in a span, for each session."""

    def __init__(self, times: int, span: timedelta) -> None:
        self._times, self._span = times, span
        self._asked: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, session: str, now: datetime) -> None:
        """
        Count one.

        Raises:
            TooOftenError: it is one too many.
        """
        with self._lock:
            asked = self._asked.setdefault(session, deque())
            self._asked.move_to_end(session)
            while asked and asked[0] <= now - self._span:
                asked.popleft()
            if len(asked) >= self._times:
                raise TooOftenError
            asked.append(now)
            if len(self._asked) > _MOST_SESSIONS:
                self._asked.popitem(last=False)
