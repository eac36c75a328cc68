"""What the pages work with, put together once when the application starts."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import Request

from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.single_sign_on import SignOn
from ccm_flow.adapters.telemetry.wiring import watched
from ccm_flow.app.act import Desk
from ccm_flow.app.clinics_view import BillMemory
from ccm_flow.app.flow import Clock, FlowUnavailableError
from ccm_flow.app.mail import Post, invitation_letter
from ccm_flow.app.sign_in import Door
from ccm_flow.bootstrap import Base, desk
from ccm_flow.core.throttle import per_span
from ccm_flow.language import Templates
from ccm_flow.web.away import AwayFlow
from ccm_flow.web.errands import Errands
from ccm_flow.web.limits import Limit
from ccm_flow.web.prepared_months import PreparedMonths
from ccm_flow.web.sign_in_limits import SignInLimits

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer
    from temporalio.client import Client

    from ccm_flow.adapters.telemetry.metrics import Metrics

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
    trusted_proxies: str = "127.0.0.1"
    """Whose word is taken on who asks: addresses and networks, with commas between."""


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
    checks: Limit = field(default_factory=lambda: Limit(per_span(120, _MINUTE)))
    """Checks and savings of drafts: an editor asks once for each pause in typing."""
    trials: Limit = field(default_factory=lambda: Limit(per_span(10, _MINUTE)))
    """Tests and proofs of drafts, rehearsals, comparisons, searches: each reads or plays a lot."""
    emergencies: Limit = field(default_factory=lambda: Limit(per_span(10, timedelta(hours=1))))
    """Tries at emergency access: each names a record number."""
    proving: threading.Lock = field(default_factory=threading.Lock)
    """One proof at a time: each fills a processor for seconds."""
    errands: Errands = field(default_factory=Errands)
    """What is worked out beside the pages."""
    prepared: PreparedMonths = field(default_factory=PreparedMonths)
    """Months ahead that were simulated, for the page of capacity."""
    bills: BillMemory = field(default_factory=BillMemory)
    """What was found missing at clinics a moment ago, for the page of all of them."""
    public_url: str = ""
    """Where people reach the application; what the browser says when empty."""
    post: Post | None = None
    """Sends e-mail; None where none is sent."""
    sign_on: SignOn | None = None
    """Single sign-on; None where people sign in with passwords alone."""
    limits: SignInLimits = field(default_factory=SignInLimits)
    metrics: "Metrics | None" = None
    """What requests and clicks take; None where nobody asked for it."""
    tracer: "Tracer | None" = None
    """Follows requests; None where nobody asked for it."""
    _client: "Client | None" = field(default=None, repr=False)
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def people(self) -> SqlPeople:
        """Where accounts are looked after."""
        return SqlPeople(self.base.engine)

    def public_address(self, request: Request) -> str:
        """Give the address that links begin with, without a slash at its end."""
        return self.public_url or str(request.base_url).rstrip("/")

    def mail_invitation(self, to: str, token: str) -> bool:
        """
        Send an invitation's link; False where no e-mail is sent.

        The address never comes from the request: whoever made it could choose another host.

        Raises:
            MailError: the mail server did not take it.
        """
        if self.post is None or not self.public_url:
            return False
        self.post.send(invitation_letter(to, f"{self.public_url}/invitation/{token}"))
        return True

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
        """
        Give what the use cases work with.

        While the server is away everything is still kept; only passing it on raises then.
        """
        try:
            work = desk(self.base, await self.client())
        except FlowUnavailableError as error:
            work = Desk(self.base.record, AwayFlow(error), self.base.clock)
        return watched(work, self.metrics, self.tracer)


def parts_of(request: Request) -> Parts:
    """Give the parts of the application that a request reached."""
    parts: Parts = request.app.state.parts
    return parts
