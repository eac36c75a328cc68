"""The file in a home that says what runs there, and the end of what was left behind."""

import json
import signal
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from ccm_flow.adapters.processes.identity import ProcessIdentity


class RunState(StrEnum):
    """How far a set-up has come."""

    STARTING = "starting"
    """Programs are being started; not all of them are ready."""
    READY = "ready"
    """Everything runs."""
    STOPPING = "stopping"
    """Programs are being stopped, in order."""
    STOPPED = "stopped"
    """Stopped because someone asked."""
    FAILED = "failed"
    """Given up; `message` says why."""


@dataclass(frozen=True)
class RunRecord:
    """What runs in a home, as written to `<home>/run.json`."""

    supervisor: ProcessIdentity
    """The process that watches over the others."""

    state: RunState
    """How far it has come."""

    address: str = ""
    """host:port of the Temporal server; empty until it is known."""

    namespace: str = "default"
    """The Temporal namespace in use."""

    children: dict[str, ProcessIdentity] = field(default_factory=dict)
    """The started programs by name."""

    message: str = ""
    """For people: what is going on, or what went wrong."""


def write_run_file(home: Path, record: RunRecord) -> None:
    """Write the record so that a reader sees the old one or the new one, never half of one."""
    draft = home / "run.json.new"
    draft.write_text(json.dumps(asdict(record), indent=2) + "\n")
    draft.replace(_path(home))


def read_run_file(home: Path) -> RunRecord | None:
    """Read what runs, or ran last, in this home; None when nothing readable is there."""
    try:
        return _parsed(json.loads(_path(home).read_text()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def end_leftovers(home: Path) -> None:
    """
    End programs of an earlier run that outlived their supervisor.

    Call it only with the home's lock held: then whatever the record names is left over.
    """
    record = read_run_file(home)
    for identity in record.children.values() if record else ():
        identity.send(signal.SIGKILL)
        identity.wait_gone(10)


def _path(home: Path) -> Path:
    return home / "run.json"


def _parsed(raw: dict[str, Any]) -> RunRecord:
    children = {name: ProcessIdentity(**one) for name, one in raw["children"].items()}
    known = {**raw, "supervisor": ProcessIdentity(**raw["supervisor"]), "children": children}
    return RunRecord(**{**known, "state": RunState(raw["state"])})
