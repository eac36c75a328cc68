"""
Telling other systems what happened: from the ledger, at least once, in spite of failures.

Every line of the ledger becomes its messages exactly once, in the transaction that also notes
how far the ledger was read. A message counts as delivered when its receiver said so; whoever
dies between sending and noting that leaves a message that is sent again under the same id.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from ccm_flow.app.flow import Clock
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.webhooks import HookEvent, next_try

LEASE: Final = timedelta(minutes=2)
"""After so long without news of it, a message that was under way is sent again."""
AT_ONCE: Final = 8
"""How many messages are under way at the same time."""


class DeliveryState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    """Every try failed; a person may send it again."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a clinic's events are sent."""

    id: str
    clinic: ClinicId
    url: str
    events: frozenset[HookEvent]
    created_at: datetime
    ended_at: datetime | None
    waiting: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is due, with what is needed to send it."""

    endpoint: str
    event_id: str
    url: str
    secret: str
    body: str
    tries: int
    """How many failed before."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as people look at it."""

    endpoint: str
    event_id: str
    event: HookEvent
    url: str
    made_at: datetime
    state: DeliveryState
    tries: int
    next_try_at: datetime | None
    last_answer: str
    """What the last try came to; empty before the first."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What sending came to."""

    delivered: bool
    answer: str
    """The status, or why there was none; nothing of what the receiver wrote."""


class BadEndpointError(CcmError):
    """An address to which nothing may be sent."""

    exit_code = 2
    hint = "Give an https address on the open internet, e.g. https://example.org/hooks."


class NoSuchEndpointError(CcmError):
    """The clinic has no such endpoint, or no such message."""

    exit_code = 4
    hint = "`ccm webhook list` and `ccm webhook log` name them."

    def __init__(self, what: str) -> None:
        super().__init__(f"There is no '{what}'.")


class Outbox(Protocol):
    """Where endpoints and messages are kept."""

    def fill(self, now: datetime) -> int:
        """Make the messages of what was written into the ledger since; returns how many."""
        ...

    def take(self, now: datetime, until: datetime, limit: int) -> Sequence[Message]:
        """Take messages that are due; until then nobody else takes them."""
        ...

    def note(
        self, message: Message, outcome: Outcome, now: datetime, again: datetime | None
    ) -> None:
        """Keep what came of a try; `again` says when to try again, None for never."""
        ...


class Sender(Protocol):
    """Sends a message."""

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Send it once; never raises."""
        ...


async def deliver(outbox: Outbox, sender: Sender, clock: Clock) -> int:
    """
    Send what is due, a few at a time; returns how many messages were tried.

    Safe beside another process that does the same.
    """
    await asyncio.to_thread(outbox.fill, clock.now())
    tried = 0
    while True:
        now = clock.now()
        due = await asyncio.to_thread(outbox.take, now, now + LEASE, AT_ONCE)
        if not due:
            return tried
        await asyncio.gather(*(_send(outbox, sender, clock, message) for message in due))
        tried += len(due)


async def _send(outbox: Outbox, sender: Sender, clock: Clock, message: Message) -> None:
    outcome = await sender.send(message, clock.now())
    now = clock.now()
    again = None if outcome.delivered else next_try(message.tries + 1, now)
    await asyncio.to_thread(outbox.note, message, outcome, now, again)


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """What somebody wants to be told, and where."""

    clinic: ClinicId
    url: str
    events: frozenset[HookEvent]
    by: PersonId | None
    click: str = ""
    """The click that asks for it, so that a form sent twice makes one endpoint."""
