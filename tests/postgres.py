"""A real PostgreSQL server for one test session, when the machine has its programs."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "PostgreSQL's programs (initdb, postgres) are not on this machine: PostgreSQL not tested"
_START_SECONDS = 30
_PR_SET_PDEATHSIG = 1


def find_programs() -> Path | None:
    """Give the newest folder that holds initdb and postgres; None when there is none."""
    on_path = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
        reverse=True,
    )
    found = [Path(on_path).resolve().parent, *debian] if on_path else debian
    return next((folder for folder in found if _is_complete(folder)), None)


def _is_complete(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("initdb", "postgres"))


@contextmanager
def running_server(programs: Path, *, connections: int = 30) -> Iterator[str]:
    """Run a server on a free loopback port in a folder of its own; give its URL."""
    account = _account()
    with tempfile.TemporaryDirectory(prefix="ccm-pg-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        if account is not None:
            os.chown(home, account.pw_uid, account.pw_gid)
        _create(programs, home, account)
        port = _free_port()
        server = _start(programs, home, port, account, connections)
        try:
            _wait_until_ready(server, port, home)
            yield f"postgresql://ccm@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown: clients are cut off
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: give another account then."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _create(programs: Path, home: Path, account: pwd.struct_passwd | None) -> None:
    command = [programs / "initdb", "-D", home / "data", "-U", "ccm", "-A", "trust", "-E", "UTF8"]
    subprocess.run(
        [*command, "--locale=C", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )


def _start(
    programs: Path, home: Path, port: int, account: pwd.struct_passwd | None, connections: int
) -> subprocess.Popen[bytes]:
    command = [programs / "postgres", "-D", home / "data", "-p", str(port)]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={home}"]
    command += ["-c", "fsync=off", "-c", "shared_buffers=32MB"]
    command += ["-c", f"max_connections={connections}"]
    with (home / "log").open("wb") as log:
        return subprocess.Popen(
            [*command, "-c", "timezone=America/New_York"],  # not UTC, so a lost zone shows
            stdout=log,
            stderr=log,
            cwd=home,
            preexec_fn=_become(account),  # noqa: PLW1509 - tests start it before any thread
        )


def _become(account: pwd.struct_passwd | None) -> Callable[[], None]:
    """Leave root and be told when the parent ends; in this order, for leaving root forgets it."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def become() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)

    return become


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: subprocess.Popen[bytes], port: int, home: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        status = home / "data" / "postmaster.pid"
        if status.exists() and "ready" in status.read_text(encoding="utf-8"):
            return
        time.sleep(0.05)
    said = (home / "log").read_text(encoding="utf-8", errors="replace")
    msg = f"PostgreSQL did not start on port {port}:\n{said}"
    raise RuntimeError(msg)
