"""A program kept running beside the server: the worker, or another that tells when ready."""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ccm_flow.adapters.processes.child import Child, ChildSpec
from ccm_flow.adapters.processes.errors import ChildFailedError
from ccm_flow.adapters.processes.identity import ProcessIdentity

_POLL_SECONDS = 0.05
_READY_SECONDS = 90.0


@dataclass(frozen=True)
class Companion:
    """
    What to run beside the server.

    The program gets TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, CCM_HOME and CCM_READY_FILE; it
    writes the line "ready" into that file once it is at work.
    """

    name: str
    """The word people see; unique in a set-up."""

    command: Sequence[str]
    """Program and arguments."""


WORKER = Companion("worker", (sys.executable, "-m", "workers"))
"""The worker that carries out the playbooks' steps."""


class CompanionProcess:
    """A companion as a child process of this one."""

    def __init__(self, companion: Companion, home: Path, environ: Mapping[str, str]) -> None:
        self.name = companion.name
        self._ready_file = home / "ready" / companion.name
        self._spec = ChildSpec(
            companion.name,
            companion.command,
            home / "logs" / f"{companion.name}.log",
            {**environ, "CCM_HOME": str(home), "CCM_READY_FILE": str(self._ready_file)},
        )
        self._child: Child | None = None

    @property
    def identity(self) -> ProcessIdentity | None:
        """The running process, if there is one."""
        return self._child.identity if self._child else None

    def start(self, cancelled: threading.Event | None = None) -> None:
        """Start the program and wait for its word; raises `ChildFailedError` when it fails."""
        self._ready_file.parent.mkdir(parents=True, exist_ok=True)
        self._ready_file.unlink(missing_ok=True)
        self._child = Child(self._spec)
        try:
            self._wait_until_ready(self._child, cancelled or threading.Event())
        except BaseException:
            self.stop()
            raise

    def exit_code(self) -> int | None:
        """Give how the program ended, or None while it runs."""
        return self._child.exit_code() if self._child else None

    def how_it_ended(self) -> str:
        """Say how the program ended, as the second half of a sentence."""
        return self._child.how_it_ended() if self._child else "was never started"

    def stop(self) -> None:
        """Stop the program and wait for its end; harmless when it does not run."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _wait_until_ready(self, child: Child, cancelled: threading.Event) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            if child.exit_code() is not None:
                raise ChildFailedError(self.name, child.how_it_ended(), self._spec.log)
            if self._said_ready() or cancelled.wait(_POLL_SECONDS):
                return
        raise ChildFailedError(self.name, "does not get ready", self._spec.log)

    def _said_ready(self) -> bool:
        try:
            return "ready" in self._ready_file.read_text().split()
        except OSError:
            return False
