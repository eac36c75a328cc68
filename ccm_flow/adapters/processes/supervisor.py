"""
Keeping a set of programs running: the server first, then what works with it.

    with Supervisor(settings, server=find_server(settings, say)) as running:
        ...  # running.address is the Temporal server; the worker is at work

One thread starts and watches all of them, because the kernel ties a child to the thread
that started it.
"""

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ccm_flow.adapters.processes.companion import WORKER, Companion, CompanionProcess
from ccm_flow.adapters.processes.errors import AlreadyRunningError, ProcessError
from ccm_flow.adapters.processes.identity import identify
from ccm_flow.adapters.processes.locks import FileLock
from ccm_flow.adapters.processes.programs import GaveUpError, Patience, Program, Watched
from ccm_flow.adapters.processes.run_file import (
    RunRecord,
    RunState,
    end_leftovers,
    read_run_file,
    write_run_file,
)
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ExternalServer, ServerProgram
from ccm_flow.adapters.processes.settings import ServerSettings, importing

_POLL_SECONDS = 0.1


@dataclass
class _Progress:
    """What the watching thread tells the others."""

    ready: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    problem: BaseException | None = None


class Supervisor:
    """
    Runs the server and its companions in one home, and restarts what dies.

    A context manager: entering gives control back once everything is ready and raises
    what went wrong otherwise; leaving stops everything in the opposite order and waits.
    A server that is restarted keeps its address.
    """

    def __init__(
        self,
        settings: ServerSettings,
        server: ServerProgram | ExternalServer,
        *,
        companions: Sequence[Companion] = (WORKER,),
        time_travel: bool = False,
        environ: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.home = settings.home
        self._settings = settings
        self._server = server
        self._companions = companions
        self._time_travel = time_travel
        self._environ = {**settings.environ, **(environ or {})}
        self._patience = patience or Patience()
        self._lock = FileLock(self.home / "lock")
        self._stop = threading.Event()
        self._progress = _Progress()
        self._watched: list[Watched] = []
        self._address = ""
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """host:port of the Temporal server."""
        return self._address

    @property
    def namespace(self) -> str:
        """The Temporal namespace in use."""
        return self._settings.namespace

    def pid_of(self, name: str) -> int | None:
        """Give the pid of the program with this name, if it runs."""
        for watched in self._watched:
            if watched.program.name == name and watched.program.identity:
                return watched.program.identity.pid
        return None

    def start(self) -> None:
        """
        Start everything and wait until it is ready.

        Raises `AlreadyRunningError` when the home is in use, `GaveUpError` or another
        `ProcessError` when a program does not start.
        """
        if not self._lock.acquire():
            record = read_run_file(self.home)
            raise AlreadyRunningError(
                self.home, record.supervisor.pid if record else self._lock.holder()
            )
        # A daemon: a program that ends without `stop` still ends, and takes the children along.
        self._thread = threading.Thread(target=self._run, name="ccm-supervisor", daemon=True)
        self._thread.start()
        try:
            self._progress.ready.wait()
        except BaseException:
            self.stop()
            raise
        self._raise_problem()

    def wait(self) -> None:
        """Wait until everything has ended; raises `GaveUpError` when that was not asked for."""
        self._progress.over.wait()
        self._raise_problem()

    def request_stop(self) -> None:
        """Ask everything to stop, without waiting; safe inside a signal handler."""
        self._stop.set()

    def stop(self) -> None:
        """Stop everything, last started first, and wait for the end; harmless when repeated."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run_until_stopped(self) -> None:
        """
        Run in the foreground until Ctrl-C or SIGTERM, then stop everything in order.

        Only for the main thread. Raises what `start` and `wait` raise.
        """
        stopping = (signal.SIGINT, signal.SIGTERM)
        before = {one: signal.signal(one, lambda *_: self.request_stop()) for one in stopping}
        try:
            self.start()
            self.wait()
        finally:
            self.stop()
            for one, handler in before.items():
                signal.signal(one, handler)

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

    def _raise_problem(self) -> None:
        if self._progress.problem is not None:
            self.stop()
            raise self._progress.problem

    # Everything below runs in the watching thread.

    def _run(self) -> None:
        try:
            self._start_all()
            self._watch()
        except BaseException as problem:  # noqa: BLE001 - raised again where someone waits for it
            self._progress.problem = problem
        finally:
            try:
                self._stop_all()
            finally:
                self._lock.release()
                self._progress.over.set()
                self._progress.ready.set()

    def _start_all(self) -> None:
        end_leftovers(self.home)
        self._write(RunState.STARTING)
        if isinstance(self._server, ExternalServer):
            self._address = self._server.address
        else:
            server = EmbeddedServer(
                self._server,
                self.home,
                namespace=self.namespace,
                time_travel=self._time_travel,
            )
            self._start_one(server)
            self._address = "" if self._stop.is_set() else server.address
        for companion in self._companions:
            self._start_one(CompanionProcess(companion, self.home, self._companion_environ()))
        if not self._stop.is_set():
            self._write(RunState.READY)
            self._progress.ready.set()

    def _start_one(self, program: Program) -> None:
        if not self._stop.is_set():
            watched = Watched(program)
            self._watched.append(watched)
            program.start(self._stop)
            watched.started = time.monotonic()
            self._write(RunState.STARTING)

    def _companion_environ(self) -> dict[str, str]:
        place = {"TEMPORAL_ADDRESS": self._address, "TEMPORAL_NAMESPACE": self.namespace}
        return {**importing(self._environ), **place}

    def _watch(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            for watched in self._watched:
                how = watched.why_down()
                if how is not None:
                    self._restart(watched, how)
                    break  # look at all of them again, the server first: the others need it

    def _restart(self, watched: Watched, how: str) -> None:
        """Try once to start a program again; whether it has come to stay is seen afterwards."""
        if time.monotonic() - watched.started > self._patience.quick_seconds:
            watched.failures = 0
        watched.failures += 1
        if watched.failures >= self._patience.quick_failures:
            raise GaveUpError(watched.program.name, watched.failures, how)
        self._write(RunState.STARTING, f"The {watched.program.name} {how}; starting it again.")
        if self._stop.wait(self._patience.pause(watched.failures)):
            return
        try:
            watched.program.start(self._stop)
        except ProcessError as problem:
            watched.failed_start = str(problem)
        else:
            watched.failed_start = None
            self._write(RunState.READY)
        watched.started = time.monotonic()

    def _stop_all(self) -> None:
        problem = self._progress.problem
        message = str(problem or "")
        try:
            self._write(RunState.FAILED if problem else RunState.STOPPING, message)
        finally:
            for watched in reversed(self._watched):
                watched.program.stop()
        self._write(RunState.FAILED if problem else RunState.STOPPED, message)

    def _write(self, state: RunState, message: str = "") -> None:
        supervisor = identify(os.getpid())
        if supervisor is not None:
            children = {one.program.name: one.program.identity for one in self._watched}
            known = {name: identity for name, identity in children.items() if identity}
            write_run_file(
                self.home,
                RunRecord(supervisor, state, self._address, self.namespace, known, message),
            )
