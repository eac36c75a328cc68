"""Asking a Temporal program which server is inside it."""

import re
import subprocess
from pathlib import Path

Version = tuple[int, int, int]

FIRST_WITH_TIME_TRAVEL: Version = (1, 32, 0)
_SERVER = re.compile(r"\bServer (\d+)\.(\d+)\.(\d+)")
_PATIENCE = 15.0


def server_version(program: Path) -> Version | None:
    """
    Give the version of the server inside `program`; None when it does not say.

    Understands "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)".
    """
    try:
        said = subprocess.run(  # noqa: S603 - a program found on PATH or in our own cache
            [str(program), "--version"],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _SERVER.search(said.stdout)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def written(version: Version) -> str:
    """Write a version as people do: 1.32.0."""
    return ".".join(str(part) for part in version)
