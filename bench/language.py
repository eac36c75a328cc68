"""How long it takes to check a large playbook, and to ask for help."""

import statistics
import subprocess
import sys
import time

from bench.flow import playbook_text
from ccm_flow.language import check_text

_ROUNDS = 15


def main() -> None:
    """Measure and print."""
    text = playbook_text(200)
    assert check_text(text, "large.yaml").plan is not None
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        check_text(text, "large.yaml")
        times.append(time.perf_counter() - began)
    print(f"check of 200 steps: {statistics.median(times) * 1000:.0f} ms (aim: under 150)")
    print(
        f"ccm --help: {_help() * 1000:.0f} ms (aim: under 300; python alone {_idle() * 1000:.0f})"
    )


def _help() -> float:
    return _command([sys.executable, "-m", "ccm_flow", "--help"])


def _idle() -> float:
    return _command([sys.executable, "-c", "pass"])


def _command(command: list[str]) -> float:
    times = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - began)
    return statistics.median(times)
