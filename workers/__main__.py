"""Runs one worker until it is told to stop: `python -m workers`."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.outbox_store import SqlOutbox
from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.telemetry.logs import set_up_logs
from ccm_flow.adapters.telemetry.wiring import worker_runtime
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.adapters.webhook_sender import HttpSender
from ccm_flow.app.act import pass_on_pending
from ccm_flow.app.alerts import look_after_alerts
from ccm_flow.app.happen import Outside, pass_on_happenings
from ccm_flow.app.staffing_day import settle_the_day
from ccm_flow.app.webhooks import deliver
from ccm_flow.bootstrap import (
    Base,
    Settings,
    SystemClock,
    answer_due_forecasts,
    connect_client,
    desk,
    open_base,
    outside,
    sealer,
    send_alert_mails,
    send_due_digests,
    send_due_letters,
)
from ccm_flow.core.errors import CcmError

_LOG = logging.getLogger("ccm_flow.worker")  # without a setting: plain sentences on stderr
OLD_ENOUGH = timedelta(seconds=60)
"""A click that young is still being dealt with where it was made."""
LOOK_EVERY = timedelta(seconds=20)
TELL_EVERY = timedelta(seconds=5)
"""How soon other systems are told of what happened."""


async def run(settings: Settings, address: str, ready_file: Path | None) -> None:
    """Work until SIGTERM or SIGINT; then finish what is under way."""
    base = open_base(settings)
    client = await connect_client(settings, address, worker_runtime(settings.telemetry))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    work = desk(base, client)
    gc.freeze()  # what is loaded stays: the collector need not look through it again and again
    async with make_worker(client, base.engine, work):
        if ready_file is not None:
            ready_file.write_text("ready\n")
        async with asyncio.TaskGroup() as both:
            both.create_task(_until_told_to_stop(base, outside(base, work), stop, ready_file))
            both.create_task(_tell_others(base, stop))
            both.create_task(_look_after_alerts(base, stop))


async def _until_told_to_stop(
    base: Base, work: Outside, stop: asyncio.Event, ready_file: Path | None
) -> None:
    """Meanwhile pass on what was kept, move work, send digests, compare forecasts."""
    while not stop.is_set():
        if ready_file is not None:
            ready_file.touch()  # the pulse that `python -m workers.healthy` feels
        try:
            await pass_on_pending(work.desk, OLD_ENOUGH)
            await pass_on_happenings(work, OLD_ENOUGH)
            await settle_the_day(work.desk, SqlStaffing(base.engine))
            await asyncio.to_thread(send_due_digests, base)
            await asyncio.to_thread(send_due_letters, base)
            await asyncio.to_thread(answer_due_forecasts, base)
        except (CcmError, SQLAlchemyError) as error:
            _LOG.error("worker: %s", error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY.total_seconds())


async def _tell_others(base: Base, stop: asyncio.Event) -> None:
    """Meanwhile send other systems what the ledger holds for them."""
    outbox = SqlOutbox(base.engine, sealer(base.settings))
    # By the machine's time: a demo's clock jumps, and a receiver would refuse its signatures.
    clock = SystemClock()
    async with HttpSender(private=base.settings.private_webhooks) as sender:
        while not stop.is_set():
            try:
                await deliver(outbox, sender, clock)
            except (CcmError, SQLAlchemyError) as error:
                said = str(error) if isinstance(error, CcmError) else type(error).__name__
                _LOG.error("worker: %s", said)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TELL_EVERY.total_seconds())


async def _look_after_alerts(base: Base, stop: asyncio.Event) -> None:
    """Meanwhile tell one organization what the other has for it; give on what nobody takes."""
    alerts = SqlAlerts(base.engine)
    while not stop.is_set():
        try:
            await asyncio.to_thread(look_after_alerts, alerts, base.clock.now())
            await asyncio.to_thread(send_alert_mails, base)
        except (CcmError, SQLAlchemyError) as error:
            said = str(error) if isinstance(error, CcmError) else type(error).__name__
            print(f"worker: {said}", file=sys.stderr, flush=True)  # noqa: T201 - the log
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), TELL_EVERY.total_seconds())


def main() -> int:
    """Read the environment and work; the exit code is the error's own."""
    ready = os.environ.get("CCM_READY_FILE")
    try:
        settings = Settings.from_environ()
        set_up_logs(as_json=settings.telemetry.json_logs)
        run_async(
            run(
                settings,
                settings.server.address or "127.0.0.1:7233",
                Path(ready) if ready else None,
            )
        )
    except CcmError as error:
        _LOG.error("worker: %s %s", error, error.hint)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
