"""Real processes, watched until something is true."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ccm_flow.adapters.processes.companion import Companion
from ccm_flow.adapters.processes.settings import ServerSettings, importing

WaitUntil = Callable[..., None]

STUB = """
import os, pathlib, signal
pathlib.Path(os.environ["CCM_READY_FILE"]).write_text("ready\\n")
print("at work for", os.environ["TEMPORAL_ADDRESS"], os.environ["CCM_HOME"], flush=True)
signal.pause()
"""


@pytest.fixture
def wait_until() -> WaitUntil:
    def wait(condition: Callable[[], object], what: str, timeout: float = 30) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"waited {timeout} s in vain: {what}"
            time.sleep(0.02)

    return wait


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ccm-home-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def other_home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ccm-home-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def settings(home: Path, tmp_path: Path) -> ServerSettings:
    """Give settings for `home`, with the real cache and environment but no outside server."""
    environ = {key: value for key, value in os.environ.items() if key != "TEMPORAL_ADDRESS"}
    return ServerSettings.from_environ({**environ, "CCM_HOME": str(home)})


@pytest.fixture
def stub() -> Companion:
    """Give a worker that only says it is ready."""
    return Companion("worker", (sys.executable, "-I", "-S", "-c", STUB))


@pytest.fixture
def python() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start Python code as a program of its own; ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env=importing(os.environ),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


@pytest.fixture
def program_folder(tmp_path: Path) -> Path:
    """Give an otherwise empty PATH, with what a shell script needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    shell = shutil.which("sh")
    assert shell is not None
    (folder / "sh").symlink_to(shell)
    return folder
