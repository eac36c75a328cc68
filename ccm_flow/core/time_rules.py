"""What may be entered as time, and how it is cut at the end of a month."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ccm_flow.core.time_entries import LATE_AFTER

MAX_ENTRY = timedelta(hours=4)
"""Nobody works on one patient for longer at a stretch; more is a timer that was left running."""
TIMER_LIMIT = timedelta(hours=2)
"""A timer that ran longer is not believed by itself, unless the clinic says otherwise."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the work that lies in one month."""

    started_at: datetime
    seconds: int


def problems_of(
    started: datetime,
    seconds: int,
    *,
    now: datetime,
    enrolled_at: datetime,
    reason: str,
) -> tuple[str, ...]:
    """List everything that speaks against a manual entry, each as a sentence."""
    ended = started + timedelta(seconds=seconds)
    found = []
    if seconds <= 0:
        found.append("It has no length.")
    if timedelta(seconds=seconds) > MAX_ENTRY:
        found.append(f"It is longer than {MAX_ENTRY // timedelta(hours=1)} hours.")
    if ended > now:
        found.append("It lies in the future.")
    if started < enrolled_at:
        found.append("It begins before the patient's enrollment.")
    if now - ended > LATE_AFTER and not reason.strip():
        found.append("It is entered more than 24 hours after the work, so it needs a reason.")
    return tuple(found)


def cut(started: datetime, seconds: int, midnight: datetime) -> tuple[Piece, ...]:
    """Cut work at the midnight that ends its month; whole when it does not reach across."""
    before = int((midnight - started).total_seconds())
    if before <= 0 or before >= seconds:
        return (Piece(started, seconds),)
    return (Piece(started, before), Piece(midnight, seconds - before))
