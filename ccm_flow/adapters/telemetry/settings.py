"""The settings of metrics, traces and logs; all of it is off until somebody asks for it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from ccm_flow.core.errors import CcmError

_SHORTEST_TOKEN: Final = 16
_ADDRESS: Final = re.compile(r"^(\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d{1,5}$")


class TelemetrySettingsError(CcmError):
    """Metrics, traces or logs are set up wrongly."""

    exit_code = 2
    hint = "docs/operations.md lists the settings; without them nothing is told to anybody."


class TelemetryMissingError(CcmError):
    """What metrics or traces need is not installed."""

    exit_code = 2

    def __init__(self, what: str) -> None:
        super().__init__(
            f"For {what}, more has to be installed.", "Run `pip install 'ccm-flow[telemetry]'`."
        )


@contextmanager
def needed_for(what: str) -> Iterator[None]:
    """
    Import in here what only an optional part of the installation brings.

    Raises:
        TelemetryMissingError: it is not there.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise TelemetryMissingError(what) from error


@dataclass(frozen=True)
class TelemetrySettings:
    """Who is told what."""

    metrics_token: str | None = field(default=None, repr=False)
    """Who shows it reads the web application's metrics."""
    metrics_token_file: Path | None = None
    metrics_on_loopback: bool = False
    """Programs on this machine read them without a token, where nothing stands in front of it."""
    worker_metrics: str | None = None
    """IP address and port at which the worker shows its own."""
    traces_endpoint: str | None = None
    """Where traces are sent (OTLP over http), without the path."""
    json_logs: bool = False

    @property
    def has_metrics(self) -> bool:
        """Tell whether the web application keeps metrics at all."""
        return self.metrics_on_loopback or self.metrics_token is not None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "TelemetrySettings":
        """
        Read the settings.

        Raises:
            TelemetrySettingsError: one is not what it should be.
        """
        file = environ.get("CCM_METRICS_TOKEN_FILE")
        return cls(
            metrics_token=_token(Path(file)) if file else None,
            metrics_token_file=Path(file) if file else None,
            metrics_on_loopback=_one_of(environ, "CCM_METRICS", {"": False, "loopback": True}),
            worker_metrics=_address(environ.get("CCM_WORKER_METRICS")),
            traces_endpoint=_endpoint(environ.get("CCM_TRACES_ENDPOINT")),
            json_logs=_one_of(environ, "CCM_LOG_FORMAT", {"": False, "text": False, "json": True}),
        )


def _one_of(environ: Mapping[str, str], name: str, known: Mapping[str, bool]) -> bool:
    value = environ.get(name, "")
    if value not in known:
        words = " or ".join(word for word in known if word)
        raise TelemetrySettingsError(f"{name} has to be {words}.")
    return known[value]


def _token(file: Path) -> str:
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise TelemetrySettingsError("CCM_METRICS_TOKEN_FILE cannot be read.") from None
    if len(token) < _SHORTEST_TOKEN:
        raise TelemetrySettingsError(
            f"The file of CCM_METRICS_TOKEN_FILE needs {_SHORTEST_TOKEN} characters or more."
        )
    return token


def _address(text: str | None) -> str | None:
    if text and not _ADDRESS.match(text):
        raise TelemetrySettingsError(
            "CCM_WORKER_METRICS has to be an IP address with a port, e.g. 127.0.0.1:9465."
        )
    return text or None


def _endpoint(text: str | None) -> str | None:
    if not text:
        return None
    parsed = urlsplit(text)
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise TelemetrySettingsError(
            "CCM_TRACES_ENDPOINT has to be an address such as http://127.0.0.1:4318."
        )
    return text.rstrip("/")
