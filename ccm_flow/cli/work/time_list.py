"""A month of time, day by day; what an auditor would stop at; the kinds of work."""

from zoneinfo import ZoneInfo

import typer

from ccm_flow.adapters.db.time_report import Wanted, time_audit, time_report
from ccm_flow.adapters.db.views import find_patient
from ccm_flow.app.care import ClinicView
from ccm_flow.app.time_errors import timer_text
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.app.views_time import DayOfTime, EntryLine, TimeReport
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import (
    choose_clinic,
    choose_person,
    month_at,
    open_set_up,
    short,
)
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.cli.work.time import NotEnrolledError
from ccm_flow.cli.work.time_words import lag_text
from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.minutes import WhyNot
from ccm_flow.core.month import Month
from ccm_flow.core.time_audit import AuditFlag, length
from ccm_flow.core.time_entries import EntryFlag


def list_(
    month: str | None, by: str | None, patient: str | None, clinic_id: str | None, *, as_json: bool
) -> None:
    """List a month's time."""
    base = open_set_up()
    enrollment, where = _patient(base, patient, clinic_id)
    clinic = choose_clinic(base, where)
    person = choose_person(base, clinic.clinic, by).person if by else None
    view = time_report(
        base.engine,
        clinic.clinic,
        _month(base, clinic, month),
        Wanted(person, enrollment),
        now=base.clock.now(),
    )
    if as_json:
        emit(view)
    else:
        _show(view)


def _patient(
    base: Base, patient: str | None, clinic_id: str | None
) -> tuple[EnrollmentId | None, str | None]:
    if patient is None:
        return None, clinic_id
    found = find_patient(base.engine, patient)
    if found.enrollment is None:
        raise NotEnrolledError(patient)
    return found.enrollment, clinic_id or found.clinic


def _month(base: Base, clinic: ClinicView, text: str | None) -> Month:
    return Month.parse(text) if text else month_at(clinic, base.clock.now())


def _show(view: TimeReport) -> None:
    zone = ZoneInfo(view.time_zone)
    say(f"{view.clinic_name}, {view.month} ({view.time_zone})")
    for timer in view.timers:
        since = clinic_time(timer.started_at, zone)
        over = ", beyond its limit" if timer.over_limit else ""
        say(
            f"Running since {since} ({length(timer.elapsed_seconds)}{over}): "
            f"{timer.person_name}, {timer_text(timer)}"
        )
    if not view.days:
        say("No time was entered.")
        return
    for day in view.days:
        _show_day(day, zone)
    say("\nMinutes that count")
    listing = Listing("Patient", "Min", "Practitioner's own", numbers=["Min", "Practitioner's own"])
    for one in view.patients:
        listing.add(one.patient_handle, one.minutes, one.practitioner_minutes)
    listing.print()
    _show_flags(view.flags, view.clinic)


def _show_day(day: DayOfTime, zone: ZoneInfo) -> None:
    say(
        f"\n{day.day:%a %b} {day.day.day}: {length(day.seconds)}, "
        f"of which {length(day.counted_seconds)} counts"
    )
    columns = ("Entry", "From", "Length", "Patient", "Who", "What", "Remarks")
    listing = Listing(*columns, keep=["Entry"])
    for line in day.entries:
        style = QUIET if line.not_counted is WhyNot.CORRECTED else ""
        style = LATE if EntryFlag.CLASH in line.flags else style
        listing.add(
            line.handle,
            f"{line.started_at.astimezone(zone):%H:%M:%S}",
            length(line.seconds),
            line.patient_handle,
            line.person_name,
            ACTIVITIES[line.activity].title,
            _remarks(line),
            style=style,
        )
    listing.print()


def _remarks(line: EntryLine) -> str:
    said = [line.source.value]
    if line.late:
        said.append(lag_text(line))
    if EntryFlag.END_STATED in line.flags:
        said.append("end stated afterwards")
    if line.corrects:
        said.append("removed" if line.seconds == 0 else "correction")
    if line.not_counted_because:
        said.append(f"does not count: {line.not_counted_because}")
    if line.reason:
        said.append(f'"{line.reason}"')
    return "; ".join(said)


def _show_flags(flags: tuple[AuditFlag, ...], clinic: ClinicId) -> None:
    if flags:
        say("\nTo look at")
    for flag in flags:
        who = f"{short(flag.person, clinic)}, {flag.day}: " if flag.person else ""
        say(f"  {words(flag.kind).capitalize()}: {who}{flag.text}")


def audit(month: str | None, clinic_id: str | None, *, as_json: bool) -> None:
    """Look for what an auditor would stop at."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    found = time_audit(base.engine, clinic.clinic, _month(base, clinic, month))
    if as_json:
        emit(found)
    else:
        say(
            f"{found.clinic_name}, {found.month}: {found.entries} entries "
            f"for {found.patients} patients"
        )
        _show_flags(found.flags, clinic.clinic)
        if not found.flags:
            say("Nothing stands out.")
    if found.flags:
        raise typer.Exit(1)


def activities(*, as_json: bool) -> None:
    """List the kinds of work."""
    if as_json:
        emit(
            [
                {
                    "activity": activity,
                    "title": spec.title,
                    "counts": spec.counts,
                    "not_counted_because": spec.not_counted_because or None,
                }
                for activity, spec in ACTIVITIES.items()
            ]
        )
        return
    listing = Listing("Word", "Kind of work", "Counts", keep=["Word"])
    for activity, spec in ACTIVITIES.items():
        counts = "yes" if spec.counts else f"no: {spec.not_counted_because}"
        listing.add(activity.value, spec.title, counts)
    listing.print()
