"""The examples of docs/api.md work as they stand."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from ccm_flow.core.scopes import Scope
from ccm_flow.core.webhooks import WAITS, HookEvent, make_secret, sign
from tests.support.set_up import MONTH
from tests.web.api_site import Api

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
CURL = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    """Serve the API on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(api.application, log_level="warning", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_every_curl_example_is_answered(api: Api, address: str) -> None:
    environ = {
        **os.environ,
        "CCM_URL": address,
        "CCM_TOKEN": api.make().secret,
        "CYCLE": api.cycle,
        "ENROLLMENT": api.enrollment,
        "MONTH": str(MONTH),
        "NO_PROXY": "*",
    }
    assert len(CURL) == 4
    for command in CURL:
        done = subprocess.run(
            ["bash", "-ec", command],
            check=False,
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_the_python_example_knows_a_genuine_message() -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    secret, now = make_secret(b"s" * 32), datetime.now(UTC)
    headers = sign(secret, "1.step.opened", now, b"{}")
    assert names["is_genuine"](secret, headers, b"{}")
    assert not names["is_genuine"](secret, headers, b"{ }")


def test_every_scope_event_and_wait_is_on_the_page() -> None:
    for word in (*Scope, *HookEvent):
        assert f"`{word.value}`" in PAGE
    hours = [int(wait.total_seconds() // 3600) for wait in WAITS[3:]]
    assert ", ".join(map(str, hours[:-1])) + f" and {hours[-1]} hours" in PAGE
