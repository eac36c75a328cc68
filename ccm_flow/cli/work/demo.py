"""Running the demo and showing what it came to."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ccm_flow.adapters.db.views import month_report, patient_month
from ccm_flow.adapters.db.views_funnel import funnel
from ccm_flow.adapters.keys import read_keys
from ccm_flow.adapters.processes.event_loop import run_async
from ccm_flow.adapters.processes.server_program import ExternalServer, find_server
from ccm_flow.adapters.processes.service_control import stop_service
from ccm_flow.adapters.processes.supervisor import Supervisor
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.bootstrap import Base, Settings, connect_client, desk, open_base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.funnel import show_stages
from ccm_flow.cli.work.looking import show_patient
from ccm_flow.cli.work.months import show_report
from ccm_flow.cli.work.readiness import read_report
from ccm_flow.cli.work.readiness import show_report as show_readiness
from ccm_flow.core.errors import CcmError
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.closing import ClosedDemo
from ccm_flow.demo.run import Demo, DemoOptions, DemoResult, Tell


class NotADemoError(CcmError):
    """The folder holds a set-up that is not a demo."""

    exit_code = 2
    hint = "Run the demo in an empty folder, or name another one in CCM_HOME."


class DemoNeedsItsOwnServerError(CcmError):
    """The demo moves time, which it does only on a server of its own."""

    exit_code = 2
    hint = "Leave TEMPORAL_ADDRESS unset for the demo."


class NotADayError(CcmError):
    """A text that should name a day does not."""

    exit_code = 2
    hint = "Write a day of the month, such as 15, or a date, such as 2026-12-15."


def demo(*, patients: int | None, seed: int, until: str | None, as_json: bool) -> None:
    """Play the demo and show its month."""
    options = DemoOptions(seed=seed, patients=patients, until=_day(until))
    settings = new_demo_home(Settings.from_environ())
    server = find_server(settings.server, _to_stderr)
    if isinstance(server, ExternalServer):
        raise DemoNeedsItsOwnServerError("The demo cannot run on a server that others use.")
    base = open_base(settings)
    read_keys(settings.key_file)
    with Supervisor(settings.server, server, time_travel=True) as running, progress() as tell:

        async def play() -> DemoResult:
            client = await connect_client(settings, running.address)
            return await Demo(base, desk(base, client), TimeTravel(client), options, tell).run()

        result = run_async(play())
    _show(base, result, as_json=as_json)


def _day(text: str | None) -> date | int | None:
    if text is None:
        return None
    try:
        day = int(text) if text.isdecimal() else date.fromisoformat(text)
    except ValueError as error:
        raise NotADayError(f"'{text}' is not a day.") from error
    if isinstance(day, int) and not 1 <= day <= 31:
        raise NotADayError(f"No month has a day {day}.")
    return day


def new_demo_home(settings: Settings) -> Settings:
    """Empty the home of an earlier demo; anything else in it stays as it is."""
    home, marker = settings.home, settings.home / "demo"
    if home.exists() and any(home.iterdir()):
        if not marker.exists():
            raise NotADemoError(f"The folder {home} holds a set-up that is not a demo.")
        stop_service(home)
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text("This set-up was made by `ccm demo`; the next one begins anew.\n")
    return Settings.from_environ()


def _to_stderr(sentence: str) -> None:
    typer.echo(sentence, err=True)


def _say_nothing(title: str, done: int, of: int) -> None:
    """Take the place of a progress bar where nobody looks."""


@contextmanager
def progress() -> Iterator[Tell]:
    """Show progress on a terminal; say little into a file."""
    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield _say_nothing
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Starting", total=None)

        def tell(title: str, done: int, of: int) -> None:
            progress.update(task, description=title, completed=done, total=of)

        yield tell


def _show(base: Base, result: DemoResult, *, as_json: bool) -> None:
    now = base.clock.now()
    report = month_report(base.engine, result.clinic, result.month, PlaybookKind.MONTHLY, now=now)
    timelines = [
        patient_month(base.engine, enrollment, result.month, now=now, kind=PlaybookKind.MONTHLY)
        for enrollment in dict.fromkeys(who for who, _ in result.stories)
    ]
    stages = funnel(base.engine, result.clinic, now=now)
    clinic = base.record.clinic(result.clinic)
    running = read_report(base, clinic, result.month) if result.closed is None else None
    if as_json:
        emit(
            {
                "demo": result,
                "month": report,
                "timelines": timelines,
                "funnel": stages.stages,
                "readiness": running,
            }
        )
        return
    say(_summary(result))
    say()
    show_stages(stages)
    say()
    show_report(report)
    if running is not None:
        say()
        show_readiness(running)
    names = {row.enrollment: row.patient_name for row in report.rows}
    if result.stories:
        say("\nBeside the playbook")
    for enrollment, what in result.stories:
        say(f"  {names.get(enrollment, enrollment)} {what}")
    if timelines:
        say("\nOne patient's month in full\n")
        show_patient(timelines[0])
    if result.closed is not None:
        _show_closed(result.closed)
    say(_what_next(base.settings.home))


def _show_closed(closed: ClosedDemo) -> None:
    codes = ", ".join(f"{code} x {units}" for code, units in closed.codes.items())
    say(
        f"\nThe month is closed: {closed.lines} lines, {closed.approved} approved, "
        f"{closed.accepted} accepted by the biller; not ready: {closed.not_ready}."
    )
    if closed.unsettled:
        say(f"{len(closed.unsettled)} things were not settled and are on record as such.")
    say(f"Codes: {codes or 'none'}; allowed amount ${closed.allowed}. All of it is made up.")
    say(
        f"{closed.packets} evidence packets (PDF and JSON), the claim lines and a FHIR bundle "
        f"are in {closed.folder}."
    )


def _summary(result: DemoResult) -> str:
    return (
        f"{result.imported} patients imported, {result.not_eligible} not eligible, "
        f"{result.invited} invited, {result.enrolled} enrolled."
    )


def _what_next(home: Path) -> str:
    return (
        f"\nAll of it is in {home}. Look around with `ccm month`, `ccm queue`, "
        "`ccm patient NAME`,\n`ccm codes NAME`, `ccm lines`; `ccm start` brings the server back "
        "where it stopped."
    )
