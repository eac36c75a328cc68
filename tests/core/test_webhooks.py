"""What is told to whom, how it is signed, when it is tried again, and where it may go."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.engine.ladder import DEADLINE_PASSED
from ccm_flow.core.ids import SYSTEM, ClinicId, CycleId
from ccm_flow.core.throttle import Rate, full, per_span, put_back, take
from ccm_flow.core.webhooks import (
    TOLERANCE,
    WAITS,
    LedgerLine,
    is_public,
    is_signed,
    make_secret,
    next_try,
    sign,
    told_of,
)

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
SECRET = make_secret(b"a" * 32)


def line(kind: str, stream: str = "monthly:7f3a:2026-12~2", **detail: Any) -> LedgerLine:
    return LedgerLine(7, ClinicId("elm"), CycleId(stream), 3, NOW, kind, detail)


def ended(disposition: str) -> dict[str, Any]:
    return {"ending": {"disposition": disposition}}


@pytest.mark.parametrize(
    ("kind", "detail", "told"),
    [
        ("cycle_opened", {}, ["month.opened"]),
        ("open_step", {"step": {"key": "outreach"}}, ["step.opened"]),
        (
            "open_step",
            {"step": {"key": "answer", "urgency": "urgent"}},
            ["step.opened", "step.escalated"],
        ),
        ("notify_person", {"step": {"key": "outreach"}}, ["step.escalated"]),
        (
            "move_owner",
            {"step": {"key": "outreach"}, "by": SYSTEM, "because": DEADLINE_PASSED},
            ["step.escalated"],
        ),
        ("move_owner", {"step": {"key": "outreach"}, "by": SYSTEM, "because": "Ann is away"}, []),
        ("move_owner", {"step": {"key": "outreach"}, "by": "elm.lee", "because": "swap"}, []),
        ("close_step", {"step": {"key": "outreach", "status": "done"}}, ["step.completed"]),
        ("close_step", {"step": {"key": "outreach", "status": "skipped"}}, []),
        ("end_cycle", ended("ready"), ["month.closed", "patient.ready"]),
        ("end_cycle", ended("not_ready"), ["month.closed", "patient.not_ready"]),
        ("end_cycle", ended("enrolled"), ["month.closed"]),
        ("end_cycle", ended("deceased"), ["month.closed", "enrollment.ended"]),
        ("enrollment_ended", {}, ["enrollment.ended"]),
        ("note_signed", {}, []),
    ],
)
def test_a_line_of_the_ledger_is_told(kind: str, detail: dict[str, Any], told: list[str]) -> None:
    messages = told_of(line(kind, **detail))
    assert [message.event.value for message in messages] == told
    assert [message.id for message in messages] == [f"7.{event}" for event in told]


def test_a_message_holds_ids_and_nothing_that_a_person_wrote() -> None:
    step = {"key": "outreach", "status": "done", "because": "Her daughter Eve said no."}
    [told] = told_of(line("close_step", step=step, because="secret"))
    assert told.body == {
        "type": "step.completed",
        "timestamp": "2026-12-01T15:00:00Z",
        "data": {
            "clinic": "elm",
            "enrollment": "7f3a",
            "cycle": "monthly:7f3a:2026-12~2",
            "kind": "monthly",
            "month": "2026-12",
            "sequence": 3,
            "step": "outreach",
        },
    }
    [other] = told_of(line("enrollment_ended", "record:7f3a", because="secret"))
    assert other.body["data"] == {"clinic": "elm", "enrollment": "7f3a"}


def test_the_signature_is_the_one_of_standard_webhooks() -> None:
    # The example of the specification.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - published
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_only_what_was_signed_passes(body: bytes, other: bytes) -> None:
    headers = sign(SECRET, "m", NOW, body)
    assert is_signed(SECRET, headers, body, NOW)
    assert is_signed(SECRET, headers, other, NOW) is (body == other)
    assert not is_signed(make_secret(b"b" * 32), headers, body, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "other"},
        {"webhook-id": ""},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1," + base64.b64encode(b"x" * 32).decode()},
        {"webhook-signature": "v1,é"},
    ],
)
def test_a_changed_header_does_not_pass(change: dict[str, str]) -> None:
    assert not is_signed(SECRET, {**sign(SECRET, "m", NOW, b"{}"), **change}, b"{}", NOW)


def test_an_old_message_does_not_pass_and_several_signatures_may_stand_there() -> None:
    headers = sign(SECRET, "m", NOW, b"{}")
    both = {**headers, "webhook-signature": "v1,old " + headers["webhook-signature"]}
    assert is_signed(SECRET, both, b"{}", NOW + TOLERANCE)
    assert not is_signed(SECRET, both, b"{}", NOW + TOLERANCE + timedelta(seconds=1))
    assert not is_signed(SECRET, both, b"{}", NOW - TOLERANCE - timedelta(seconds=1))


def test_tries_get_further_apart_and_end() -> None:
    times = [next_try(tries, NOW) for tries in range(1, len(WAITS) + 2)]
    assert times[-1] is None
    waits = [at - NOW for at in times if at is not None]
    assert waits == sorted(waits) == list(WAITS)
    assert sum(WAITS, timedelta()) > timedelta(days=3)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1",  # noqa: S104 - looked at, not listened on
        "::ffff:10.0.0.1", "2002:0a00:0001::", "ff02::1", "name", "",
    ],
)  # fmt: skip
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@given(st.lists(st.integers(0, 3000), max_size=80))
def test_no_one_gets_more_permits_than_the_rate_gives(pauses: list[int]) -> None:
    rate, now = Rate(burst=5, per_second=2), NOW
    bucket, let_in = full(rate, now), 0
    for pause in pauses:
        now += timedelta(milliseconds=pause)
        bucket, wait = take(bucket, rate, now)
        let_in += wait is None
        if wait is not None:
            assert take(bucket, rate, now + wait + timedelta(milliseconds=1))[1] is None
    assert let_in <= rate.burst + (now - NOW).total_seconds() * rate.per_second


def test_a_permit_that_is_given_back_does_not_count() -> None:
    rate = per_span(3, timedelta(minutes=1))
    bucket = full(rate, NOW)
    for _ in range(20):
        bucket, wait = take(bucket, rate, NOW)
        assert wait is None
        bucket = put_back(bucket, rate)
    assert put_back(bucket, rate) == full(rate, NOW)
    for _ in range(3):
        bucket, _ = take(bucket, rate, NOW)
    assert take(bucket, rate, NOW)[1] == timedelta(seconds=20)
