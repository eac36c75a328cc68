"""Showing what moving running months to another version would do."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.rehearsal_names import names_of
from ccm_flow.adapters.db.running_cycles import SqlRunningCycles
from ccm_flow.app.act import Desk
from ccm_flow.app.migrate import CycleMove, preview_moves
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, open_set_up, with_desk, zone_of
from ccm_flow.cli.work.forecasts import spans_of
from ccm_flow.cli.work.tables import LATE, QUIET, Listing
from ccm_flow.core.engine.moving import Fate
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.plan import Plan

_WORDS = {
    Fate.KEPT: "kept",
    Fate.DEADLINE_MOVED: "deadline moved",
    Fate.OWNER_MOVED: "goes to another owner",
    Fate.WITHDRAWN: "withdrawn",
    Fate.ADDED: "added",
}


class OnlyPreviewError(CcmError):
    """Running months cannot be moved yet."""

    exit_code = 4
    hint = "See what it would do with --preview. A version published from a month on is for it."

    def __init__(self) -> None:
        super().__init__("Running months keep their version.")


def preview(playbook: str, clinic: str | None, *, asked: bool, as_json: bool) -> None:
    """List each running month and what becomes of its steps."""
    if not asked:
        raise OnlyPreviewError
    base = open_set_up()
    view = choose_clinic(base, clinic)
    span = spans_of(base, view.clinic, playbook)[0]
    plan, _ = SqlDrafts(base.engine).used(view.clinic, span.version.sha256)
    running = SqlRunningCycles(base.engine).running(view.clinic, plan)

    async def work(desk: Desk) -> list[CycleMove]:
        return await preview_moves(
            desk.flow,
            running,
            plan,
            lambda month: month_calendar(view.hours, month, plan.kind),
            base.clock.now(),
        )

    moves = with_desk(base, work) if running else []
    if as_json:
        emit(moves)
        return
    names = names_of(base.engine, view.clinic, [one.enrollment for one in moves])
    _show(moves, plan, names, zone_of(view))


def _show(
    moves: list[CycleMove], plan: Plan, names: Mapping[EnrollmentId, str], zone: ZoneInfo
) -> None:
    title = f"{plan.playbook} version {plan.version}"
    if not moves:
        say(f"No running month would have to be moved to {title}.")
        return
    say(f"What moving {len(moves)} running months to {title} would do; nothing was changed.")
    say()
    table = Listing("Patient", "From", "Step", "What becomes of it", "Due", "Then due")
    for one in moves:
        name, version = names.get(one.enrollment, one.enrollment[:8]), f"version {one.from_version}"
        if one.refused:
            table.add(name, version, "", one.refused, "", "", style=LATE)
        for step in one.steps:
            style = QUIET if step.fate is Fate.KEPT else ""
            due = [f"{at.astimezone(zone):%b %-d %H:%M}" if at else "-" for at in step.dues]
            table.add(name, version, step.key, _WORDS[step.fate], *due, style=style)
    table.print()
