"""Opening months and reporting them."""

from datetime import datetime

import typer

from ccm_flow.adapters.db.views import month_report, months_of
from ccm_flow.app.care import ClinicView
from ccm_flow.app.open_month import check_first_month
from ccm_flow.app.view_text import words
from ccm_flow.app.views import MonthReport, MonthRow, MonthState
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, month_at, open_set_up, with_desk
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind

_STYLES = {MonthState.NOT_READY: LATE, MonthState.NOT_OPENED: LATE, MonthState.PAUSED: QUIET}


class MonthOutOfReachError(CcmError):
    """A month cannot be opened now."""

    exit_code = 2

    def __init__(self, month: Month, running: Month) -> None:
        hint = f"Open {running}, {running.next} or {running.next.next}."
        super().__init__(f"{month} cannot be opened now.", hint)


class UnknownKindError(CcmError):
    """A word that is no kind of playbook."""

    exit_code = 2

    def __init__(self, text: str) -> None:
        known = ", ".join(kind.value for kind in PlaybookKind)
        super().__init__(f"'{text}' is not a kind of playbook.", f"Choose one of: {known}.")


def parse_kind(text: str) -> PlaybookKind:
    """Read a kind of playbook; raises `UnknownKindError`."""
    try:
        return PlaybookKind(text.strip().lower())
    except ValueError:
        raise UnknownKindError(text) from None


def open_month(text: str | None, clinic_id: str | None, *, as_json: bool) -> None:
    """Open a month; what could stop it is found before the server is asked."""
    wanted = Month.parse(text) if text else None
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    running = month_at(clinic, base.clock.now())
    month = wanted or running
    if not running <= month <= running.next.next:
        raise MonthOutOfReachError(month, running)
    check_first_month(base.record, clinic, month, base.clock.now())
    base.record.plan_for(clinic.clinic, PlaybookKind.MONTHLY, month)
    started, already = _open(base, clinic, month)
    if as_json:
        emit(
            {
                "clinic": clinic.clinic,
                "month": month,
                "started": started,
                "already_open": already,
                "paused": not clinic.active,
            }
        )
        return
    if not clinic.active:
        say(f"{clinic.name} is paused, so nothing was opened.")
        return
    say(f"{month} at {clinic.name}: {started} opened, {already} open already.")
    if not started:
        say("Every active patient has this month; `ccm enroll` begins with new ones.")
    elif month > running:
        say(f"They begin on {month.first_day:%B} 1.")


def _open(base: Base, clinic: ClinicView, month: Month) -> tuple[int, int]:
    return with_desk(base, lambda desk: desk.flow.open_month(clinic.clinic, month))


def month(text: str | None, clinic_id: str | None, kind: str, *, as_json: bool) -> None:
    """Report a month."""
    chosen = parse_kind(kind)
    wanted = Month.parse(text) if text else None
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    now = base.clock.now()
    which = wanted or _usual_month(base, clinic, chosen, now)
    report = month_report(base.engine, clinic.clinic, which, chosen, now=now)
    if as_json:
        emit(report)
    else:
        show_report(report)


def _usual_month(base: Base, clinic: ClinicView, kind: PlaybookKind, now: datetime) -> Month:
    """Choose the month now running if it has cycles, otherwise the newest that has."""
    known = months_of(base.engine, clinic.clinic, kind)
    running = month_at(clinic, now)
    return running if running in known or not known else known[0]


def show_report(report: MonthReport) -> None:
    """Print a month's report."""
    what = "" if report.kind is PlaybookKind.MONTHLY else f" ({report.kind.value})"
    say(f"{report.clinic_name}, {report.month}{what}: {report.totals.patients} patients")
    for state, count in report.by_state.items():
        say(f"  {count:>4}  {words(state)}")
    say()
    numbers = ["Done", "Late", "Esc", "Miss", "Min"]
    columns = ["Name", "Patient", "State", *numbers, "Why"]
    listing = Listing(*columns, keep=["Name", "State"], numbers=numbers)
    for row in report.rows:
        listing.add(*_cells(row), style=_STYLES.get(row.state, ""))
    sums = report.totals.steps
    total = (sums.done, sums.late, sums.escalated, sums.missed, report.totals.minutes)
    listing.add("", "all", "", *total, f"{report.totals.contacts} contacts", style="bold")
    listing.print()
    _show_counts("Ended without success, by reason", report.by_reason)
    _show_counts("Held up, by what is missing", report.by_blocker)


def _cells(row: MonthRow) -> tuple[str | int, ...]:
    steps = row.steps
    numbers = (steps.done, steps.late, steps.escalated, steps.missed, row.minutes)
    return (row.handle, row.patient_name, words(row.state), *numbers, _why(row))


def _why(row: MonthRow) -> str:
    because = [words(row.because)] if row.because else []
    return "; ".join(because + [item.detail for item in row.blockers])


def _show_counts(title: str, counts: object) -> None:
    if isinstance(counts, dict) and counts:
        typer.echo(f"\n{title}")
        for word, count in counts.items():
            say(f"  {count:>4}  {words(word)}")
