"""
The console entry: puts the commands together and sees to it that nobody meets a traceback.

Nothing heavy is imported before a command runs, so that `ccm --help` answers at once.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from ccm_flow.cli import (
    accounts,
    acts,
    alerting,
    audits,
    backups,
    billing,
    care_plans,
    clinics,
    connections,
    demo,
    enrolling,
    happened,
    importing,
    keys,
    looking,
    months,
    notes,
    operating,
    packets,
    patients,
    playbooks,
    readiness,
    rehearsing,
    retaining,
    reviewing,
    rules,
    service,
    serving,
    setup,
    simulating,
    staffing,
    time,
)
from ccm_flow.cli.sections import Sections
from ccm_flow.core.errors import CcmError

UNEXPECTED = 70
INTERRUPTED = 130
_SERVER_AWAY = 3
_AWAY = ("sqlalchemy.exc.OperationalError", "temporalio.service.RPCError")

_HELP = """
Runs chronic care management month by month: every step has an owner and a deadline.

State lives in the folder .ccm here, unless CCM_HOME names another one.
"""
_EPILOG = """\b
Exit codes:
  0    done
  1    done, but there are problems to look at
  2    bad input: an option, a file, a clinic that is not set up
  3    the server or the database is away
  4    refused, or there is no such step, patient, person or month
  70   an error of the program; details are in ccm.log
  130  interrupted

\b
A first day:
  ccm start
  ccm clinic clinic.yaml
  ccm import exports/
  ccm enroll
  ccm queue
"""

app = typer.Typer(
    name="ccm",
    cls=Sections,
    help=_HELP,
    epilog=_EPILOG,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain text reads the same on a screen and in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_SECTIONS = {
    "Start and stop": (demo, serving, service),
    "Operate": (operating, backups),
    "Set a clinic up": (setup, reviewing, staffing, accounts, keys),
    "Playbooks": (playbooks, rehearsing, simulating),
    "Patients and the way into the program": (importing, patients, enrolling, happened, retaining),
    "Daily work": (looking, acts, alerting, notes, care_plans, time),
    "The month and its bill": (months, readiness, clinics, billing, packets, rules, audits),
    "Other programs": (connections,),
}
"""In the order in which `ccm --help` lists them. A new group is one more module."""


def _register(heading: str, group: ModuleType) -> None:
    commands, groups = len(app.registered_commands), len(app.registered_groups)
    group.register(app)
    for command in app.registered_commands[commands:]:
        command.rich_help_panel = heading
    for nested in app.registered_groups[groups:]:
        nested.rich_help_panel = heading


for title, parts in _SECTIONS.items():
    for part in parts:
        _register(title, part)


def _show_version(wanted: bool) -> None:
    if wanted:
        try:
            typer.echo(f"ccm {version('ccm-flow')}")
        except PackageNotFoundError:  # run from a checkout
            typer.echo("ccm, not installed")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version."),
    ] = False,
) -> None:
    """Take what may stand before a command."""


app.info.help = _HELP


def run() -> None:
    """Run `ccm` with the program's arguments and end with its exit code."""
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    sys.exit(code)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the answer is its exit code. Every problem is a sentence on stderr."""
    try:
        app(args=list(arguments), prog_name="ccm")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except CcmError as error:
        _complain(str(error), error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        _complain("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe had enough
        _silence()
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback reaches a person
        return _unexpected(error)
    return 0


def _complain(sentence: str, hint: str = "") -> None:
    typer.echo(f"ccm: {sentence}", err=True)
    if hint:
        typer.echo(f"     {hint}", err=True)


def _silence() -> None:
    """Keep Python from complaining about a closed pipe while it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> int:
    """Write the traceback to the log and say one sentence."""
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    home = Path(os.environ.get("CCM_HOME") or ".ccm").absolute()
    log = home / "ccm.log"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"--- {datetime.now(UTC).isoformat()}\n")
            file.writelines(traceback.format_exception(error))
        details = f"Details are in {log}."
    except OSError as problem:
        details = f"No details could be kept in {log}: {problem.strerror}."
    if kinds & set(_AWAY):
        _complain("The database or the Temporal server did not answer.", details)
        return _SERVER_AWAY
    _complain(f"Something went wrong inside the program ({type(error).__name__}).", details)
    return UNEXPECTED
