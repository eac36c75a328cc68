"""Holding the months ahead against the time that is kept for them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import typer

from ccm_flow.adapters.db.capacity_facts import clinic_team, joining
from ccm_flow.adapters.db.capacity_facts import enrolled as count_enrolled
from ccm_flow.adapters.processes.pods import run_pods
from ccm_flow.adapters.rule_files import load_shelf
from ccm_flow.app import capacity as app
from ccm_flow.app.capacity import LargestPanel, WhatIf
from ccm_flow.app.capacity_record import with_every_role
from ccm_flow.app.care import ClinicView
from ccm_flow.app.simulate import Wanted
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, month_at, open_set_up
from ccm_flow.cli.work.simulating import CALENDARS, read_files
from ccm_flow.cli.work.tables import LATE, Listing
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plain_data import plain
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.rehearsal.capacity import CapacityForecast, Input, Panel
from ccm_flow.rehearsal.words import shortfall_sentence


class BadPairError(CcmError):
    """An option is not written as NAME=NUMBER."""

    exit_code = 2

    def __init__(self, text: str, example: str) -> None:
        super().__init__(f"'{text}' is no name and number.", f"Write it as {example}.")


class NobodyEnrolledError(CcmError):
    """A forecast for nobody."""

    exit_code = 4
    hint = "Say --patients to see what so many would take."


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCapacity:
    """What was typed."""

    clinic: str | None
    months: int
    month: str | None
    staff: Path | None
    behaviour: Path | None
    patients: int | None
    joining: int | None
    added: tuple[str, ...]
    minutes: tuple[str, ...]
    seed: int


def capacity(asked: AskedCapacity, *, largest: bool, processes: int, as_json: bool) -> None:
    """Print the forecast; exit code 1 when a role falls short."""
    base = open_set_up()
    clinic = choose_clinic(base, asked.clinic)
    what_if = _what_if(asked)
    wanted, enrolled = _wanted(base, clinic, asked)
    joining, said = _joining(base, clinic, asked)
    prepared = app.prepare(wanted, CALENDARS, load_shelf(base.settings.home))
    patients = Input(app.PATIENTS, str(enrolled), "enrolled, on record", assumed=False)
    panel = Panel(enrolled, joining, wanted.staff)
    result = app.forecast(prepared, panel, what_if, (patients, *said))
    most = _search(wanted, wanted.plan, what_if, processes) if largest else None
    if as_json:
        short = plain(result.shortfall)
        emit({"clinic": clinic.clinic, **plain(result), "shortfall": short, "largest": plain(most)})
    else:
        _show(clinic, wanted.plan, result, most)
    if result.shortfall is not None:
        raise typer.Exit(1)


def _wanted(base: Base, clinic: ClinicView, asked: AskedCapacity) -> tuple[Wanted, int]:
    """Give what is asked for, and how many are enrolled."""
    enrolled = count_enrolled(base.engine, clinic.clinic)
    if not enrolled and asked.patients is None:
        raise NobodyEnrolledError(f"Nobody is enrolled at {clinic.name}.")
    now = base.clock.now()
    first = Month.parse(asked.month) if asked.month else month_at(clinic, now).next
    plan = base.record.plan_for(clinic.clinic, PlaybookKind.MONTHLY, first)
    staff, assumptions = read_files(plan, asked.staff, asked.behaviour)
    wanted = Wanted(
        plan=plan,
        hours=clinic.hours,
        first=first,
        months=asked.months,
        patients=asked.patients or enrolled,
        seed=asked.seed,
        assumptions=assumptions,
        staff=staff or clinic_team(base.engine, clinic, plan),
    )
    return wanted, enrolled


def _what_if(asked: AskedCapacity) -> WhatIf:
    added = {RoleId(name): count for name, count in _pairs(asked.added, "coordinator=1")}
    minutes = {StepId(name): count for name, count in _pairs(asked.minutes, "outreach=15")}
    return WhatIf(asked.patients, added, minutes)


def _pairs(texts: Iterable[str], example: str) -> list[tuple[str, int]]:
    found = []
    for text in texts:
        name, _, number = text.partition("=")
        if not name.strip() or not number.strip().isdecimal() or len(number) > 4:
            raise BadPairError(text, example)
        found.append((name.strip(), int(number)))
    return found


def _joining(
    base: Base, clinic: ClinicView, asked: AskedCapacity
) -> tuple[tuple[float, ...], tuple[Input, ...]]:
    """Say how many join with each month: as was typed, or as the record says."""
    if asked.joining is not None:
        typed = Input("Joining each month", str(asked.joining), "--joining", assumed=True)
        return (float(asked.joining),) * asked.months, (typed,)
    return joining(base.engine, clinic, base.clock.now(), asked.months)


def _search(wanted: Wanted, plan: Plan, what_if: WhatIf, processes: int) -> LargestPanel:
    assert wanted.staff is not None  # noqa: S101 - a file's team, or the record's
    changed = app.change(Panel(wanted.patients, staff=wanted.staff), what_if, plan)
    with_changes = app.as_changed(wanted, changed)
    if with_changes.staff is not None:
        with_changes = replace(with_changes, staff=with_every_role(with_changes.staff, plan))
    return app.largest_panel(with_changes, CALENDARS, partial(run_pods, processes=processes))


# --- for people ---


def _show(
    clinic: ClinicView, plan: Plan, result: CapacityForecast, most: LargestPanel | None
) -> None:
    first, last = result.months[0].month, result.months[-1].month
    say(
        f"{clinic.name}: capacity from {first} to {last}, by {plan.playbook} version {plan.version}"
    )
    say()
    _show_months(result)
    say()
    _show_roles(result)
    say()
    say(shortfall_sentence(result))
    if most is not None:
        say(_largest(most))
    say("\nWhat this rests on")
    for one in result.inputs:
        mark = "assumed: " if one.assumed else ""
        say(f"  {one.name}: {one.value} ({mark}{one.source})")


def _show_months(result: CapacityForecast) -> None:
    numbers = ["Patients", "Ready", "Minutes", "Medicare allows", "Staff cost"]
    listing = Listing("Month", *numbers, keep=["Month"], numbers=numbers)
    for one in result.months:
        revenue = "not known" if one.revenue is None else f"${one.revenue:,.0f}"
        listing.add(
            str(one.month),
            f"{one.patients:,.0f}",
            f"{one.ready:,.0f}",
            f"{one.minutes:,.0f}",
            revenue + ("*" if one.revenue_assumed else ""),
            "no wages given" if one.cost is None else f"${one.cost:,.0f}",
        )
    listing.print()
    if any(one.revenue_assumed for one in result.months):
        say("* by the newest rule file, which ends before the month")


def _show_roles(result: CapacityForecast) -> None:
    numbers = ["Needed", "Kept", "Used", "Short by"]
    listing = Listing("Role", *numbers, "Falls short on", keep=["Role"], numbers=numbers)
    for one in result.roles:
        listing.add(
            one.title,
            f"{one.needed:,.0f}",
            "not said" if one.protected is None else f"{one.protected:,}",
            "-" if one.used is None else f"{one.used:.0%}",
            f"{one.short_by:,.0f}" if one.shortfall else "-",
            one.shortfall.isoformat() if one.shortfall else "-",
            style=LATE if one.shortfall else "",
        )
    listing.print()


def _largest(most: LargestPanel) -> str:
    unlimited = f"staff with unlimited time would do {most.unlimited:.1%} on time"
    if not most.patients or most.on_time is None:
        return f"No panel that was tried reaches {most.goal:.0%} of that: {unlimited}."
    return (
        f"The largest panel for one such team is about {most.patients} patients: it does "
        f"{most.on_time:.1%} of the steps on time, where {unlimited} (goal: {most.goal:.0%} of "
        "that)."
    )
