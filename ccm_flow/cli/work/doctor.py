"""Looking a set-up over and saying what is wrong."""

import os
import shutil
import stat
from pathlib import Path

import typer

from ccm_flow.adapters.db.health_facts import what_waits
from ccm_flow.adapters.db.sealing_rows import out_of_line
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.health import answers
from ccm_flow.bootstrap import Base, Settings
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import open_set_up
from ccm_flow.cli.work.service import server_address
from ccm_flow.core.health import Ailment, Condition, ailments
from ccm_flow.core.plain_data import plain

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def doctor(*, as_json: bool) -> None:
    """Say what is wrong; leaves with 1 when something is, with 3 when people cannot work."""
    base = open_set_up()
    seen = _look(base)
    found = ailments(seen)
    if as_json:
        emit({"checked_at": plain(seen.now), "ailments": [plain(one) for one in found]})
    else:
        _show(found)
    if found:
        raise typer.Exit(1 if seen.server_answers else 3)


def _show(found: tuple[Ailment, ...]) -> None:
    for one in found:
        say(f"{'!' if one.is_grave else '-'} {one.what}")
        say(f"    {one.do}")
    if not found:
        say("Nothing is wrong.")


def _look(base: Base) -> Condition:
    settings, now = base.settings, base.clock.now()
    address = server_address(settings.server)
    waiting = what_waits(base.engine, now)
    return Condition(
        now=now,
        server_answers=address is not None
        and run_async(answers(address, settings.server.namespace, environ=settings.server.environ)),
        waiting_clicks=waiting.clicks,
        waiting_since=waiting.clicks_since,
        overdue=waiting.overdue,
        unanswered=waiting.unanswered,
        not_opened=waiting.not_opened,
        given_up=waiting.given_up,
        out_of_line=out_of_line(base.engine),
        free_bytes=_room(settings),
        open_files=_open_files(settings),
    )


def _database_file(settings: Settings) -> Path | None:
    url = settings.database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _room(settings: Settings) -> int | None:
    file = _database_file(settings)
    return None if file is None else shutil.disk_usage(file.parent).free


def _open_files(settings: Settings) -> tuple[str, ...]:
    files = [settings.key_file, _database_file(settings)]
    return tuple(
        os.fspath(file)
        for file in files
        if file is not None and file.exists() and file.stat().st_mode & _OTHERS
    )
