"""Running a slow program while showing that it is alive."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ccm_flow.adapters.processes.child import tied

Say = Callable[[str], None]
"""Shows one sentence to the person waiting."""

LIFE_SIGN_SECONDS = 30.0
_POLL_SECONDS = 0.1


def run_watched(
    command: Sequence[str],
    *,
    log: Path,
    environ: Mapping[str, str],
    folder: Path,
    on_tick: Callable[[float], bool],
) -> int | None:
    """
    Run `command` in `folder`, its output in `log`; give its exit code.

    `on_tick` gets the seconds gone by, ten times a second; when it answers False the
    program and all it started are killed and the result is None. They are killed too
    when this call is left by an exception, Ctrl-C included.
    """
    process = _started(command, log, environ, folder)
    begun = time.monotonic()
    try:
        while process.poll() is None:
            if not on_tick(time.monotonic() - begun):
                return None
            with suppress(subprocess.TimeoutExpired):
                process.wait(_POLL_SECONDS)
        return process.returncode
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _started(
    command: Sequence[str], log: Path, environ: Mapping[str, str], folder: Path
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - a command put together by this package
            tied(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            cwd=folder,
            start_new_session=True,
        )


class LifeSigns:
    """Says every half minute how long something has been going on."""

    def __init__(self, say: Say, sentence: str) -> None:
        self._say = say
        self._sentence = sentence
        self._next = LIFE_SIGN_SECONDS

    def tick(self, elapsed: float) -> None:
        """Note that `elapsed` seconds have gone by since the beginning."""
        if elapsed >= self._next:
            self._next += LIFE_SIGN_SECONDS
            minutes, seconds = divmod(int(elapsed), 60)
            self._say(f"{self._sentence} ({minutes}:{seconds:02} so far)")
