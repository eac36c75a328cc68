"""The work queue and one patient, for people."""

from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.views import patient_month
from ccm_flow.adapters.db.views import queue as read_queue
from ccm_flow.app.view_text import clinic_time, timeline_text, why_text, words
from ccm_flow.app.views import QueueView
from ccm_flow.app.views_patient import (
    CycleLine,
    HappeningView,
    PatientView,
    StepView,
    Suggestion,
    Timing,
)
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up
from ccm_flow.cli.work.months import parse_kind
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.core.activities import ACTIVITIES, Activity
from ccm_flow.core.ids import RoleId, cycle_number
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus

_STYLES = {Timing.OVERDUE: LATE, Timing.MISSED: LATE, Timing.NOT_NEEDED: QUIET}


def queue(owner: str | None, role: str | None, clinic_id: str | None, *, as_json: bool) -> None:
    """List what is open."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, owner).person if owner else None
    view = read_queue(
        base.engine,
        clinic.clinic,
        now=base.clock.now(),
        owner=person,
        role=RoleId(role) if role else None,
    )
    if as_json:
        emit(view)
    else:
        _show_queue(view)


def _show_queue(view: QueueView) -> None:
    late = sum(row.late for row in view.steps)
    zone = ZoneInfo(view.time_zone)
    say(
        f"{view.clinic_name}: {len(view.steps)} open steps, {late} overdue "
        f"({clinic_time(view.as_of, zone)}, {view.time_zone})"
    )
    if not view.steps:
        return
    say()
    listing = Listing("Step", "Patient", "Owner", "Due", "Why", keep=["Step", "Due"])
    for row in view.steps:
        style = LATE if row.late else QUIET if row.due_at is None else ""
        why = "; ".join(why_text(one, row, zone) for one in row.why)
        due = clinic_time(row.due_at, zone)
        listing.add(row.handle, row.patient_name, row.owner_name, due, why, style=style)
    listing.print()


def patient(who: str, month: str | None, kind: str | None, *, as_json: bool) -> None:
    """Show a patient's month."""
    wanted = Month.parse(month) if month else None
    chosen = parse_kind(kind) if kind else None
    base = open_set_up()
    view = patient_month(base.engine, who, wanted, now=base.clock.now(), kind=chosen)
    if as_json:
        emit(view)
    else:
        show_patient(view)


def show_patient(view: PatientView) -> None:
    """Print a patient's month."""
    zone = ZoneInfo(view.time_zone)
    for line in _header(view, zone):
        say(line)
    if view.steps:
        say("\nSteps")
        _show_steps(view, zone)
    _show_choices(view)
    if view.effort:
        say(f"\nMinutes that count: {view.minutes}")
        for item in view.effort:
            what = ACTIVITIES[Activity(item.activity)].title
            say(f"  {item.seconds / 60:>6.1f}  {what} ({item.entries}x)")
    say(f"\nNotes: {view.notes}, of which {view.unsigned_notes} not signed")
    _show_outside(view, zone)
    if view.timeline:
        say(f"\nWhat happened ({view.time_zone})")
        listing = Listing("When", "What", keep=["When"])
        for entry in view.timeline:
            listing.add(clinic_time(entry.at, zone), timeline_text(entry, zone))
        listing.print()


def _header(view: PatientView, zone: ZoneInfo) -> list[str]:
    who = view.patient
    born = f", born {who.birth_date}" if who.birth_date else ""
    died = f", died {clinic_time(who.deceased_at, zone)}" if who.deceased_at else ""
    lines = [f"{who.name} (record {who.mrn}{born}{died}), {view.clinic_name}"]
    if view.enrollment is None:
        return [*lines, "Not enrolled: only imported."]
    enrolled = view.enrollment
    because = f": {words(enrolled.ended_because)}" if enrolled.ended_because else ""
    lines.append(f"{enrolled.handle}: {enrolled.program}, {words(enrolled.status)}{because}")
    team = ", ".join(f"{member.role_title}: {member.name}" for member in enrolled.team)
    return [*lines, team, *_cycle_lines(view, zone)]


