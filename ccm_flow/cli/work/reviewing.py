"""The readiness review: showing it, and keeping what people say."""

import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.app.care import ClinicView
from ccm_flow.app.review import NotTheirsError, Review, go_live, look, write
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base, reviews
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, month_at, open_set_up
from ccm_flow.cli.work.files import write_file
from ccm_flow.cli.work.moves_text import parse_day
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.access import Permission
from ccm_flow.core.ids import PersonId
from ccm_flow.core.review import AREA_TITLES, STANDING_WORDS, Area, Entry, Line, Said, Standing

if TYPE_CHECKING:
    from ccm_flow.adapters.db.review_store import SqlReviews

_STYLES = {Standing.GAP: LATE, Standing.NOT_YET: QUIET, Standing.MET: QUIET}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed."""

    answer: str | None
    see_to: str | None
    owner: str | None
    due: str | None
    note: str
    go_live: str | None
    by: str | None

    @property
    def writes(self) -> bool:
        """Tell whether anything is to be kept."""
        return self.answer is not None or self.see_to is not None or self.go_live is not None


def review(
    clinic_id: str | None, asked: Asked, pdf: Path | None, *, prove: bool, as_json: bool
) -> None:
    """Keep what was said, then show the review; exit code 1 while something required is missing."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    record = reviews(base)
    if asked.writes:
        _keep(base, clinic, record, asked)
    elif asked.owner or asked.due or asked.note:
        raise BadWordError("These belong to an item.", "Say --answer or --see-to with them.")
    if prove:
        _prove(base, clinic, record)
    found = look(record, clinic.clinic, base.clock.now())
    if pdf is not None:
        from ccm_flow.adapters.documents.review_pdf import review_pdf  # noqa: PLC0415 - slow

        write_file(pdf, review_pdf(found))
    if as_json:
        emit(review_data(found))
    else:
        _show(found)
        if pdf is not None:
            say(f"Written to {pdf}.")
    if found.stops:
        raise typer.Exit(1)


def _keep(base: Base, clinic: ClinicView, record: "SqlReviews", asked: Asked) -> None:
    if asked.by is None:
        raise BadWordError("Nobody is named who says so.", "Say --by PERSON.")
    staff = choose_person(base, clinic.clinic, asked.by)
    by, now = staff.person, base.clock.now()
    if asked.go_live is not None:
        _check_may(base, clinic, by, staff.name)
        go_live(record, clinic.clinic, because=asked.go_live, by=by, now=now, id_=uuid.uuid4().hex)
    if asked.answer is None and asked.see_to is None:
        return
    item, said = _answer(asked)
    owner = choose_person(base, clinic.clinic, asked.owner).person if asked.owner else None
    due = parse_day(asked.due, date.max) if asked.due else None
    entry = Entry(item, by, now, said, asked.note.strip(), owner, due)
    people = [owner] if owner is not None else []
    write(record, clinic.clinic, entry, id_=uuid.uuid4().hex, people=people)


def _answer(asked: Asked) -> tuple[str, Said | None]:
    if asked.answer is None:
        return str(asked.see_to).strip(), None
    item, equals, word = (part.strip() for part in asked.answer.partition("="))
    if not equals:
        raise BadWordError(f"'{asked.answer}' is no answer.", "Write it as ITEM=yes.")
    if asked.see_to not in (None, item):
        raise BadWordError("Two items are named.", "Say one at a time.")
    return item, parse_word(Said, "answer", word)


def _check_may(base: Base, clinic: ClinicView, by: PersonId, name: str) -> None:
    """Let the program owner decide, and whoever was given the right in the application."""
    visitor = SqlAccounts(base.engine).visitor(by)
    if by != clinic.program_owner and not visitor.may(Permission.LET_GO_LIVE, clinic.clinic):
        raise NotTheirsError(name, "let a first month begin without what is required")


def _prove(base: Base, clinic: ClinicView, record: "SqlReviews") -> None:
    from ccm_flow.proof import Setting, prove  # noqa: PLC0415 - loads slowly

    now = base.clock.now()
    month = month_at(clinic, now).next
    for plan in record.unproved(clinic.clinic, month, now):
        typer.echo(f"Proving {plan.title}, version {plan.version} ...", err=True)
        setting = Setting(month, month_calendar(clinic.hours, month, plan.kind))
        record.keep_proof(clinic.clinic, plan, prove(plan, setting), now)


def review_data(found: Review) -> dict[str, Any]:
    """Give a review as data, for `--json`."""
    return {
        "clinic": found.clinic,
        "name": found.name,
        "at": found.at,
        "percent": found.total.percent,
        "areas": {
            area: {"percent": one.percent, "points": one.points, "possible": one.possible}
            for area, one in found.areas.items()
        },
        "has_run": found.has_run,
        "stops_first_month": [line.item.id for line in found.stops],
        "items": [_line_data(found, line) for line in found.lines],
        "let_through": found.let_through,
    }


def _line_data(found: Review, line: Line) -> dict[str, Any]:
    answer = line.answer
    return {
        "id": line.item.id,
        "area": line.item.area,
        "title": line.item.title,
        "weight": line.item.weight,
        "required": line.item.required,
        "asked": line.item.is_asked,
        "standing": line.finding.standing,
        "detail": line.finding.detail,
        "mend": found.mend_of(line),
        "owner": line.owner,
        "owner_was_named": line.owner_was_named,
        "due_on": line.due_on,
        "due_was_set": line.due_was_set,
        "answered_by": answer.by if answer else None,
        "answered_at": answer.at if answer else None,
    }


# --- for people ---


def _show(found: Review) -> None:
    say(f"{found.name}: readiness review, {found.day}")
    say(f"Score: {_percent(found.total.percent)}")
    for area in Area:
        say()
        say(f"{AREA_TITLES[area]}: {_percent(found.areas[area].percent)}")
        table = Listing("How", "Item", "What was found", keep=["How"])
        for line in found.of(area):
            standing = line.finding.standing
            title = f"{line.item.title}{' (required)' if line.item.required else ''}"
            table.add(
                STANDING_WORDS[standing],
                title,
                line.finding.detail,
                style=_STYLES.get(standing, ""),
            )
        table.print()
    _show_open(found)
    _show_first_month(found)


def _show_open(found: Review) -> None:
    if not found.open:
        say("\nNothing is open.")
        return
    say(f"\nTo do: {len(found.open)}")
    table = Listing("Item", "Who", "Until", "How", keep=["Item", "Until"])
    for line in found.open:
        who = found.name_of(line.owner) + ("" if line.owner_was_named else " *")
        until = f"{line.due_on}" + ("" if line.due_was_set else " *")
        table.add(line.item.id, who, until, found.mend_of(line))
    table.print()
    say("* nobody said so: the program owner, until today for what stops the first month and")
    say("  until the month's end for the rest. `ccm review --see-to ITEM` names others.")


def _show_first_month(found: Review) -> None:
    for one in found.let_through:
        missing = ", ".join(one.items)
        say(f"\nLet through by {found.name_of(one.by)} on {one.at:%Y-%m-%d}, without {missing}:")
        say(f"  {one.because}")
    if found.stops:
        missing = ", ".join(line.item.id for line in found.stops)
        say(f"\nThe first month is not opened while these are missing: {missing}.")
    elif not found.has_run:
        say("\nThe first month can be opened: `ccm open-month`.")


def _percent(percent: int | None) -> str:
    return words("too_early") if percent is None else f"{percent} %"
