"""A child process that never outlives the process that started it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ccm_flow.adapters.processes.identity import ProcessIdentity, identify

_LAUNCHER = Path(__file__).with_name("launch.py")
_LOG_LIMIT = 10_000_000  # bytes; a longer log is put aside at the next start
_FORCE_SECONDS = 10.0


@dataclass(frozen=True)
class ChildSpec:
    """What to run, under which name and where its output goes."""

    name: str
    """The word people see: "server", "worker"."""

    command: Sequence[str]
    """Program and arguments."""

    log: Path
    """File that collects everything the program prints."""

    environ: Mapping[str, str] | None = None
    """The program's environment; this process's own when absent."""


class Child:
    """
    A running program that ends when we end, however we end.

    On Linux the kernel kills it when the *thread* that started it ends, so start it from
    one that lives as long as the child should. It has its own session: Ctrl-C in the
    terminal reaches only us, and we stop it in order.
    """

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        spec.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put_aside(spec.log)
        with spec.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours, and no shell reads it
                tied(spec.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if spec.environ is None else dict(spec.environ),
                start_new_session=True,
            )
        self.identity = identify(self._process.pid) or ProcessIdentity(self._process.pid, "")

    @property
    def pid(self) -> int:
        """The child's process number."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Give how the child ended, or None while it runs. Negative: the signal that ended it."""
        return self._process.poll()

    def stop(self, grace: float = _FORCE_SECONDS) -> int:
        """Ask the child to stop, by force after `grace` seconds; give how it ended."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def how_it_ended(self) -> str:
        """Say how the child ended, as the second half of a sentence."""
        code = self.exit_code()
        if code is None:
            return "is still running"
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def tied(command: Sequence[str]) -> list[str]:
    """Give the command that runs `command` so that it dies with this process (on Linux)."""
    return [sys.executable, "-I", "-S", str(_LAUNCHER), "tied", str(os.getpid()), *command]


def _put_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(log.suffix + ".1"))
