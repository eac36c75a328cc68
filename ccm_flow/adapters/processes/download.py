"""
Getting the Temporal program through the SDK's own download.

The SDK only downloads by starting a server, so this module, run as a program, starts a
throw-away one in memory. A program of its own, because the SDK's download has no time
limit that a caller could set.

    python -m ccm_flow.adapters.processes.download <folder>
"""

import sys
import tempfile
from pathlib import Path

from ccm_flow.adapters.processes.errors import last_lines
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.settings import ServerSettings, importing, machine
from ccm_flow.adapters.processes.versions import (
    FIRST_WITH_TIME_TRAVEL,
    Version,
    server_version,
    written,
)
from ccm_flow.adapters.processes.watched import LifeSigns, Say, run_watched

CLI_VERSION = "v1.9.1"
_STALLED_SECONDS = 45.0  # without a new byte
_LONGEST_SECONDS = 900.0


class DownloadError(Exception):
    """The download did not give a usable program; the text says why."""


def downloaded_path(settings: ServerSettings) -> Path:
    """Where the downloaded program lies in the cache, if it was ever downloaded."""
    return settings.cache / f"temporal-cli-{CLI_VERSION}-{machine()}"


def download(settings: ServerSettings, say: Say) -> Path:
    """
    Download the Temporal program into the cache and give its path.

    Gives up when nothing arrives for 45 s. Raises `DownloadError`.
    """
    say(f"Downloading the Temporal program {CLI_VERSION}, once")
    settings.cache.mkdir(parents=True, exist_ok=True)
    log = settings.cache / "download.log"
    with tempfile.TemporaryDirectory(dir=settings.cache, prefix="download-") as name:
        folder = Path(name)
        ended = _run(settings, folder, log, say)
        return _keep(folder, downloaded_path(settings), _why(ended, log))


def _run(settings: ServerSettings, folder: Path, log: Path, say: Say) -> int | None:
    stalled = _StallDetector(folder)
    life = LifeSigns(say, "Still downloading the Temporal program")

    def on_tick(elapsed: float) -> bool:
        life.tick(elapsed)
        return elapsed < _LONGEST_SECONDS and not stalled.is_stalled(elapsed)

    return run_watched(
        [sys.executable, "-m", __spec__.name, str(folder)],
        log=log,
        environ=importing(settings.environ),
        folder=folder,
        on_tick=on_tick,
    )


class _StallDetector:
    """Notices that a folder has not grown for a while."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._size = 0
        self._since = 0.0

    def is_stalled(self, elapsed: float) -> bool:
        size = sum(path.lstat().st_size for path in self._folder.glob("*"))
        if size != self._size:
            self._size, self._since = size, elapsed
        return elapsed - self._since > _STALLED_SECONDS


def _keep(folder: Path, wanted: Path, why: str) -> Path:
    for path in folder.iterdir():
        version = server_version(path) if path.is_file() else None
        if version is not None:
            _require_time_travel(version)
            path.replace(wanted)
            return wanted
    raise DownloadError(why)


def _require_time_travel(version: Version) -> None:
    if version < FIRST_WITH_TIME_TRAVEL:
        raise DownloadError(f"the download holds server {written(version)}, which is too old")


def _why(ended: int | None, log: Path) -> str:
    if ended is None:
        return "nothing arrived for a long time"
    return last_lines(log, count=1).strip() or "it ended without giving a program"


async def _fetch(folder: str) -> None:
    from temporalio.testing import WorkflowEnvironment  # noqa: PLC0415 - slow to import

    environment = await WorkflowEnvironment.start_local(
        dev_server_download_version=CLI_VERSION, download_dest_dir=folder
    )
    await environment.shutdown()


if __name__ == "__main__":
    try:
        run_async(_fetch(sys.argv[1]))
    except RuntimeError as problem:
        sys.exit(str(problem))
