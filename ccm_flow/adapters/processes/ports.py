"""Choosing a port on this machine, the same one each time when possible."""

import hashlib
import socket
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ccm_flow.adapters.processes.errors import PortTakenError

LOOPBACK = "127.0.0.1"
# Below the numbers the system hands out for outgoing connections, so none of those gets in the way.
_FIRST, _COUNT = 17_300, 10_000


def port_is_free(port: int) -> bool:
    """Say whether a server could listen on this port of the loopback address now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def choose_port(home: Path, remembered: int | None) -> int:
    """
    Give the port this home had before, or else a free one.

    The search starts at a place worked out from the home's path, so that two homes
    started at the same moment do not both want the same port.
    """
    candidates = chain([] if remembered is None else [remembered], _from_home(home))
    for port in candidates:
        if port_is_free(port):
            return port
    raise PortTakenError(_FIRST)


def _from_home(home: Path) -> Iterator[int]:
    digest = hashlib.sha256(str(home.absolute()).encode()).digest()
    start = int.from_bytes(digest[:4], "big")
    return (_FIRST + (start + step) % _COUNT for step in range(200))
