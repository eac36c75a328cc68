"""
Finding a Temporal server: a running one, a program on this machine, or one made now.

The order: TEMPORAL_ADDRESS, `temporal` on PATH, the cache, the SDK's download, a build with Go.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from ccm_flow.adapters.processes.download import DownloadError, download, downloaded_path
from ccm_flow.adapters.processes.errors import NoServerFoundError
from ccm_flow.adapters.processes.go_build import BuildError, build, built_path
from ccm_flow.adapters.processes.locks import FileLock
from ccm_flow.adapters.processes.settings import ServerSettings
from ccm_flow.adapters.processes.versions import (
    FIRST_WITH_TIME_TRAVEL,
    Version,
    server_version,
    written,
)
from ccm_flow.adapters.processes.watched import LifeSigns, Say

_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class ExternalServer:
    """A Temporal server that someone else runs; CCM Flow starts and stops nothing."""

    address: str
    """host:port for clients and workers."""

    namespace: str
    """The namespace to use there; it must exist."""


@dataclass(frozen=True)
class ServerProgram:
    """A program on this machine that takes the command line of `temporal server start-dev`."""

    path: Path
    """The program."""

    version: Version
    """The version of the server inside; always one that can travel in time."""


def find_server(settings: ServerSettings, say: Say) -> ServerProgram | ExternalServer:
    """
    Give the server to use, making one when there is none.

    `say` gets sentences for the person waiting: a build takes minutes. Raises
    `NoServerFoundError`, which lists all that was tried and why each failed.
    """
    if settings.address:
        return ExternalServer(settings.address, settings.namespace)
    tried = ["TEMPORAL_ADDRESS: not set"]
    return _on_path(settings, say, tried) or _cached(settings) or _made(settings, say, tried)


def _on_path(settings: ServerSettings, say: Say, tried: list[str]) -> ServerProgram | None:
    found = shutil.which("temporal", path=settings.search_path)
    if found is None:
        tried.append("temporal on PATH: there is none")
        return None
    version = server_version(Path(found))
    if version is not None and version >= FIRST_WITH_TIME_TRAVEL:
        return ServerProgram(Path(found), version)
    runs = f"runs server {written(version)}" if version else "does not say its server version"
    needed = f"time travel needs {written(FIRST_WITH_TIME_TRAVEL)} or newer"
    say(f"temporal on PATH {runs}; {needed}, so it is passed over")
    tried.append(f"temporal on PATH: {runs}; {needed}")
    return None


def _cached(settings: ServerSettings) -> ServerProgram | None:
    for path in (downloaded_path(settings), built_path(settings)):
        version = server_version(path) if path is not None and path.exists() else None
        if path is not None and version is not None:
            return ServerProgram(path, version)
    return None


def _made(settings: ServerSettings, say: Say, tried: list[str]) -> ServerProgram:
    """Download or build, one process at a time; whoever waited finds the result in the cache."""
    settings.cache.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.cache / "lock")
    _wait_for(lock, say)
    try:
        made = _cached(settings)
        for make in (_downloaded, _built):
            made = made or make(settings, say, tried)
    finally:
        lock.release()
    if made is None:
        raise NoServerFoundError(tried)
    return made


def _wait_for(lock: FileLock, say: Say) -> None:
    if lock.acquire():
        return
    say("Another CCM Flow is getting the Temporal server; waiting for it")
    life = LifeSigns(say, "Still waiting for the other CCM Flow")
    begun = time.monotonic()
    while not lock.acquire():
        time.sleep(_POLL_SECONDS)
        life.tick(time.monotonic() - begun)


def _downloaded(settings: ServerSettings, say: Say, tried: list[str]) -> ServerProgram | None:
    try:
        return _checked(download(settings, say))
    except DownloadError as problem:
        say("The download did not work")
        tried.append(f"download: {problem}")
        return None


def _built(settings: ServerSettings, say: Say, tried: list[str]) -> ServerProgram | None:
    wanted = built_path(settings)
    if wanted is None:
        tried.append("build with Go: the server's source is missing from this installation")
        return None
    try:
        return _checked(build(settings, wanted, say))
    except BuildError as problem:
        tried.append(f"build with Go: {problem}")
        return None


def _checked(path: Path) -> ServerProgram:
    version = server_version(path)
    if version is None:
        path.unlink(missing_ok=True)
        raise BuildError(f"{path.name} does not run on this machine")
    return ServerProgram(path, version)
