"""The embedded Temporal server: one child process with its state in a file of the home."""

import socket
import threading
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from ccm_flow.adapters.processes.child import Child, ChildSpec
from ccm_flow.adapters.processes.errors import ChildFailedError, PortTakenError
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import KEEP_FINISHED, answers
from ccm_flow.adapters.processes.identity import ProcessIdentity
from ccm_flow.adapters.processes.ports import LOOPBACK, choose_port, port_is_free
from ccm_flow.adapters.processes.server_program import ServerProgram

_POLL_SECONDS = 0.05
_READY_SECONDS = 90.0
_PORT_ATTEMPTS = 5

_TUNING = (
    # One machine, many small workflows: a queue in one part needs no forwarding between parts.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    # One clinic's month opening must not starve another's (Priority.fairness_key).
    "matching.enableFairness=true",
    "frontend.namespaceRPS.visibility=1000",
)
_TIME_TRAVEL = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    "frontend.WorkflowTimeSkippingMaxSkipPerSession=100000",
    # Timers may fire up to a second late to be handled in batches; a month has dozens in a row.
    'history.timerProcessorMaxTimeShift="20ms"',
)


class EmbeddedServer:
    """
    A Temporal server on this machine, reachable from this machine only.

    Its state is `<home>/temporal.db`; workflows carry on when it starts again. Once started
    it keeps its address, also over restarts: the port is written to `<home>/temporal.port`.
    A context manager: entering starts it, leaving stops it. Ends with the thread that
    started it (see `Child`).
    """

    name = "server"

    def __init__(
        self,
        program: ServerProgram,
        home: Path,
        *,
        namespace: str = "default",
        time_travel: bool = False,
    ) -> None:
        self.home = home
        self.namespace = namespace
        self._program = program
        self._time_travel = time_travel
        self._port: int | None = None
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """host:port for clients and workers; known once the server was started."""
        if self._port is None:
            raise RuntimeError("The server was never started, so it has no address yet.")
        return f"{LOOPBACK}:{self._port}"

    @property
    def identity(self) -> ProcessIdentity | None:
        """The running process, if there is one."""
        return self._child.identity if self._child else None

    def start(self, cancelled: threading.Event | None = None) -> None:
        """
        Start the server and wait until it answers; a set `cancelled` ends the wait early.

        Raises `ChildFailedError` with the log's last lines when it ends or stays silent, and
        `PortTakenError` when its port was lost to another program between two starts.
        """
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._port is not None:
            self._start_at(self._port, cancelled)
            return
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            port = choose_port(self.home, self._remembered_port())
            try:
                self._start_at(port, cancelled)
            except PortTakenError:
                if attempt == _PORT_ATTEMPTS:
                    raise
            else:
                self._port = port
                self._remember(port)
                return

    def exit_code(self) -> int | None:
        """Give how the server ended, or None while it runs."""
        return self._child.exit_code() if self._child else None

    def how_it_ended(self) -> str:
        """Say how the server ended, as the second half of a sentence."""
        return self._child.how_it_ended() if self._child else "was never started"

    def stop(self) -> None:
        """Stop the server and wait for its end; harmless when it does not run."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_at(self, port: int, cancelled: threading.Event | None) -> None:
        if not port_is_free(port):
            raise PortTakenError(port)
        log = self.home / "logs" / "server.log"
        self._child = Child(ChildSpec(self.name, self._command(port), log))
        try:
            self._wait_until_it_answers(self._child, port, cancelled or threading.Event())
        except BaseException:
            self.stop()
            raise

    def _command(self, port: int) -> list[str]:
        tuning = _TUNING + (_TIME_TRAVEL if self._time_travel else ())
        command = [str(self._program.path), "server", "start-dev", "--headless"]
        command += ["--ip", LOOPBACK, "--port", str(port), "--namespace", self.namespace]
        command += ["--db-filename", str(self.home / "temporal.db"), "--log-level", "error"]
        for pragma in ("journal_mode=wal", "synchronous=normal"):
            command += ["--sqlite-pragma", pragma]
        for setting in tuning:
            command += ["--dynamic-config-value", setting]
        return command

    def _wait_until_it_answers(self, child: Child, port: int, cancelled: threading.Event) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        address = f"{LOOPBACK}:{port}"
        while time.monotonic() < deadline:
            served = _listens(port) and run_async(answers(address, self.namespace, KEEP_FINISHED))
            # Asked last: what answered is ours only if our process still lives.
            if child.exit_code() is not None:
                if not port_is_free(port):
                    raise PortTakenError(port)
                raise ChildFailedError("Temporal server", child.how_it_ended(), child.spec.log)
            if served or cancelled.wait(_POLL_SECONDS):
                return
        raise ChildFailedError("Temporal server", "does not answer", child.spec.log)

    def _remembered_port(self) -> int | None:
        try:
            return int((self.home / "temporal.port").read_text())
        except (OSError, ValueError):
            return None

    def _remember(self, port: int) -> None:
        (self.home / "temporal.port").write_text(f"{port}\n")


def _listens(port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
