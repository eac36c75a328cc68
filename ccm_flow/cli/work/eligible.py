"""Who may be offered the program, for people, for programs and as a file."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.app.care import ClinicView
from ccm_flow.app.eligible import EligibleRow, eligible_rows, judge_everybody
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up, zone_of
from ccm_flow.cli.work.tables import QUIET, Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.month import Month

_COLUMNS: Final = (
    "patient",
    "mrn",
    "patient_name",
    "eligible",
    "groups",
    "reasons",
    "needs",
    "notices",
    "last_visit",
    "enrollment",
    "new",
    "evidence",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class FileNotWrittenError(BadWordError):
    """The file cannot be written."""


def eligible(clinic_id: str | None, on: str | None, file: Path | None, *, as_json: bool) -> None:
    """List every living patient with the verdict and its evidence."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    day = _day(on) if on else base.clock.now().astimezone(zone_of(clinic)).date()
    rows = _rows(base, clinic, day)
    if file is not None:
        _write(file, rows)
    if as_json:
        emit(rows)
    elif file is not None:
        say(f"{len(rows)} patients written to {file}.")
    else:
        _show(clinic, day, rows)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadWordError(f"'{text}' is not a date.", "Write it as 2026-11-01.") from None


def _rows(base: Base, clinic: ClinicView, day: date) -> list[EligibleRow]:
    store = SqlEligibilityStore(base.engine)
    zone = zone_of(clinic)
    judged = judge_everybody(store, clinic.clinic, load_condition_groups(), day, zone)
    return eligible_rows(store, clinic.clinic, judged, Month.of(day))


def _write(file: Path, rows: Sequence[EligibleRow]) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_COLUMNS)
            writer.writerows([_cell(getattr(row, name)) for name in _COLUMNS] for row in rows)
    except OSError as problem:
        reason = f"{file} cannot be written: {problem.strerror}."
        raise FileNotWrittenError(reason, "Choose another name or folder.") from problem


def _cell(value: object) -> str:
    """Write a value for a spreadsheet, which must not take a text for a formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        text = "; ".join(_said(one) if isinstance(one, dict) else str(one) for one in value)
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _said(row: dict[str, str | None]) -> str:
    since = f" since {row['since']}" if row["since"] else ""
    until = f" until {row['until']}" if row["until"] else ""
    return f"{row['kind']}: {row['text']}{since}{until} ({row['source'] or 'source not named'})"


def _show(clinic: ClinicView, day: date, rows: Sequence[EligibleRow]) -> None:
    fit = [row for row in rows if row.eligible]
    waiting = [row for row in fit if row.enrollment is None]
    say(
        f"{clinic.name}, {day}: {len(fit)} of {len(rows)} living patients may be offered the "
        f"program; {len(waiting)} of them are not enrolled yet."
    )
    new = [row for row in fit if row.new]
    if new:
        say(f"New since last month: {len(new)}, marked with *.")
    say()
    listing = Listing("Patient", "Conditions", "Last visit", "Verdict", keep=["Last visit"])
    for row in rows:
        name = f"{'* ' if row.new else ''}{row.patient_name}"
        conditions = ", ".join(map(words, row.groups)) or "-"
        style = "" if row.eligible else QUIET
        listing.add(name, conditions, str(row.last_visit or "-"), _verdict(row), style=style)
    listing.print()


def _verdict(row: EligibleRow) -> str:
    if not row.eligible:
        return "not eligible: " + ", ".join(map(words, row.reasons))
    parts = [words(row.enrollment) if row.enrollment else "eligible"]
    if row.needs:
        parts.append("still needed: " + ", ".join(map(words, row.needs)))
    if row.notices:
        parts.append("look at: " + ", ".join(map(words, row.notices)))
    return "; ".join(parts)
