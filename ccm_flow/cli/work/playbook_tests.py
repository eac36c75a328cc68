"""Running the tests that authors write beside a playbook."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import typer

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.playbook_files import read_playbook
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.playbooks import BadFileError
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.language import CheckResult
from ccm_flow.proof import (
    PlaybookTests,
    TestClinic,
    render_tests,
    run_playbook_tests,
    tests_as_json,
)


def run_tests(files: Sequence[Path], *, as_json: bool) -> None:
    """Run every file; exit code 2 when one cannot be understood, 1 when a test fails."""
    results = [_run(path) for path in files]
    if as_json:
        emit([tests_as_json(result) for result in results])
    else:
        for result in results:
            say(render_tests(result))
    if any(result.problems for result in results):
        raise typer.Exit(2)
    if not all(result.passed for result in results):
        raise typer.Exit(1)


def _run(path: Path) -> PlaybookTests:
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be read: {error.strerror}.") from error

    def load(name: str) -> CheckResult:
        return read_playbook(path.parent / name)

    return run_playbook_tests(text, str(path), load, _calendar)


def _calendar(clinic: TestClinic, month: Month, kind: PlaybookKind) -> WorkCalendar:
    closures: dict[date, str] = dict.fromkeys(clinic.closures, "closed")
    hours = ClinicHours(
        clinic.time_zone, clinic.opens, clinic.closes, frozenset(clinic.working_days), closures
    )
    return month_calendar(hours, month, kind)
