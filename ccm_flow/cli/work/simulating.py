"""Simulating months and showing what came of them."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer

from ccm_flow.adapters.calendars import build_calendar, month_calendar
from ccm_flow.adapters.documents.simulation_page import LINES, figure, simulation_page
from ccm_flow.adapters.processes.pods import run_pods
from ccm_flow.adapters.simulation_files import (
    behaviour_file,
    default_behaviour,
    presets,
    staff_file,
)
from ccm_flow.app import simulate as app
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.simulate import Calendars, RunPods, Wanted
from ccm_flow.cli.work.console import emit, plain, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up
from ccm_flow.cli.work.playbooks import BadFileError, good_plan
from ccm_flow.cli.work.tables import Listing
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.language.sim_form import SimFile
from ccm_flow.rehearsal.report import MonthResult, SimulationResult

CALENDARS = Calendars(month_calendar, build_calendar)
_SOMEWHERE = ClinicHours("America/New_York")
T = TypeVar("T")


class FileRefusedError(CcmError):
    """A behaviour file or a staff file has errors."""

    exit_code = 2
    hint = "Put right what is listed above and try again."


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed."""

    file: Path
    patients: int
    months: int
    seed: int
    staff: Path | None
    behaviour: Path | None
    joining: int
    month: str | None
    clinic: str | None


def simulate(asked: Asked, *, processes: int, html: Path | None, as_json: bool) -> None:
    """Simulate one way of staffing; exit code 1 when the program fails somewhere."""
    plan, _ = good_plan(asked.file)
    staff, assumptions = read_files(plan, asked.staff, asked.behaviour)
    wanted = _wanted(asked, plan, assumptions, staff)
    result = app.simulate(wanted, CALENDARS, _runner(processes))
    _write_page(html, [result], assumptions)
    if as_json:
        emit({**plain(result), "assumptions": dict(assumptions.basis)})
    else:
        show(result)


def compare(asked: Asked, *, processes: int, html: Path | None, as_json: bool) -> None:
    """Simulate the shipped teams, and the one of a file beside them."""
    plan, _ = good_plan(asked.file)
    staff, assumptions = read_files(plan, asked.staff, asked.behaviour)
    teams = [*presets(plan, asked.patients), *([staff] if staff else [])]
    first = _wanted(asked, plan, assumptions, None)
    all_ = [replace(first, staff=team) for team in teams]
    results = app.compare(all_, CALENDARS, _runner(processes))
    _write_page(html, results, assumptions)
    if as_json:
        emit({"compared": plain(results), "assumptions": dict(assumptions.basis)})
    else:
        show_compared(results)


def read_files(
    plan: Plan, staff: Path | None, behaviour: Path | None
) -> tuple[Staff | None, Assumptions]:
    """
    Read the files that were named; all problems of both are shown.

    Raises:
        FileRefusedError: one of them has errors.
        BadFileError: one of them cannot be read.
    """
    team = None if staff is None else _read(staff, partial(staff_file, plan=plan))
    people = None if behaviour is None else _read(behaviour, partial(behaviour_file, plan=plan))
    files: list[SimFile[Staff] | SimFile[Assumptions]] = [one for one in (team, people) if one]
    for file in files:
        if file.problems:
            typer.echo(file.render() + "\n", err=True)
    broken = [file for file in files if file.errors]
    if broken:
        counts = ", ".join(f"'{file.name}' has {len(file.errors)} errors" for file in broken)
        raise FileRefusedError(f"{counts}.")
    found = people.value if people is not None else None
    return (team.value if team is not None else None), found or default_behaviour()


def _read(path: Path, read: Callable[[Path], SimFile[T]]) -> SimFile[T]:
    try:
        return read(path)
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be read: {error.strerror}.") from error


