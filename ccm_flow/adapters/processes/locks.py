"""A lock between processes that the system itself releases when its holder dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """
    One holder at a time, for as long as the holder lives.

    The file holds the holder's pid, for people; the lock is the kernel's, so a crash
    leaves nothing to clean up.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; say whether it was. Never waits."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Give the pid written by the last holder, if it can be read."""
        try:
            return int(self.path.read_text())
        except (OSError, ValueError):
            return None
