"""Runs one worker until it is told to stop: `python -m workers`."""

import asyncio
import contextlib
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.app.act import pass_on_pending
from ccm_flow.app.happen import Outside, pass_on_happenings
from ccm_flow.bootstrap import (
    Base,
    Settings,
    connect_client,
    desk,
    open_base,
    outside,
    send_due_digests,
)
from ccm_flow.core.errors import CcmError

OLD_ENOUGH = timedelta(seconds=60)
"""A click that young is still being dealt with where it was made."""
LOOK_EVERY = timedelta(seconds=20)


async def run(settings: Settings, address: str, ready_file: Path | None) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way."""
    base = open_base(settings)
    client = await connect_client(settings, address)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    work = desk(base, client)
    async with make_worker(client, base.engine, work):
        if ready_file is not None:
            ready_file.write_text("ready\n")
        await _until_told_to_stop(base, outside(base, work), stop)


async def _until_told_to_stop(base: Base, work: Outside, stop: asyncio.Event) -> None:
    """Meanwhile pass on what people did and told while the server was away, and send digests."""
    while not stop.is_set():
        try:
            await pass_on_pending(work.desk, OLD_ENOUGH)
            await pass_on_happenings(work, OLD_ENOUGH)
            await asyncio.to_thread(send_due_digests, base)
        except CcmError as error:
            print(f"worker: {error}", file=sys.stderr, flush=True)  # noqa: T201 - the log
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY.total_seconds())


def main() -> int:
    """Read the environment and work; the exit code is the error's own."""
    settings = Settings.from_environ()
    ready = os.environ.get("CCM_READY_FILE")
    try:
        run_async(
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
