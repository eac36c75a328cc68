"""Where the server is or may be found, and where this set-up keeps its state."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ServerSettings:
    """What the surroundings say about the server; read once, by `from_environ`."""

    home: Path
    """Folder of this set-up: state, logs, lock. Two homes are two independent set-ups."""

    cache: Path
    """Folder, shared by all homes, for a server program that was downloaded or built."""

    address: str | None = None
    """host:port of a Temporal server that someone else runs; then nothing is started."""

    namespace: str = "default"
    """Temporal namespace to use."""

    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment that started programs inherit; PATH in it is searched for them."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "ServerSettings":
        """Read TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, CCM_HOME and XDG_CACHE_HOME."""
        return cls(
            home=Path(environ.get("CCM_HOME") or ".ccm").absolute(),
            cache=_cache_folder(environ),
            address=environ.get("TEMPORAL_ADDRESS") or None,
            namespace=environ.get("TEMPORAL_NAMESPACE") or "default",
            environ=dict(environ),
        )

    @property
    def search_path(self) -> str:
        """The folders in which programs are looked for, as in PATH."""
        return self.environ.get("PATH", "")


def _cache_folder(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "ccm-flow"
    home = environ.get("HOME")
    return (Path(home) if home else Path.home()) / ".cache" / "ccm-flow"


def machine() -> str:
    """Name the system and processor, so that a cache shared by machines keeps them apart."""
    return f"{platform.system()}-{platform.machine()}".lower()


def importing(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment in which another Python finds CCM Flow where this one found it."""
    root = str(Path(__file__).resolve().parents[3])
    others = [path for path in environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    return {**environ, "PYTHONPATH": os.pathsep.join([root, *others])}
