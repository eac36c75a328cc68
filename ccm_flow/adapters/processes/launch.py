"""
The first thing a child process runs: tie itself to its parent, then become the program.

Run by path, with nothing but the standard library, so that it starts in some 20 ms:

    launch.py tied <parent pid> <program> <argument>...
    launch.py detached <log file> <program> <argument>...

`tied`: the kernel kills the program when its parent dies (on Linux; elsewhere the next start
does). A small program rather than code between fork and exec, because the parent has threads
and such code may deadlock. `detached`: prints the pid of a process that belongs to nobody.
"""

import os
import signal
import sys
from contextlib import suppress

_PR_SET_PDEATHSIG = 1


def _tie_to_parent(parent: int) -> None:
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - costs start time that other systems need not pay

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the tie was made
        sys.exit(1)


def _detach(log: str) -> None:
    os.setsid()
    child = os.fork()
    if child:
        print(child, flush=True)  # noqa: T201 - the answer to whoever started this
        os._exit(0)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(sink, 1)
    os.dup2(sink, 2)


def _main(mode: str, argument: str, program: list[str]) -> None:
    if mode == "tied":
        _tie_to_parent(int(argument))
    else:
        _detach(argument)
    try:
        os.execvp(program[0], program)  # noqa: S606 - becoming the program is the whole point
    except OSError as problem:
        sys.exit(f"Cannot start {program[0]}: {problem.strerror}.")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], sys.argv[3:])
