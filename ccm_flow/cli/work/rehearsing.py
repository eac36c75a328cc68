"""Rehearsing drafts and showing what came of it."""

import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.rehearsal_names import names_of
from ccm_flow.adapters.documents.rehearsal_page import rehearsal_page
from ccm_flow.adapters.playbook_library import PlaybookLibrary
from ccm_flow.adapters.processes.replays import SqlRecordedClinic
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app import rehearse as app
from ccm_flow.app.drafts import NoSuchDraftError
from ccm_flow.app.forecasts import forecast_of
from ccm_flow.app.rehearse import CannotRehearseError, RehearsalResult, Wanted
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up
from ccm_flow.cli.work.playbooks import BadFileError, PlaybookRefusedError, good_plan
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.core.ids import ClinicId, DraftId, EnrollmentId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plain_data import plain
from ccm_flow.core.plan import Plan
from ccm_flow.rehearsal.assumptions import MEANING
from ccm_flow.rehearsal.comparing import Effect
from ccm_flow.rehearsal.words import amount, ending, span, wording


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed."""

    draft: str
    against: str
    clinic: str | None
    mapped: Sequence[str]
    seed: int
    by: str | None


def rehearse(asked: Asked, *, html: Path | None, as_json: bool) -> None:
    """Replay a draft; exit code 1 when there is too little to judge by."""
    base = open_set_up()
    clinic = choose_clinic(base, asked.clinic).clinic
    who = choose_person(base, clinic, asked.by).person if asked.by else None
    plan, draft = draft_plan(base, clinic, asked.draft)
    mapping = read_mapping(asked.mapped)
    wanted = Wanted(clinic, plan, Month.parse(asked.against), mapping, asked.seed)
    result = app.rehearse(SqlRecordedClinic(base.engine), wanted)
    SqlForecasts(base.engine).keep(
        forecast_of(
            result, plain(result), id_=uuid.uuid4().hex, draft=draft, by=who, at=base.clock.now()
        )
    )
    names = names_of(base.engine, clinic, [one.enrollment for one in result.affected])
    if html is not None:
        _write(html, rehearsal_page(result, plan, names))
    if as_json:
        emit(result)
    else:
        show(result, plan, names)
        if html is not None:
            say(f"Wrote {html}.")
    if result.is_thin:
        raise typer.Exit(1)


def draft_plan(base: Base, clinic: ClinicId, draft: str) -> tuple[Plan, DraftId | None]:
    """
    Give the plan of a file or of a clinic's draft, with the draft.

    Raises:
        PlaybookRefusedError: it has errors; they are printed.
        BadFileError: there is neither such a file nor such a draft.
    """
    path = Path(draft)
    if path.exists():
        return good_plan(path)[0], None
    try:
        known = SqlDrafts(base.engine).draft(DraftId(draft))
    except NoSuchDraftError:
        known = None
    if known is None or known.clinic != clinic:
        raise BadFileError(f"There is neither a file nor a draft '{draft}'.")
    library = PlaybookLibrary(base.engine, load_templates(shipped("templates")))
    found = library.resolve(clinic, known.text)
    if found.plan is None:
        typer.echo(found.render() + "\n", err=True)
        raise PlaybookRefusedError(f"The draft has {len(found.errors)} errors.")
    return found.plan, known.id


def read_mapping(mapped: Sequence[str]) -> Mapping[StepId, StepId | None]:
    """Read `old=new` and `old=`; raises `CannotRehearseError` for what is neither."""
    found: dict[StepId, StepId | None] = {}
    for text in mapped:
        old, mark, new = text.partition("=")
        if not mark or not old.strip():
            raise CannotRehearseError(
                f"'{text}' does not say which step takes which one's place.",
                "Write --map old_step=new_step, or --map old_step= to leave it out.",
            )
        found[StepId(old.strip())] = StepId(new.strip()) if new.strip() else None
    return found


def show(result: RehearsalResult, plan: Plan, names: Mapping[EnrollmentId, str]) -> None:
    """Print a result for people."""
    words = wording(result.kind)
    counted = words.counted(result.patients, str(result.against))
    say(f"{result.title}, version {result.version}, on the {counted} at {result.clinic}.")
    if result.checked:
        say(
            f"Check: {result.reproduced} of {result.checked} come out exactly as recorded when "
            "they are replayed on their own playbook."
        )
    say()
    say(words.sentence(result.patients, result.effects, is_thin=result.is_thin))
    say()
    _figures(result)
    _patients(result, names)
    _staff(result, plan)
    _deadlines(result)
    _assumed(result)


def _figures(result: RehearsalResult) -> None:
    titles = wording(result.kind).titles
    columns = ("Figure", "Recorded", "Draft", "Difference", "Lies between")
    table = Listing(*columns, numbers=columns[1:])
    for one in result.changes:
        table.add(
            titles[one.metric],
            amount(one.metric, one.old),
            amount(one.metric, one.new),
            amount(one.metric, one.difference, sign=True),
            span(one),
            style=QUIET if result.is_thin else "",
        )
    table.print()


def _patients(result: RehearsalResult, names: Mapping[EnrollmentId, str]) -> None:
    if not result.affected:
        return
    say()
    table = Listing("Patient", "What changes", "Recorded", "Draft")
    for one in result.affected:
        table.add(
            names.get(one.enrollment, one.enrollment[:8]),
            wording(result.kind).effect(one.effect),
            ending(*one.was),
            ending(*one.becomes),
            style=LATE if one.effect is Effect.LOST else "",
        )
    table.print()
    more = sum(result.effects.values()) - len(result.affected)
    if more:
        say(f"and {more} more.")


def _staff(result: RehearsalResult, plan: Plan) -> None:
    say()
    columns = ("Role", "Minutes", "Draft", "Busiest day", "Draft's busiest")
    table = Listing(*columns, numbers=columns[1:])
    titles = {role.id: role.title for role in plan.roles}
    for role in dict.fromkeys(day.role for day in result.staff):
        days = [day for day in result.staff if day.role == role]
        olds, news = [day.old for day in days], [day.new for day in days]
        found = (sum(olds), sum(news), max(olds), max(news))
        table.add(titles.get(role, role), *(str(round(one / 60)) for one in found))
    table.print()


def _deadlines(result: RehearsalResult) -> None:
    if not result.deadlines:
        return
    say()
    columns = ("Deadlines of", "Earlier", "Later", "New", "Gone", "Same")
    table = Listing(*columns, numbers=columns[1:])
    for one in result.deadlines:
        shift = one.shift
        table.add(one.step, shift.earlier, shift.later, shift.new, shift.gone, shift.same)
    table.print()


def _assumed(result: RehearsalResult) -> None:
    say()
    say("What was taken for granted:")
    counts: dict[str, tuple[int, list[str]]] = {}
    for one in result.assumed:
        count, steps = counts.get(one.assumption, (0, []))
        counts[one.assumption] = (count + one.count, [*steps, *([one.step] if one.step else [])])
    table = Listing("Times", "Assumption", "Steps", numbers=["Times"])
    for assumption, meaning in MEANING.items():
        if assumption in counts:
            count, steps = counts[assumption]
            table.add(count, meaning, ", ".join(steps))
    table.print()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be written: {error.strerror}.") from error
    sys.stdout.flush()
