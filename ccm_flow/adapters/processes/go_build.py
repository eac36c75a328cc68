"""Building the Temporal server, once, from the source that travels with CCM Flow."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from ccm_flow.adapters.processes.errors import last_lines
from ccm_flow.adapters.processes.settings import ServerSettings, machine
from ccm_flow.adapters.processes.watched import LifeSigns, Say, run_watched
from ccm_flow.adapters.shipped import ShippedPartMissingError, shipped

_SOURCES = ("go.mod", "go.sum", "main.go", "cluster.go")
_LONGEST_SECONDS = 3600.0


class BuildError(Exception):
    """The server could not be built; the text says why."""


def built_path(settings: ServerSettings) -> Path | None:
    """Where the built server lies in the cache, if ever built; None without its source."""
    try:
        source = shipped("temporal-server")
    except ShippedPartMissingError:
        return None
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((source / name).read_bytes())
    # The hash in the name makes an upgrade build anew and leaves a running server its file.
    return settings.cache / f"temporal-server-{machine()}-{digest.hexdigest()[:12]}"


def build(settings: ServerSettings, wanted: Path, say: Say) -> Path:
    """
    Build the server to `wanted` and give that path.

    Takes minutes the first time. The caller holds the cache's lock. Raises `BuildError`.
    """
    go = shutil.which("go", path=settings.search_path)
    if go is None:
        raise BuildError("no `go` on PATH")
    say("Building the Temporal server, once, about 5 minutes")
    log = settings.cache / "build.log"
    with tempfile.TemporaryDirectory(dir=settings.cache, prefix="build-") as name:
        folder = Path(name)
        _copy_source(folder)
        product = folder / "product"
        if _run(go, settings, folder, log, say) != 0 or not product.exists():
            raise BuildError(f"`go build` failed:\n{last_lines(log)}\n    (all of it in {log})")
        product.replace(wanted)
    say("The Temporal server is built")
    return wanted


def _copy_source(folder: Path) -> None:
    """Copy, because an installed source may be read-only or inside another Go module."""
    for name in _SOURCES:
        (folder / name).write_bytes((shipped("temporal-server") / name).read_bytes())


def _run(go: str, settings: ServerSettings, folder: Path, log: Path, say: Say) -> int | None:
    life = LifeSigns(say, "Still building the Temporal server")

    def on_tick(elapsed: float) -> bool:
        life.tick(elapsed)
        return elapsed < _LONGEST_SECONDS

    # An older Go fetches the one that go.mod asks for; the SQLite inside is written in Go.
    wishes = {"GOTOOLCHAIN": "auto", "CGO_ENABLED": "0", "GOWORK": "off"}
    return run_watched(
        [go, "build", "-mod=readonly", "-buildvcs=false", "-ldflags=-s -w", "-o", "product", "."],
        log=log,
        environ={**wishes, **settings.environ},
        folder=folder,
        on_tick=on_tick,
    )
