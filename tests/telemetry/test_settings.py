"""Nothing is told to anybody, and nothing of it loaded, until a setting asks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from ccm_flow.adapters.telemetry.settings import TelemetrySettings, TelemetrySettingsError

LIBRARIES = ("prometheus_client", "opentelemetry.sdk", "temporalio.contrib.opentelemetry")


def test_without_settings_nothing_is_told() -> None:
    assert TelemetrySettings.from_environ({}) == TelemetrySettings()
    assert not TelemetrySettings().has_metrics


@pytest.mark.parametrize("module", ["ccm_flow.cli.main", "ccm_flow.web.serve", "workers.__main__"])
def test_the_libraries_are_not_loaded_where_nobody_asked_for_them(module: str) -> None:
    code = f"import {module}, sys; print([one for one in {LIBRARIES} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CCM_METRICS", "everybody"),
        ("CCM_METRICS_TOKEN_FILE", "/nowhere"),
        ("CCM_WORKER_METRICS", "9465"),
        ("CCM_WORKER_METRICS", "localhost:9465"),
        ("CCM_TRACES_ENDPOINT", "collector"),
        ("CCM_TRACES_ENDPOINT", "file:///etc"),
        ("CCM_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(TelemetrySettingsError, match=name):
        TelemetrySettings.from_environ({name: value})


def test_a_token_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("short\n")
    with pytest.raises(TelemetrySettingsError, match="16 characters"):
        TelemetrySettings.from_environ({"CCM_METRICS_TOKEN_FILE": str(tmp_path / "token")})
