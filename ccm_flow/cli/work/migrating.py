"""Showing what moving running months to another version would do, and moving them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import typer

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.move_store import SqlMoveOrders
from ccm_flow.adapters.db.rehearsal_names import names_of
from ccm_flow.adapters.db.running_cycles import SqlRunningCycles
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView
from ccm_flow.app.migrate import CycleMove, RunningCycle, preview_moves
from ccm_flow.app.move_months import (
    Answered,
    MoveOrder,
    MoveResult,
    MoveWish,
    carry_out,
    sign_move,
)
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import (
    choose_clinic,
    choose_person,
    open_set_up,
    with_desk,
    zone_of,
)
from ccm_flow.cli.work.forecasts import spans_of
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.core.engine.fates import Fate
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClickId, EnrollmentId
from ccm_flow.core.plan import Plan

WORDS = {
    Fate.KEPT: "kept",
    Fate.DEADLINE_MOVED: "deadline moved",
    Fate.OWNER_MOVED: "goes to another owner",
    Fate.WITHDRAWN: "withdrawn",
    Fate.ENDED: "ended",
    Fate.ADDED: "added",
}
_ANSWERS = {
    Answered.MOVED: "moved",
    Answered.ALREADY_MOVED: "moved before",
    Answered.REFUSED: "refused",
    Answered.NOT_REACHED: "not reached",
}


class WhatToDoError(CcmError):
    """Neither looking nor moving was asked for, or both were, or a signature is missing."""

    exit_code = 2
    hint = (
        "See what it would do with --preview. To move the months: --apply --sign NAME --by PERSON."
    )


@dataclass(frozen=True, slots=True)
class Signing:
    """What was typed."""

    playbook: str
    clinic: str | None
    name: str | None
    by: str | None
    click: str | None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The clinic and the version that is meant."""

    base: Base
    clinic: ClinicView
    plan: Plan
    running: Sequence[RunningCycle]


def preview(playbook: str, clinic: str | None, *, asked: bool, as_json: bool) -> None:
    """List each running month and what becomes of its steps."""
    if not asked:
        raise WhatToDoError("Running months keep their version until somebody signs.")
    chosen = _choose(playbook, clinic)
    base, view, plan = chosen.base, chosen.clinic, chosen.plan

    async def work(desk: Desk) -> list[CycleMove]:
        return await preview_moves(
            desk,
            chosen.running,
            plan,
            lambda month: month_calendar(view.hours, month, plan.kind),
            base.clock.now(),
        )

    moves = with_desk(base, work) if chosen.running else []
    if as_json:
        emit(moves)
        return
    names = names_of(base.engine, view.clinic, [one.enrollment for one in moves])
    _show(moves, plan, names, zone_of(view))


def apply(typed: Signing, *, as_json: bool) -> None:
    """Sign, then tell every month; or go on with what the same person signed before."""
    if not typed.name or not typed.by:
        raise WhatToDoError("Moving running months needs a signature.")
    chosen = _choose(typed.playbook, typed.clinic)
    base, view, plan = chosen.base, chosen.clinic, chosen.plan
    orders = SqlMoveOrders(base.engine)
    signer = SqlAccounts(base.engine).visitor(choose_person(base, view.clinic, typed.by).person)
    begun = orders.unfinished(view.clinic, plan.sha256, signer.person)
    id_ = ClickId(typed.click or (begun.id if begun else uuid.uuid4().hex))
    wish = MoveWish(id_, view.clinic, plan, typed.name)
    order = sign_move(orders, signer, wish, chosen.running, base.clock.now())

    async def work(desk: Desk) -> MoveResult:
        return await carry_out(desk, orders, order)

    result = with_desk(base, work)
    if as_json:
        emit(told(result))
    else:
        names = names_of(base.engine, view.clinic, [one.enrollment for one in order.months])
        _show_result(result, order, names)
    if result.count(Answered.NOT_REACHED):
        raise typer.Exit(3)
    if result.count(Answered.REFUSED):
        raise typer.Exit(1)


def _choose(playbook: str, clinic: str | None) -> _Chosen:
    base = open_set_up()
    view = choose_clinic(base, clinic)
    span = spans_of(base, view.clinic, playbook)[0]
    plan, _ = SqlDrafts(base.engine).used(view.clinic, span.version.sha256)
    return _Chosen(base, view, plan, SqlRunningCycles(base.engine).running(view.clinic, plan))


def told(result: MoveResult) -> dict[str, Any]:
    """Give a result as data."""
    order = result.order
    return {
        "order": order.id,
        "clinic": order.clinic,
        "playbook": order.plan.playbook,
        "version": order.plan.version,
        "sha256": order.plan.sha256,
        "by": order.by,
        "signed": order.signed,
        "counts": {answered.value: result.count(answered) for answered in Answered},
        "months": [
            {
                "cycle": one.running.cycle,
                "enrollment": one.running.enrollment,
                "from_version": one.running.plan.version,
                "from_sha256": one.running.plan.sha256,
                "answered": one.answered,
                "because": one.because,
                "sequence": one.sequence,
                "steps": result.steps.get(one.running.cycle, {}),
            }
            for one in result.answers
        ],
    }


def _show(
    moves: list[CycleMove], plan: Plan, names: Mapping[EnrollmentId, str], zone: ZoneInfo
) -> None:
    title = f"{plan.playbook} version {plan.version}"
    if not moves:
        say(f"No running month would have to be moved to {title}.")
        return
    say(f"What moving {_months(len(moves))} to {title} would do; nothing was changed.")
    say()
    table = Listing("Patient", "From", "Step", "What becomes of it", "Due", "Then due")
    for one in sorted(moves, key=lambda move: names.get(move.enrollment, "")):
        name, version = names.get(one.enrollment, one.enrollment[:8]), f"version {one.from_version}"
        if one.refused:
            table.add(name, version, "", one.refused, "", "", style=LATE)
        elif not one.steps:
            table.add(name, version, "", "no step is open", "", "", style=QUIET)
        for step in one.steps:
            style = QUIET if step.fate is Fate.KEPT else ""
            due = [f"{at.astimezone(zone):%b %-d %H:%M}" if at else "-" for at in step.dues]
            table.add(name, version, step.key, WORDS[step.fate], *due, style=style)
    table.print()


def _show_result(result: MoveResult, order: MoveOrder, names: Mapping[EnrollmentId, str]) -> None:
    counts = [
        f"{count} {_ANSWERS[answered]}"
        for answered in Answered
        if (count := result.count(answered))
    ]
    say(
        f"{order.plan.playbook} version {order.plan.version}, signed by {order.signed.name}: "
        f"{', '.join(counts)}."
    )
    say()
    table = Listing("Patient", "From", "What came of it", "Step", "What became of it")
    for one in sorted(result.answers, key=lambda one: names.get(one.running.enrollment, "")):
        running = one.running
        name = names.get(running.enrollment, running.enrollment[:8])
        wrong = one.answered in (Answered.REFUSED, Answered.NOT_REACHED)
        came = f"{_ANSWERS[one.answered]}{': ' if one.because else ''}{one.because}"
        steps = result.steps.get(running.cycle, {})
        first = [name, f"version {running.plan.version}", came]
        if not steps:
            rest = ("", "" if wrong else "every open step kept")
            table.add(*first, *rest, style=LATE if wrong else "")
        for key, fate in steps.items():
            table.add(*first, key, WORDS[fate])
    table.print()
    if result.count(Answered.NOT_REACHED):
        say("The server went away. Give the same command again; each month is told once.")


def _months(count: int) -> str:
    return "1 running month" if count == 1 else f"{count} running months"
