"""A real browser in front of the whole application: server, worker, database, pages."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from ccm_flow.adapters.processes.server_program import ServerProgram
from ccm_flow.adapters.processes.settings import importing
from tests.cli.conftest import clean_environ

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Served:
    """The application as `ccm serve` runs it, on the demo clinic."""

    address: str
    home: Path
    password: str


@pytest.fixture(scope="session")
def served(server_program: ServerProgram) -> Iterator[Served]:
    """Serve a small demo clinic for all browser tests, each of which finds work of its own."""
    with serve_demo() as one:
        yield one


@contextmanager
def serve_demo() -> Iterator[Served]:
    """Serve a demo clinic in a folder of its own, as `ccm serve` does."""
    with tempfile.TemporaryDirectory(prefix="ccm-web-", ignore_cleanup_errors=True) as name:
        process = subprocess.Popen(
            [sys.executable, "-m", "ccm_flow", "serve", "--port", "0", "--patients", "12"],
            cwd=name,
            env=importing(clean_environ()),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                found = re.search(r"CCM Flow is at (http://\S+?)/ ", line)
                if found:
                    break
            else:
                raise AssertionError(f"it ended before it served: {said}")
            home = Path(name) / ".ccm"
            known = json.loads((home / "demo-sign-ins.json").read_text())
            yield Served(found[1], home, known["password"])
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """
    Give the machine's own Chromium.

    Closed after each module: its event loop would be in the way of other tests' loops.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium here; Debian's package is called chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


@pytest.fixture
def signed_in(browser: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """Give what signs a person of the demo's staff in, in a browser of their own."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def sign_in(username: str, *, width: int = 1440, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=served.address,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(said.text) if _bad(said.type, said.text) else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in")
        page.get_by_label("Sign-in name").fill(username)
        page.get_by_label("Password").fill(served.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/work*")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def _bad(kind: str, text: str) -> bool:
    """Tell a complaint of the browser from a page that says no to a person (401, 409, 422)."""
    return kind in {"error", "warning"} and not re.search(r"status of (401|409|422)", text)
