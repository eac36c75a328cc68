"""Where a draft of a playbook stands, and who may say yes to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month


class DraftEventKind(StrEnum):
    """What people do with a draft, beside writing it."""

    ASKED = "asked"
    """A second person is to look at it."""
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    """The second person wants something changed."""
    PUBLISHED = "published"
    PUT_AWAY = "put_away"
    """Nobody goes on with it; it stays readable."""


class DraftState(StrEnum):
    """Where a draft stands."""

    WRITING = "writing"
    WAITING = "waiting"
    APPROVED = "approved"
    PUBLISHED = "published"
    PUT_AWAY = "put_away"


@dataclass(frozen=True, slots=True)
class DraftEvent:
    """One thing that was done with one text of a draft."""

    kind: DraftEventKind
    revision: int
    """Which text it is about; it says nothing about later ones."""
    sha256: str
    """Of what that text comes to with everything it extends."""
    by: PersonId
    at: datetime
    note: str = ""
    month: Month | None = None
    """From which month on it was published."""


_STATES = {
    DraftEventKind.ASKED: DraftState.WAITING,
    DraftEventKind.APPROVED: DraftState.APPROVED,
    DraftEventKind.SENT_BACK: DraftState.WRITING,
    DraftEventKind.PUBLISHED: DraftState.PUBLISHED,
}


def state_of(events: Sequence[DraftEvent], newest_revision: int) -> DraftState:
    """
    Tell where a draft stands.

    A yes is for one text: as soon as somebody changes it, the draft is being written again.
    """
    if not events:
        return DraftState.WRITING
    last = events[-1]
    if last.kind is DraftEventKind.PUT_AWAY:
        return DraftState.PUT_AWAY
    return _STATES[last.kind] if last.revision == newest_revision else DraftState.WRITING


def is_own(writers: Sequence[PersonId], asked_by: PersonId | None, person: PersonId) -> bool:
    """Tell whether somebody wrote in a draft or asked for its approval: then another decides."""
    return person in writers or person == asked_by


def first_month(running: Month, *, is_live: bool) -> Month:
    """Give the first month a version may be published for: the running one only where none is."""
    return running.next if is_live else running
