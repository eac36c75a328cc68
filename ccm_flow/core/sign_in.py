"""
The rules of signing in: how long a session lasts and what failed tries lead to.

Limits follow OWASP's session and authentication guidance and NIST SP 800-63B: passwords are
long rather than odd, tries slow down, and a session ends when it is idle or old.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE_LIMIT = timedelta(minutes=30)
"""A session without a request for so long is over."""
ABSOLUTE_LIMIT = timedelta(hours=12)
"""No session lasts longer, however busy."""
FREE_TRIES = 5
"""Wrong tries before waiting begins."""
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
"""Hashing is costly on purpose; nobody needs more."""
_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    started_at: datetime
    last_seen_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Tell whether it ended by idleness or age."""
        return now - self.last_seen_at >= IDLE_LIMIT or now - self.started_at >= ABSOLUTE_LIMIT


def locked_until(failed: int, last_failed_at: datetime) -> datetime | None:
    """
    Say until when no further try is looked at, after `failed` wrong ones in a row.

    The wait doubles with each wrong try and never grows beyond `LONGEST_WAIT`, so that nobody
    can lock a colleague out for a day.
    """
    if failed < FREE_TRIES:
        return None
    doubled = FIRST_WAIT * (1 << min(failed - FREE_TRIES, _DOUBLINGS))
    return last_failed_at + min(doubled, LONGEST_WAIT)


def password_problem(password: str, *, name: str, username: str) -> str | None:
    """Say what is wrong with a password that somebody wants to set; None when it is fine."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters; a few unrelated words do well."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    lowered = password.lower()
    parts = [username.lower(), *name.lower().split()]
    if any(len(part) > 3 and part in lowered for part in parts):
        return "Leave your name and sign-in name out of it."
    if len(set(lowered)) < 5:
        return "Use more different characters."
    return None
