"""What the pages work with, put together once when the application starts."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import Request

from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import Clock, FlowUnavailableError
from ccm_flow.app.sign_in import Door
from ccm_flow.bootstrap import Base, desk
from ccm_flow.language import Templates
from ccm_flow.web.limits import Limit

if TYPE_CHECKING:
    from temporalio.client import Client

Connect = Callable[[], Awaitable["Client"]]
"""Connects to the Temporal server; raises `FlowUnavailableError`."""
_CONNECT_SECONDS = 5
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class WebSettings:
    """How the application is reached."""

    secure: bool
    """Behind https: cookies are marked Secure and browsers are told to stay on https."""
    demo: bool
    """The clock may be moved by people."""


@dataclass
class Parts:
    """Everything the pages need."""

    base: Base
    accounts: SqlAccounts
    door: Door
    settings: WebSettings
    wall: Clock
    """The machine's own time: sessions end by it, also where the demo's clock jumps."""
    templates: Templates
    """The scripts and the structure of notes."""
    connect: Connect
    checks: Limit = field(default_factory=lambda: Limit(120, _MINUTE))
    """Checks and savings of drafts: an editor asks once for each pause in typing."""
    trials: Limit = field(default_factory=lambda: Limit(10, _MINUTE))
    """Tests and proofs of drafts."""
    proving: threading.Lock = field(default_factory=threading.Lock)
    """One proof at a time: each fills a processor for seconds."""
    _client: "Client | None" = field(default=None, repr=False)
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def client(self) -> "Client":
        """
        Give the connection to the Temporal server; a failed try is tried again next time.

        Raises:
            FlowUnavailableError: the Temporal server does not answer.
        """
        async with self._connecting:
            if self._client is None:
                try:
                    async with asyncio.timeout(_CONNECT_SECONDS):
                        self._client = await self.connect()
                except TimeoutError:
                    raise FlowUnavailableError("no answer") from None
            return self._client

    async def desk(self) -> Desk:
        """Give what the use cases work with; raises what `client` raises."""
        return desk(self.base, await self.client())


def parts_of(request: Request) -> Parts:
    """Give the parts of the application that a request reached."""
    parts: Parts = request.app.state.parts
    return parts
