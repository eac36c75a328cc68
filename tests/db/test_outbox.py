"""Every line of the ledger is told once or more, in spite of everything, on both databases."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from ccm_flow.adapters.db.endpoint_store import SqlEndpoints
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.outbox_store import SqlOutbox
from ccm_flow.adapters.db.tables import LedgerEventRow, WebhookDeliveryRow, WebhookEndpointRow
from ccm_flow.adapters.sealing import Sealer
from ccm_flow.adapters.webhook_sender import HttpSender, check_url
from ccm_flow.app.webhooks import (
    LEASE,
    BadEndpointError,
    DeliveryState,
    Message,
    NewEndpoint,
    NoSuchEndpointError,
    deliver,
)
from ccm_flow.core.ids import ClinicId, CycleId
from ccm_flow.core.webhooks import WAITS, HookEvent, is_signed
from tests.support.set_up import CLINIC, MovableClock, set_up_clinic

SEALER = Sealer([b"k" * 32])
EVERY = frozenset(HookEvent)


@dataclass
class Catcher:
    """A receiver on loopback that answers as it is told."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    """Taken one after the other; then 200."""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    caught = Catcher()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            caught.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(caught.answers.pop(0) if caught.answers else 200)
            self.send_header("location", f"{caught.url}/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    caught.url = f"http://127.0.0.1:{server.server_port}/hooks"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield caught
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Office:
    """A clinic whose ledger grows, and what tells others of it."""

    engine: Engine
    clock: MovableClock
    outbox: SqlOutbox
    endpoints: SqlEndpoints
    lines: int = 0

    def listen(self, url: str, events: frozenset[HookEvent] = EVERY, clinic: str = CLINIC) -> str:
        new = NewEndpoint(ClinicId(clinic), url, events, None)
        endpoint, self.secret = self.endpoints.add(new, self.clock.now())
        return endpoint.id

    def happen(self, kind: str = "cycle_opened") -> None:
        self.lines += 1
        with writing(self.engine) as session:
            session.add(self.line(kind))

    def line(self, kind: str = "cycle_opened") -> LedgerEventRow:
        cycle = CycleId(f"monthly:e{self.lines}-{id(object())}:2037-12")
        return LedgerEventRow(
            clinic_id=CLINIC, cycle_id=cycle, sequence=self.lines, position=0,
            at=self.clock.now(), kind=kind, detail={},
        )  # fmt: skip

    def deliver(self) -> int:
        async def go() -> int:
            async with HttpSender(private=True) as sender:
                return await deliver(self.outbox, sender, self.clock)

        return asyncio.run(go())

    def states(self) -> list[DeliveryState]:
        with Session(self.engine) as session:
            return [row.state for row in session.exec(select(WebhookDeliveryRow))]


@pytest.fixture
def office(engine: Engine) -> Office:
    set_up_clinic(engine)
    clock = MovableClock(datetime(2037, 12, 1, 15, tzinfo=UTC))
    return Office(engine, clock, SqlOutbox(engine, SEALER), SqlEndpoints(engine, SEALER))


def test_what_happens_is_told_once_and_signed(office: Office, catcher: Catcher) -> None:
    office.happen()
    office.listen(catcher.url)
    office.happen()
    office.happen()
    assert office.deliver() == 2  # what happened before somebody listened is not told
    assert office.deliver() == 0
    assert len(set(catcher.ids)) == 2
    for headers, body in catcher.got:
        assert is_signed(office.secret, headers, body, office.clock.now())
    assert office.states() == [DeliveryState.DELIVERED] * 2


def test_only_chosen_events_of_the_own_clinic_are_told(office: Office, catcher: Catcher) -> None:
    office.listen(catcher.url, frozenset({HookEvent.ENROLLMENT_ENDED}))
    office.happen("cycle_opened")
    office.happen("enrollment_ended")
    assert office.deliver() == 1
    assert catcher.ids[0].endswith("enrollment.ended")


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_failure_is_tried_again_later_under_the_same_id(
    office: Office, catcher: Catcher, status: int
) -> None:
    office.listen(catcher.url)
    office.happen()
    catcher.answers = [status]
    assert office.deliver() == 1
    assert office.deliver() == 0  # not before its time, and no redirect is followed
    assert len(catcher.got) == 1
    office.clock.instant += WAITS[0]
    assert office.deliver() == 1
    assert len(set(catcher.ids)) == 1
    assert office.states() == [DeliveryState.DELIVERED]


def test_after_the_last_try_it_is_given_up_until_a_person_sends_it_again(
    office: Office, catcher: Catcher
) -> None:
    endpoint = office.listen(catcher.url)
    office.happen()
    catcher.answers = [503] * (len(WAITS) + 1)
    for wait in (*WAITS, timedelta(days=30)):
        assert office.deliver() == 1
        office.clock.instant += wait
    assert office.deliver() == 0
    [entry] = office.endpoints.log(CLINIC, 10)
    assert (entry.state, entry.last_answer) == (DeliveryState.GIVEN_UP, "Answered 503.")
    with pytest.raises(NoSuchEndpointError):
        office.endpoints.send_again(endpoint, entry.event_id, ClinicId("oak"), office.clock.now())
    office.endpoints.send_again(endpoint, entry.event_id, CLINIC, office.clock.now())
    assert office.deliver() == 1
    assert office.states() == [DeliveryState.DELIVERED]


def test_a_crash_between_sending_and_noting_sends_it_again_with_the_same_id(
    office: Office, catcher: Catcher
) -> None:
    office.listen(catcher.url)
    office.happen()
    now = office.clock.now()
    office.outbox.fill(now)
    [message] = office.outbox.take(now, now + LEASE, 8)

    async def send_and_die() -> None:
        async with HttpSender(private=True) as sender:
            await sender.send(message, now)

    asyncio.run(send_and_die())
    assert office.deliver() == 0  # somebody may be at it still
    office.clock.instant += LEASE
    assert office.deliver() == 1
    assert catcher.ids == [message.event_id] * 2
    assert office.states() == [DeliveryState.DELIVERED]


def test_a_receiver_that_is_away_loses_nothing(office: Office, catcher: Catcher) -> None:
    office.listen("http://127.0.0.1:9/hooks")
    office.happen()
    assert office.deliver() == 1
    assert office.states() == [DeliveryState.WAITING]
    assert "cannot be reached" in office.endpoints.log(CLINIC, 1)[0].last_answer


def test_an_endpoint_that_ended_is_sent_nothing(office: Office, catcher: Catcher) -> None:
    endpoint = office.listen(catcher.url)
    office.happen()
    office.outbox.fill(office.clock.now())
    office.endpoints.end(endpoint, CLINIC, None, office.clock.now())
    assert office.deliver() == 0
    assert catcher.got == []
    assert office.endpoints.of(CLINIC) == []


def test_a_line_that_becomes_visible_late_is_not_passed_over(office: Office) -> None:
    """Numbers are given when a line is written, but seen when its transaction ends."""
    office.listen("http://127.0.0.1:9/hooks")
    if office.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with Session(office.engine) as slow:
        slow.add(office.line())
        slow.flush()
        office.happen()  # a later number, seen first
        assert office.outbox.fill(office.clock.now()) == 0
        slow.commit()
    assert office.outbox.fill(office.clock.now()) == 2


def test_filling_twice_at_once_doubles_nothing(office: Office) -> None:
    office.listen("http://127.0.0.1:9/hooks")
    for _ in range(20):
        office.happen()
    threads = [
        threading.Thread(target=office.outbox.fill, args=(office.clock.now(),)) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(office.states()) == 20
    with Session(office.engine) as session:
        newest = session.exec(select(func.max(LedgerEventRow.id))).one()
        assert session.exec(select(WebhookEndpointRow)).one().read_to == newest


def test_two_workers_never_take_the_same_message(office: Office) -> None:
    office.listen("http://127.0.0.1:9/hooks")
    for _ in range(6):
        office.happen()
    now = office.clock.now()
    office.outbox.fill(now)
    taken: list[Message] = []
    threads = [
        threading.Thread(target=lambda: taken.extend(office.outbox.take(now, now + LEASE, 4)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.event_id for one in taken}) == len(taken)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x", "https://127.0.0.1/", "https://localhost/", "https://[::1]/",
        "https://169.254.169.254/latest", "https://user:pw@example.org/", "ftp://example.org/",
        "https://", "not an address", "https://example.org:99999/", "https://10.1/",
        "https://example.org/#x",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_used_is_refused(url: str) -> None:
    with pytest.raises(BadEndpointError):
        check_url(url, private=False)


@pytest.mark.parametrize("addresses", [["10.0.0.7"], ["93.184.216.34", "127.0.0.1"], []])
async def test_a_name_that_leads_inside_is_refused_when_it_is_used(addresses: list[str]) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    message = Message("e", "1", "https://inside.example.org/", "whsec_aaaa", "{}", 0)
    async with HttpSender(private=False, resolve=resolve) as sender:
        outcome = await sender.send(message, datetime.now(UTC))
    assert not outcome.delivered
    assert "address" in outcome.answer
