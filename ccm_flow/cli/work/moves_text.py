"""Saying which steps move from whom to whom, and what came of it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.adapters.db.views_queue import queue
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView
from ccm_flow.app.staffing import Preview, Settled, Staffing, settle
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import say
from ccm_flow.cli.work.context import with_desk, zone_of
from ccm_flow.cli.work.tables import Listing
from ccm_flow.cli.work.words import BadWordError
from ccm_flow.core.ids import CycleId, PersonId, StepKey


def today_at(base: Base, clinic: ClinicView) -> date:
    """Give the clinic's date."""
    return base.clock.now().astimezone(zone_of(clinic)).date()


def parse_day(text: str | None, default: date) -> date:
    """Read a date; raises `BadWordError`."""
    if text is None:
        return default
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadWordError(f"'{text}' is not a date.", "Write it as in 2026-12-14.") from None


def settle_now(
    base: Base,
    clinic: ClinicView,
    day: date,
    by: PersonId,
    *,
    because: str,
    keep: Callable[[SqlStaffing], object],
) -> Settled:
    """Keep a change, then move what it moves on a day; nothing is kept without the server."""
    record = SqlStaffing(base.engine)

    async def work(desk: Desk) -> Settled:
        await asyncio.to_thread(keep, record)
        return await settle(desk, record, clinic.clinic, day, by=by, because=because)

    return with_desk(base, work)


def moves_data(preview: Preview) -> dict[str, object]:
    """Give what moves, for `--json`."""
    return {
        "moves": [
            {
                "cycle": move.held.cycle,
                "step": move.held.key,
                "from": move.held.owner,
                "to": move.to,
                "role": move.to_role,
                "kind": move.kind,
                "because": move.because,
            }
            for move in preview.moves
        ],
        "patients": [
            {
                "enrollment": new.enrollment,
                "role": new.role,
                "from": new.before,
                "to": new.to,
                "because": new.because,
            }
            for new in preview.names
        ],
        "new_consents": sorted({new.enrollment for new in preview.new_consents}),
    }


def handles_at(base: Base, clinic: ClinicView) -> dict[tuple[CycleId, StepKey], str]:
    """Give the names under which `ccm queue` lists a clinic's open steps."""
    listed = queue(base.engine, clinic.clinic, now=base.clock.now())
    return {(row.cycle, row.key): row.handle for row in listed.steps}


def show_done(preview: Preview, staffing: Staffing) -> None:
    """Say what was given to whom, counted; the preview before named every step."""
    counted = Counter((move.held.owner, move.to, move.because) for move in preview.moves)
    for (owner, to, because), steps in sorted(counted.items()):
        many = "1 step" if steps == 1 else f"{steps} steps"
        say(f"{many}: {staffing.pool.name(owner)} -> {staffing.pool.name(to)}: {because}")
    _show_names(preview, staffing)


def show_moves(base: Base, clinic: ClinicView, preview: Preview, staffing: Staffing) -> None:
    """List every open step that moves, and how many patients get other people."""
    if preview.is_nothing:
        say("No open step moves, and every patient keeps their people.")
        return
    handles = handles_at(base, clinic)
    if preview.moves:
        listing = Listing("Step", "What", "From", "To", "Why", keep=["Step"])
        for move in preview.moves:
            listing.add(
                handles.get((move.held.cycle, move.held.key), move.held.key),
                move.held.title,
                staffing.pool.name(move.held.owner),
                staffing.pool.name(move.to),
                move.because,
            )
        listing.print()
    _show_names(preview, staffing)


def _show_names(preview: Preview, staffing: Staffing) -> None:
    said = Counter((new.role, new.before, new.to) for new in preview.names)
    for (role, before, to), patients in sorted(said.items(), key=str):
        say(_named(staffing, patients, (words(role), before, to)))
    if preview.new_consents:
        count = len({new.enrollment for new in preview.new_consents})
        many = "patient gets" if count == 1 else "patients get"
        say(f"{count} {many} another billing practitioner and must be asked for consent again.")
    last = sum(move.last_resort for move in preview.moves)
    if last:
        say(f"Note: nobody else can have {last} of them; the program owner is told of each.")


def _named(
    staffing: Staffing, count: int, new: tuple[str, PersonId | None, PersonId | None]
) -> str:
    role, before, to = new
    many = "1 patient" if count == 1 else f"{count} patients"
    was = "" if before is None else f" instead of {staffing.pool.name(before)}"
    if to is None:
        return f"{many}: nobody as {role}{was}; the program owner answers for it."
    return f"{many}: {staffing.pool.name(to)} as {role}{was}."


def show_settled(done: Settled) -> None:
    """Say what became of the moves."""
    if done.preview.moves:
        many = "step" if done.moved == 1 else "steps"
        say(f"{done.moved} {many} moved.")
    for refused in done.refused:
        say(f"Not moved: {refused}")
    if done.waiting:
        say(f"{done.waiting} are kept and passed on as soon as the server answers.")


def day_before(day: date) -> date:
    """Give the day before."""
    return day - timedelta(days=1)
