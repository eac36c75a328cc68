"""What stops each running month, for people."""

from datetime import datetime
from zoneinfo import ZoneInfo

from ccm_flow.adapters.db.views import months_of
from ccm_flow.app.care import ClinicView
from ccm_flow.app.readiness import (
    BlockerLine,
    PatientReadiness,
    ReadinessReport,
)
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.bootstrap import Base, readiness_of
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, month_at, open_set_up
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.core.minutes_at_risk import Week
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


def readiness(clinic_id: str | None, text: str | None, *, as_json: bool) -> None:
    """Show every running month's blockers and the minutes at risk."""
    wanted = Month.parse(text) if text else None
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    report = read_report(base, clinic, wanted)
    if as_json:
        emit(report)
    else:
        show_report(report)


def read_report(base: Base, clinic: ClinicView, wanted: Month | None) -> ReadinessReport:
    """Look at a month: the one that is named, the running one, or the newest there is."""
    return readiness_of(base, clinic, wanted or _usual(base, clinic, base.clock.now()))


def _usual(base: Base, clinic: ClinicView, now: datetime) -> Month:
    running = month_at(clinic, now)
    known = months_of(base.engine, clinic.clinic, PlaybookKind.MONTHLY)
    return running if running in known or not known else known[0]


def show_report(report: ReadinessReport) -> None:
    """Print what is missing, patient by patient, and the weeks."""
    zone = ZoneInfo(report.time_zone)
    when = clinic_time(report.as_of, zone)
    say(
        f"{report.clinic_name}, {report.month}: {len(report.patients)} running, "
        f"{report.ready} with nothing missing ({when}, {report.time_zone})"
    )
    held_up = [one for one in report.patients if one.blockers]
    if held_up:
        say()
        _show_blockers(held_up, zone)
    for requirement, count in report.by_requirement.items():
        if requirement == next(iter(report.by_requirement)):
            say("\nMissing, by what it is")
        say(f"  {count:>4}  {words(requirement)}")
    _show_minutes(report)


def _show_blockers(patients: list[PatientReadiness], zone: ZoneInfo) -> None:
    listing = Listing("Name", "Patient", "Missing", "Next", "Owner", "Due", keep=["Name", "Due"])
    for one in patients:
        for number, line in enumerate(one.blockers):
            name = (one.handle, one.patient_name) if number == 0 else ("", "")
            style = LATE if line.late else QUIET if one.paused else ""
            listing.add(
                *name,
                line.detail,
                _next(line, zone),
                f"{line.owner_name} ({line.role_title.lower()})",
                clinic_time(line.due_at, zone),
                style=style,
            )
    listing.print()


def _next(line: BlockerLine, zone: ZoneInfo) -> str:
    if line.open:
        return f"{line.title} (open)"
    if line.opens_at is not None:
        return f"{line.title} (opens {clinic_time(line.opens_at, zone)})"
    return line.title


def _show_minutes(report: ReadinessReport) -> None:
    if not report.patients:
        say("No month is running here.")
        return
    short = [one for one in report.patients if one.missing_minutes]
    if not short:
        say("\nEverybody has the month's minutes.")
        return
    lost = [one for one in short if not one.will_make_it]
    missing = sum(one.missing_minutes for one in short)
    say(
        f"\nMinutes at risk: {len(short)} short of the minimum, by {missing} min in all; "
        f"{len(lost)} will not make it with the steps still to come."
    )
    numbers = ["Have", "Need", "Missing", "Coming"]
    listing = Listing("Name", "Patient", *numbers, "", keep=["Name"], numbers=numbers)
    for one in short:
        verdict = (
            "" if one.will_make_it else f"will not make it: {one.uncovered_minutes} have no step"
        )
        listing.add(
            one.handle,
            one.patient_name,
            one.minutes,
            one.minimum_minutes,
            one.missing_minutes,
            one.expected_minutes,
            verdict,
            style="" if one.will_make_it else LATE,
        )
    listing.print()
    say()
    _show_weeks(report.weeks)


def _show_weeks(weeks: tuple[Week, ...]) -> None:
    numbers = ["Documented", "Expected", "At risk", "Patients"]
    listing = Listing("Week", *numbers, keep=["Week"], numbers=numbers)
    for week in weeks:
        name = f"{week.first:%b} {week.first.day} to {week.last.day}"
        listing.add(
            name,
            week.documented_minutes,
            week.expected_minutes,
            week.at_risk_minutes,
            week.patients_at_risk,
        )
    listing.print()
