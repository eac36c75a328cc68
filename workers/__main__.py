"""Runs one worker until it is told to stop: `python -m workers`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.bootstrap import Settings, connect_client, desk, open_base
from ccm_flow.core.errors import CcmError


async def run(settings: Settings, address: str, ready_file: Path | None) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way."""
    base = open_base(settings)
    client = await connect_client(settings, address)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    async with make_worker(client, base.engine, desk(base, client)):
        if ready_file is not None:
            ready_file.write_text("ready\n")
        await stop.wait()


def main() -> int:
    """Read the environment and work; the exit code is the error's own."""
    settings = Settings.from_environ()
    ready = os.environ.get("CCM_READY_FILE")
    try:
        asyncio.run(
            run(
                settings,
                settings.server.address or "127.0.0.1:7233",
                Path(ready) if ready else None,
            )
        )
    except CcmError as error:
        print(f"worker: {error} {error.hint}", file=sys.stderr)  # noqa: T201 - the log
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
