"""Clinics beside each other, and one clinic's month in numbers."""

from pathlib import Path
from typing import Any

from ccm_flow.adapters.db.letter_store import SqlLetters
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views_clinics import clinics_now
from ccm_flow.adapters.db.views_scorecard import scorecard
from ccm_flow.app.clinics_view import ClinicLine, in_order
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.app.scorecard_text import alarm_text, share_text
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, month_at, open_set_up
from ccm_flow.cli.work.files import write_file
from ccm_flow.cli.work.tables import LATE, Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.heat import Heat
from ccm_flow.core.ids import ClinicId, OrganizationId
from ccm_flow.core.month import Month
from ccm_flow.core.scorecard import GROUPS, TITLES, Count

_WORDS = {Heat.GOOD: "good", Heat.WATCH: "watch", Heat.ACT: "act", Heat.NOTHING: "too early"}


def clinics(organization: str | None, *, as_json: bool) -> None:
    """Print all clinics, the most pressing first."""
    base = open_set_up()
    wanted = OrganizationId(organization) if organization else None
    known = SqlClinicStore(base.engine).clinics()
    lines = in_order(clinics_now(base.engine, known, base.clock.now(), wanted))
    if as_json:
        emit([_clinic_data(line) for line in lines])
        return
    if not lines:
        raise RefusedError("There is no such clinic.", "`ccm clinics` lists all of them.")
    columns = ["Complete", "On time", "Minutes missing", "Overdue", "Questions", "Alerts", "Staff"]
    table = Listing("Clinic", *columns, "Month", keep=["Clinic", "Month"])
    for line in lines:
        table.add(
            line.now.name, *_cells(line), str(line.now.month), style=LATE if line.exceptions else ""
        )
    table.print()


def _cells(line: ClinicLine) -> list[str]:
    one = line.now.pulse
    told = {
        "complete": f"{one.complete} of {one.patients}",
        "on_time": f"{one.steps_on_time} of {one.steps_due}",
        "minutes": f"{one.missing_minutes} min",
        "overdue": f"{one.overdue} of {one.open_steps}",
        "questions": f"{one.questions}",
        "alerts": f"{one.alerts}",
        "staff": f"{one.staff} here, {one.away} away",
    }
    return [f"{text}, {_WORDS[line.heats[name]]}" for name, text in told.items()]


def _clinic_data(line: ClinicLine) -> dict[str, Any]:
    now = line.now
    return {
        "clinic": now.clinic,
        "name": now.name,
        "organization": now.organization,
        "vendor": now.vendor,
        "month": now.month,
        "days_left": now.days_left,
        "numbers": now.pulse,
        "stands": line.heats,
    }


def scorecard_of(
    clinic_id: str | None, text: str | None, pdf: Path | None, mail: str | None, *, as_json: bool
) -> None:
    """Print a month's scorecard; with `mail` say first who gets the letters."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    if mail is not None:
        _letters(base, clinic.clinic, mail)
    now = base.clock.now()
    month = Month.parse(text) if text else month_at(clinic, now).previous
    card = scorecard(base.engine, clinic.clinic, month, now)
    if pdf is not None:
        from ccm_flow.adapters.documents.scorecard_pdf import (  # noqa: PLC0415 - loads slowly
            scorecard_pdf,
        )

        write_file(pdf, scorecard_pdf(card))
    if as_json:
        emit(card_data(card))
    else:
        _show(card)
        if pdf is not None:
            say(f"Written to {pdf}.")


def _letters(base: Base, clinic: ClinicId, text: str) -> None:
    who, _, word = text.partition("=")
    if word not in ("on", "off"):
        raise BadWordError(f"'{text}' says nothing.", "Write it as maria=on or maria=off.")
    person = choose_person(base, clinic, who)
    SqlLetters(base.engine).choose(clinic, person.person, wanted=word == "on", now=base.clock.now())


def card_data(card: Scorecard) -> dict[str, Any]:
    """Give a scorecard as data, for `--json`."""
    return {
        "clinic": card.clinic,
        "name": card.name,
        "month": card.month,
        "as_of": card.as_of,
        "over": card.figures.is_over,
        "ready_percent": card.ready_percent,
        "on_time_percent": card.on_time_percent,
        "minutes": card.minutes,
        "counts": {count: card.count(count) for count in Count},
        "parties": [
            {
                "organization": one.organization,
                "name": one.name,
                "on_time": one.tally.on_time,
                "late": one.tally.late,
                "missed": one.tally.missed,
            }
            for one in card.parties
        ],
        "alarms": card.alarms,
    }


def _show(card: Scorecard) -> None:
    running = "" if card.figures.is_over else ", not over"
    say(f"{card.name}, {card.month}{running}")
    ready, on_time = share_text(card.ready_percent), share_text(card.on_time_percent)
    say(f"Ready: {ready}. On time: {on_time}. Minutes: {card.minutes}.")
    for alarm in card.alarms:
        say(alarm_text(alarm))
    for title, counts in GROUPS:
        say()
        table = Listing(title, "Number", keep=[title], numbers=["Number"])
        for count in counts:
            table.add(TITLES[count], card.count(count))
        table.print()
    if card.parties:
        say()
        numbers = ["On time", "Late", "Missed", "Share"]
        table = Listing("Deadlines of", *numbers, keep=["Deadlines of"], numbers=numbers)
        for one in card.parties:
            kept = one.tally
            share = share_text(kept.percent)
            table.add(words(one.name), kept.on_time, kept.late, kept.missed, share)
        table.print()