def _cycle_lines(view: PatientView, zone: ZoneInfo) -> list[str]:
    cycle = view.cycle
    if cycle is None:
        return ["No month was opened yet."]
    ending = words(cycle.disposition) if cycle.disposition else words(cycle.status)
    because = f" ({words(cycle.because)})" if cycle.because else ""
    until = f", closes {clinic_time(cycle.closes_at, zone)}" if cycle.ended_at is None else ""
    lines = [
        f"{cycle.month} {cycle.kind.value}: {ending}{because}, {cycle.contacts} contacts{until}"
    ]
    lines += [f"  missing: {item.detail}" for item in cycle.blockers]
    others = [_other_cycle(one) for one in view.cycles if one.cycle != cycle.cycle]
    return [*lines, f"Other cycles: {', '.join(others)}"] if others else lines


def _other_cycle(line: CycleLine) -> str:
    number = cycle_number(line.cycle)
    which = f" {number}" if number > 1 else ""
    stands = words(line.disposition or line.status)
    return f"{line.month} {line.kind.value}{which} ({stands})"


def _show_steps(view: PatientView, zone: ZoneInfo) -> None:
    listing = Listing("Step", "Owner", "Due", "How it stands", keep=["Step", "Due"])
    for step in view.steps:
        owner = f"{step.owner_name} ({step.role_title.lower()})"
        due = clinic_time(step.due_at, zone)
        listing.add(step.key, owner, due, _stands(step), style=_STYLES.get(step.timing, ""))
    listing.print()


def _stands(step: StepView) -> str:
    parts = [step.outcome_title or "", words(step.timing)]
    if step.attempts:
        allowed = f" of {step.attempts_allowed}" if step.attempts_allowed else ""
        parts.append(f"{len(step.attempts)}{allowed} attempts")
    if step.because:
        parts.append(step.because)
    if step.assigned and step.status is StepStatus.OPEN:
        parts.append(f"{step.owner_name}: {step.assigned}")
    return ", ".join(part for part in parts if part)


def _show_outside(view: PatientView, zone: ZoneInfo) -> None:
    """Print what happened outside the playbook, and what may have."""
    if view.happenings:
        say("\nOutside the playbook")
        listing = Listing("When", "What", "Told by", "Led to", keep=["When"])
        for one in view.happenings:
            what = words(one.kind) + (f": {one.detail}" if one.detail else "")
            style = QUIET if one.taken_back else ""
            listing.add(
                clinic_time(one.at, zone), what, one.told_by_name, _led_to(one), style=style
            )
        listing.print()
    for suggestion in view.suggestions:
        say("")
        say(suggestion_text(suggestion, zone))


def _led_to(one: HappeningView) -> str:
    if one.taken_back:
        return f"taken back: {one.taken_back}"
    if one.waiting:
        return "waits for the server"
    return " ".join(line.rstrip(":") for line in one.led_to if not line.startswith("  "))


def suggestion_text(suggestion: Suggestion, zone: ZoneInfo) -> str:
    """Say what the record system knows, and the command that makes it count."""
    local = suggestion.at.astimezone(zone)
    return (
        f"{suggestion.patient_name}: {words(suggestion.kind)} on "
        f"{clinic_time(suggestion.at, zone)} according to the record system. If it is so: "
        f"ccm happened {suggestion.handle} {suggestion.kind.value} --at {local:%Y-%m-%dT%H:%M}"
    )


def _show_choices(view: PatientView) -> None:
    open_steps = [step for step in view.steps if step.outcomes]
    if open_steps:
        say("\nOutcomes to choose from")
        listing = Listing("Step", "Outcomes", keep=["Step"])
        for step in open_steps:
            listing.add(step.handle, ", ".join(step.outcomes))
        listing.print()
