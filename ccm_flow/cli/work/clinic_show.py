"""What a clinic's file changes and has changed, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ccm_flow.app.care import ClinicView
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.new_calendar import Recalendared
from ccm_flow.app.staffing import Settled
from ccm_flow.app.view_text import clinic_time
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.clinic_plan import ClinicPlan
from ccm_flow.cli.work.console import say
from ccm_flow.cli.work.context import zone_of
from ccm_flow.cli.work.moves_text import handles_at, show_done, show_moves, show_settled
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.plan import Plan

_SHOWN: Final = 40
"""Moved deadlines that are listed; the rest is counted."""


@dataclass(frozen=True)
class Carried:
    """What was published, and what came of the running months."""

    published: tuple[Plan, ...] = ()
    settled: Settled | None = None
    deadlines: Recalendared | None = None
    later: bool = False
    """The server is away: the worker does it as soon as both run."""


def show_plan(base: Base, planned: ClinicPlan, publishing: Sequence[tuple[Plan, str]]) -> None:
    """Say what a file would change."""
    file = planned.file
    say(f"{file.name} ({file.clinic})" + (" is new." if planned.is_new else ""))
    for one in planned.changes:
        if one.before is None:
            say(f"  + {one.what}: {one.after}")
        elif one.after is None:
            say(f"  - {one.what}: {one.before}")
        else:
            say(f"  ~ {one.what}: {one.before} -> {one.after}")
    _show_elsewhere(planned)
    for line in planned.lines:
        what = f"step {line.step}" if line.step else f"{line.role}"
        say(f"  ~ {what}: done by {line.organization or 'anybody'} from {line.from_day} on")
    for made, _ in publishing:
        say(f"  + playbook {made.title}, version {made.version}")
    if planned.calendar:
        say("Running months go on by the new days; deadlines that have passed stay.")
    if planned.is_nothing and not publishing:
        say("Everything is as the file says.")
    if planned.staffing is not None and not planned.is_nothing:
        show_moves(
            base, base.record.clinic(ClinicId(file.clinic)), planned.preview, planned.staffing
        )


def show_applied(
    base: Base, view: ClinicView, planned: ClinicPlan, after: Carried, applied: Mapping[str, Any]
) -> None:
    """Say what was done."""
    new = "set up" if planned.is_new else "up to date"
    say(f"{view.name} ({view.clinic}) is {new}.")
    for made in after.published:
        when = "this month" if planned.is_new else "next month"
        say(f"Published {made.title} (version {made.version}) from {when} on.")
    _show_elsewhere(planned)
    if after.deadlines is not None:
        _show_deadlines(base, view, after.deadlines)
    if after.settled is not None and planned.staffing is not None:
        show_done(after.settled.preview, planned.staffing)
        show_settled(after.settled)
    if after.later:
        say("Running months are told as soon as the server runs: `ccm start`.")
    if not applied["scheduled"]:
        say("Months open by themselves once the server runs: `ccm start`.")
    for doubt in applied["doubts"]:
        say(f"Note: {doubt}")


def _show_elsewhere(planned: ClinicPlan) -> None:
    """Say what the file changes about a vendor's people for other clinics."""
    for one in planned.elsewhere:
        where, was, new = ", ".join(one.clinics), one.before or "none", one.after or "none"
        say(f"  ! {one.person} works at {where} too: {one.what} there {was} -> {new}")


def _show_deadlines(base: Base, view: ClinicView, done: Recalendared) -> None:
    zone, handles = zone_of(view), handles_at(base, view)
    for one in done.moved[:_SHOWN]:
        was, new = clinic_time(one.step.due_at, zone), clinic_time(one.due_at, zone)
        name = handles.get((one.step.cycle, one.step.key), one.step.key)
        say(f"  {name} ({one.step.owner_name}): {was} -> {new}")
    rest = len(done.moved) - _SHOWN
    if rest > 0:
        say(f"  and {rest} more.")
    if done.moved:
        say(f"{len(done.moved)} deadlines moved.")
    if done.waiting:
        say(f"{done.waiting} months are told as soon as the server answers.")


def names(publishing: Sequence[tuple[Plan, str]]) -> list[str]:
    """Name playbooks with their versions."""
    return [f"{made.playbook}@{made.version}" for made, _ in publishing]


def doubts(file: ClinicFile, plans: list[Plan]) -> list[str]:
    """Say which roles nobody has, and which no playbook knows."""
    held = {str(role) for person in file.staff for role in person.roles}
    known = {str(role.id) for plan_ in plans for role in plan_.roles}
    missing = [
        f"nobody has the role '{role}'; its steps go to the program owner."
        for role in sorted(known - held)
    ]
    unknown = [f"no playbook of it has the role '{role}'." for role in sorted(held - known)]
    return missing + unknown + _uncounted(file)


def _uncounted(file: ClinicFile) -> list[str]:
    """Say whose minutes do not count because nobody says what they are licensed as."""
    names = [person.id for person in file.staff if person.credential is None]
    if not names:
        return []
    return [
        f"no credential is given for {', '.join(names)}; their minutes do not count. "
        "Add `credential:` (rn, ma, physician, ..., none)."
    ]
