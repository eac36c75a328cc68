"""
What other systems are told of, how a message is signed, and when it is tried again.

Signing follows the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`.
A message holds ids and instants alone; who may see more asks the API for it.
"""

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ccm_flow.core.engine.ladder import DEADLINE_PASSED
from ccm_flow.core.ids import ClinicId, CycleId
from ccm_flow.core.plan import Disposition
from ccm_flow.core.state import StepStatus

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with
TOLERANCE: Final = timedelta(minutes=5)
"""A message older or newer than this is refused, so that a copy cannot be sent again later."""
WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed try; ten tries over a little more than three days."""


class HookEvent(StrEnum):
    """What an endpoint may ask to be told."""

    STEP_OPENED = "step.opened"
    STEP_ESCALATED = "step.escalated"
    """A question was put to somebody, or the ladder told or gave it to somebody else."""
    STEP_COMPLETED = "step.completed"
    MONTH_OPENED = "month.opened"
    """A patient's cycle began: a month, an episode, or the way into the program."""
    MONTH_CLOSED = "month.closed"
    """A patient's cycle ended, however it did."""
    PATIENT_READY = "patient.ready"
    """The cycle ended with nothing missing for billing."""
    PATIENT_NOT_READY = "patient.not_ready"
    ENROLLMENT_ENDED = "enrollment.ended"
    ALERT_GIVEN = "alert.given"
    """Somebody of the other organization has an alert now, or a number has to be called."""
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_UNACKNOWLEDGED = "alert.unacknowledged"
    """Nobody of the other organization took it in time."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger."""

    id: int
    clinic: ClinicId
    stream: CycleId
    """A cycle, or `record:<enrollment>`."""
    sequence: int
    at: datetime
    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One message, the same for every endpoint."""

    id: str
    """The same each time it is sent, so that a receiver counts it once."""
    event: HookEvent
    body: Mapping[str, Any]


def told_of(line: LedgerLine) -> tuple[Told, ...]:
    """Say what other systems are told because of a line of the ledger."""
    return tuple(
        Told(f"{line.id}.{event.value}", event, _body(line, event)) for event in _events(line)
    )


_ALWAYS: Final[Mapping[str, tuple[HookEvent, ...]]] = {
    "cycle_opened": (HookEvent.MONTH_OPENED,),
    "enrollment_ended": (HookEvent.ENROLLMENT_ENDED,),
    "alert_given": (HookEvent.ALERT_GIVEN,),
    "alert_called_for": (HookEvent.ALERT_GIVEN,),
    "alert_acknowledged": (HookEvent.ALERT_ACKNOWLEDGED,),
    "alert_unacknowledged": (HookEvent.ALERT_UNACKNOWLEDGED,),
}
"""What a line of the ledger is told as, whatever it says."""


def _events(line: LedgerLine) -> tuple[HookEvent, ...]:
    step = line.detail.get("step")
    step = step if isinstance(step, Mapping) else {}
    match line.kind:
        case "open_step":
            asked = (HookEvent.STEP_ESCALATED,) if step.get("urgency") else ()
            return (HookEvent.STEP_OPENED, *asked)
        case "notify_person":
            return (HookEvent.STEP_ESCALATED,)
        case "move_owner":
            climbed = line.detail.get("because") == DEADLINE_PASSED
            return (HookEvent.STEP_ESCALATED,) if climbed else ()
        case "close_step":
            done = step.get("status") == StepStatus.DONE.value
            return (HookEvent.STEP_COMPLETED,) if done else ()
        case "end_cycle":
            ending = line.detail.get("ending")
            return (
                HookEvent.MONTH_CLOSED,
                *_ends(ending.get("disposition") if isinstance(ending, Mapping) else None),
            )
        case kind:
            return _ALWAYS.get(kind, ())


def _ends(disposition: object) -> tuple[HookEvent, ...]:
    """
    Say what the end of a cycle means beside its being over.

    A withdrawal that a person tells of is in the ledger when it is told, and again when the
    cycle ends by it; both are passed on, because told twice does less harm than not at all.
    """
    match disposition:
        case Disposition.READY.value:
            return (HookEvent.PATIENT_READY,)
        case Disposition.NOT_READY.value:
            return (HookEvent.PATIENT_NOT_READY,)
        case (
            Disposition.WITHDRAWN.value
            | Disposition.DECEASED.value
            | Disposition.NOT_ENROLLED.value
        ):
            return (HookEvent.ENROLLMENT_ENDED,)
        case _:
            return ()


def _body(line: LedgerLine, event: HookEvent) -> dict[str, Any]:
    kind, _, rest = line.stream.partition(":")
    enrollment, _, month = rest.partition(":")
    data: dict[str, Any] = {"clinic": line.clinic, "enrollment": enrollment}
    if kind != "record":
        data |= {
            "cycle": line.stream,
            "kind": kind,
            "month": month.partition("~")[0],
            "sequence": line.sequence,
        }
    step = line.detail.get("step")
    if isinstance(step, Mapping) and "key" in step:
        data["step"] = step["key"]
    if line.kind.startswith("alert_"):
        data |= {"alert": line.detail["alert"], "step": line.detail["about"]}
    at = line.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"type": event.value, "timestamp": at, "data": data}


def next_try(tries: int, failed_at: datetime) -> datetime | None:
    """Say when a message is tried again after so many failed tries; None when it is given up."""
    return failed_at + WAITS[tries - 1] if tries <= len(WAITS) else None


def sign(secret: str, message_id: str, sent_at: datetime, body: bytes) -> dict[str, str]:
    """
    Give the headers that a message carries.

    Raises:
        ValueError: the secret is none.
    """
    seconds = str(int(sent_at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": _signature(secret, message_id, seconds, body),
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Check the headers of a message that came in; old and future ones are refused."""
    message_id = headers.get("webhook-id", "")
    seconds = headers.get("webhook-timestamp", "")
    if not message_id or not seconds.isascii() or not seconds.isdecimal() or len(seconds) > 12:
        return False
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        return False
    right = _signature(secret, message_id, seconds, body).encode()
    given = headers.get("webhook-signature", "").encode()
    return any(hmac.compare_digest(right, one) for one in given.split())


def _signature(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    signed = f"{message_id}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def make_secret(random: bytes) -> str:
    """Write random bytes as a signing secret."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def is_public(address: str) -> bool:
    """Tell whether an IP address is on the open internet, and not a machine's or network's own."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
