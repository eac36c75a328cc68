"""Drafts of playbooks, what can be wrong with one, and the ports to where they are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.core.drafts import (
    DraftEvent,
    DraftEventKind,
    DraftState,
    is_own,
    state_of,
)
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, DraftId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.language.overlay import Resolved


class VersionTakenError(CcmError):
    """A published version of a playbook never changes."""

    exit_code = 2
    hint = "Give the file a new version number and publish it again."

    def __init__(self, plan: Plan) -> None:
        super().__init__(
            f"{plan.playbook} version {plan.version} is published with another text already."
        )


class NoSuchDraftError(CcmError):
    """There is no such draft."""

    exit_code = 4

    def __init__(self) -> None:
        super().__init__("There is no such draft.")


class NoSuchVersionError(CcmError):
    """A clinic never published such a version."""

    exit_code = 4

    def __init__(self) -> None:
        super().__init__("There is no such version.")


class DraftMovedOnError(CcmError):
    """Somebody else changed the draft, or decided about it, in the meantime."""

    exit_code = 4
    hint = "Look at what is new, then do it again. What you typed is kept."

    def __init__(self) -> None:
        super().__init__("Somebody changed this draft in the meantime.")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with its newest text."""

    id: DraftId
    clinic: ClinicId
    begun_from: str
    text: str
    revision: int
    saved_by: PersonId
    saved_at: datetime
    writers: tuple[PersonId, ...]
    """Everybody who saved a text of it, and who began it."""
    events: tuple[DraftEvent, ...]

    @property
    def state(self) -> DraftState:
        """Where it stands."""
        return state_of(self.events, self.revision)

    @property
    def last(self) -> DraftEvent | None:
        """What was done last."""
        return self.events[-1] if self.events else None

    def is_own(self, person: PersonId) -> bool:
        """Tell whether somebody else has to decide about it."""
        asked = [event.by for event in self.events if event.kind is DraftEventKind.ASKED]
        return is_own(self.writers, asked[-1] if asked else None, person)


@dataclass(frozen=True, slots=True)
class Publication:
    """A version that a clinic uses from a month on, and who made it so."""

    clinic: ClinicId
    plan: Plan
    source: str
    from_month: Month
    by: PersonId | None = None
    approved_by: PersonId | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class DraftDeed:
    """Something to be noted with a draft, by somebody who saw so much of it."""

    draft: DraftId
    event: DraftEvent
    seen: int
    """How many events there were."""


class DraftStore(Protocol):
    """Where drafts are kept. Texts and events are only ever added."""

    def draft(self, draft: DraftId) -> Draft:
        """Give a draft; raises `NoSuchDraftError`."""
        ...

    def save(
        self, draft: DraftId, text: str, title: str, *, base: int, by: PersonId, now: datetime
    ) -> int:
        """
        Keep a text and give its revision; the same text twice is one.

        Raises:
            DraftMovedOnError: `base`, the revision it was written on, is not the newest.
        """
        ...

    def add(self, deed: DraftDeed) -> None:
        """Note what was done; raises `DraftMovedOnError` when there are other events by now."""
        ...

    def publish(self, publication: Publication, now: datetime, deed: DraftDeed | None) -> None:
        """
        Keep a version, use it from a month on, and note that with its draft, as one change.

        Raises:
            VersionTakenError: the version number stands for another text.
            DraftMovedOnError: there are other events by now.
        """
        ...

    def is_taken(self, plan: Plan) -> bool:
        """Tell whether the version number stands for another text."""
        ...

    def is_live(self, clinic: ClinicId, kind: PlaybookKind, month: Month) -> bool:
        """Tell whether a clinic uses any playbook of a kind in a month."""
        ...

    def is_rehearsed(self, clinic: ClinicId, sha256: str) -> bool:
        """Tell whether a rehearsal at the clinic forecast what exactly this text does."""
        ...

    def used(self, clinic: ClinicId, sha256: str) -> tuple[Plan, str]:
        """Give a version that a clinic published before; raises `NoSuchVersionError`."""
        ...


class Library(Protocol):
    """Reads playbooks with what they extend: versions in use, and those that are shipped."""

    def resolve(self, clinic: ClinicId, text: str) -> Resolved:
        """Check a text."""
        ...