def _wanted(asked: Asked, plan: Plan, assumptions: Assumptions, staff: Staff | None) -> Wanted:
    first = Month.parse(asked.month) if asked.month else Month.of(datetime.now(UTC).date()).next
    hours = _SOMEWHERE if asked.clinic is None else choose_clinic(open_set_up(), asked.clinic).hours
    return Wanted(
        plan=plan,
        hours=hours,
        first=first,
        months=asked.months,
        patients=asked.patients,
        seed=asked.seed,
        assumptions=assumptions,
        staff=staff,
        joining=asked.joining,
    )


def _runner(processes: int) -> RunPods:
    return partial(run_pods, processes=processes)


def _write_page(
    path: Path | None, results: Sequence[SimulationResult], assumptions: Assumptions
) -> None:
    if path is None:
        return
    try:
        path.write_text(simulation_page(results, assumptions), encoding="utf-8")
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be written: {error.strerror}.") from error
    typer.echo(f"Written to {path}.", err=True)


# --- for people ---


def show(result: SimulationResult) -> None:
    """Print one simulation."""
    say(_heading(result))
    say(f"{_who(result)}. Behaviour '{result.behaviour}', seed {result.seed}.")
    say()
    show_months(result.shown)
    say()
    show_roles(result)
    say()
    say(result.sentence)
    for one in result.shown:
        if one.weakest is not None:
            weak = one.weakest
            say(
                f"Weakest in month {one.number}: '{weak.title}' ({weak.role_title}), "
                f"{weak.not_on_time} of {weak.due} not in time."
            )


def _heading(result: SimulationResult) -> str:
    joining = f", {result.joining} joining each further month" if result.joining else ""
    return (
        f"{result.playbook} version {result.version}: {result.patients:,} simulated patients"
        f"{joining}, {len(result.months)} months from {result.months[0].month}"
    )


def _who(result: SimulationResult) -> str:
    if result.staff is None:
        return "Everybody always has time"
    return f"{result.staff}; {result.teams} team{'' if result.teams == 1 else 's'}"


def show_months(months: Iterable[MonthResult]) -> None:
    """Print months side by side."""
    shown = list(months)
    heads = [f"Month {one.number}" for one in shown]
    listing = Listing("", *heads, keep=[""], numbers=heads)
    for title, name, form in LINES:
        listing.add(title, *(figure(one, name, form) for one in shown))
    listing.print()


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def show_roles(result: SimulationResult) -> None:
    """Print what each role worked."""
    numbers = ["Minutes", "Each month", "Protected", "Used", "Most waiting"]
    listing = Listing("Role", *numbers, "On", keep=["Role", "On"], numbers=numbers)
    for one in result.roles:
        listing.add(
            one.title,
            f"{one.minutes:,}",
            f"{one.minutes_per_patient_month:.1f}",
            "no limit" if one.protected is None else f"{one.protected:,}",
            _figure(one.utilisation, "{:.0%}"),
            one.most_waiting or "-",
            one.most_waiting_on.isoformat() if one.most_waiting_on else "-",
        )
    listing.print()
    if sys.stdout.isatty():
        say("Each month: minutes for each patient. Waiting: at the end of the worst day.")


def show_compared(results: Sequence[SimulationResult]) -> None:
    """Print several ways of staffing, month by month."""
    say(_heading(results[0]))
    say(f"Behaviour '{results[0].behaviour}', seed {results[0].seed}.")
    say()
    numbers = ["Month", "Ready", "On time", "Never done", "Escalations", "Minutes"]
    listing = Listing("Staff", *numbers, keep=["Staff"], numbers=numbers)
    for result in results:
        for place, one in enumerate(result.shown):
            listing.add(
                result.staff or "no limit" if place == 0 else "",
                one.number,
                _figure(one.ready, "{:.1%}"),
                _figure(one.on_time, "{:.1%}"),
                _figure(one.missed, "{:.1%}"),
                _figure(one.escalations, "{:.2f}"),
                _figure(one.minutes, "{:.1f}"),
            )
    listing.print()
    for result in results:
        say(f"\n{result.staff}. {result.sentence}")
        busy = max(result.roles, key=lambda one: one.utilisation or 0.0)
        say(f"Busiest role: {busy.title}, {_figure(busy.utilisation, '{:.0%}')} of its minutes.")
