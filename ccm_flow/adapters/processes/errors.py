"""What can go wrong with the programs CCM Flow starts."""

from collections.abc import Sequence
from pathlib import Path

from ccm_flow.core.errors import CcmError


class ProcessError(CcmError):
    """A program CCM Flow needs could not be found, started or kept running."""

    exit_code = 3


class NoServerFoundError(ProcessError):
    """No way of getting a Temporal server worked; the text lists every one that was tried."""

    hint = (
        "Do one of these: install the Temporal CLI v1.9.1 or newer and put it on PATH; "
        "install Go 1.26 or newer, so that the server can be built here; "
        "or set TEMPORAL_ADDRESS to the host:port of a Temporal server that already runs."
    )

    def __init__(self, tried: Sequence[str]) -> None:
        listed = "".join(f"\n  - {reason}" for reason in tried)
        super().__init__(f"CCM Flow needs a Temporal server and found none. Tried:{listed}")
        self.tried = tuple(tried)


class ChildFailedError(ProcessError):
    """A program ended, or stayed silent, before it was ready."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        tail = last_lines(log)
        told = f" Its last words:\n{tail}" if tail else ""
        super().__init__(f"The {name} {what}.{told}", hint=f"The whole log is in {log}.")
        self.name = name
        self.log = log


class PortTakenError(ProcessError):
    """The port the server had until now belongs to another program."""

    hint = "Stop the other program, or stop and start CCM Flow to take another port."

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} was taken by another program.")
        self.port = port


class AlreadyRunningError(ProcessError):
    """A second start in the same home."""

    hint = "Use the one that runs, stop it with `ccm stop`, or set CCM_HOME to another folder."

    def __init__(self, home: Path, pid: int | None) -> None:
        who = f" (pid {pid})" if pid else ""
        super().__init__(f"CCM Flow is already running in {home}{who}.")
        self.home = home
        self.pid = pid


class ServiceFailedError(ProcessError):
    """CCM Flow, started in the background, ended before it was ready."""

    def __init__(self, what: str, log: Path) -> None:
        tail = last_lines(log)
        told = f" Its last words:\n{tail}" if tail else ""
        super().__init__(f"{what}{told}", hint=f"The whole log is in {log}.")
        self.log = log


def last_lines(log: Path, count: int = 8, width: int = 300) -> str:
    """Give the last lines of a log, cut to a readable width; nothing when there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 65536))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"  {line[:width]}" for line in text.splitlines()[-count:])
