"""A packet as JSON, the source of everything that is made of it."""

import json
from typing import Any

from ccm_flow.app.packet_seal import Sealed
from ccm_flow.core.errors import CcmError


class NotAPacketError(CcmError):
    """A file is not a packet."""

    exit_code = 2
    hint = "Give a JSON file that `ccm packet` wrote."


def packet_json(sealed: Sealed) -> bytes:
    """Write a packet; the hash stands beside the content that it is the hash of."""
    whole = {"packet": sealed.content, "sha256": sealed.sha256}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def read_packet(text: str | bytes) -> Sealed:
    """Read a packet back; raises `NotAPacketError`."""
    try:
        whole: Any = json.loads(text)
        return Sealed(dict(whole["packet"]), str(whole["sha256"]))
    except (ValueError, KeyError, TypeError) as error:
        raise NotAPacketError("This is not a packet.") from error
