"""Setting a clinic up from its file: what would change, and changing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.act import Desk
from ccm_flow.app.care import Click, ClinicView, NoPlaybookError
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.new_calendar import keep_new_calendar, pass_on_calendar
from ccm_flow.app.staffing import settle
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.clinic_file import read_clinic_file, refuse_renames
from ccm_flow.cli.work.clinic_plan import ClinicPlan, changes_data, plan_clinic
from ccm_flow.cli.work.clinic_show import Carried, doubts, names, show_applied, show_plan
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_person, month_at, open_set_up, with_desk
from ccm_flow.cli.work.moves_text import moves_data
from ccm_flow.cli.work.playbooks import good_plan
from ccm_flow.cli.work.service import SERVER_AWAY, server_address
from ccm_flow.cli.work.setup import keep_schedules, read_text
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import SYSTEM, ClinicId, PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan

SHIPPED = ("ccm_monthly.yaml", "enrollment.yaml")


@dataclass(frozen=True)
class Options:
    """How a file is applied."""

    by: str | None = None
    reassign: bool = False
    """Give the open steps of those who are not in the file any more to others."""
    rename: bool = False
    """Call an organization as the file does at its other clinics too."""


@dataclass(frozen=True)
class _Wanted:
    """A file with the playbooks it asks for."""

    file: ClinicFile
    playbooks: list[tuple[Plan, str]]

    @property
    def roles(self) -> list[RoleId]:
        return sorted({role.id for plan, _ in self.playbooks for role in plan.roles})


def plan(path: Path, *, rename: bool = False, as_json: bool) -> None:
    """Say what applying a clinic's file would change."""
    wanted = _read(path)
    base = open_set_up(begin=True)
    _check_names(base, wanted, path, rename=rename)
    planned = _plan(base, wanted)
    publishing = _to_publish(base, wanted)
    if as_json:
        data = {"clinic": wanted.file.clinic, "new": planned.is_new, **changes_data(planned)}
        emit(data | moves_data(planned.preview) | {"publishes": names(publishing)})
        return
    show_plan(base, planned, publishing)
    if not planned.is_nothing or publishing:
        say(f"Nothing was changed. Do it with `ccm clinic apply {path}`.")


def apply(path: Path, options: Options, *, as_json: bool) -> None:
    """Apply a clinic's file; everything that can be wrong is found before anything is kept."""
    wanted = _read(path)
    base = open_set_up(begin=True)
    _check_names(base, wanted, path, rename=options.rename)
    planned = _plan(base, wanted)
    publishing = _to_publish(base, wanted)
    id_ = ClinicId(wanted.file.clinic)
    by = choose_person(base, id_, options.by).person if options.by else SYSTEM
    _check_dropped(base, planned, options)
    now = base.clock.now()
    SqlClinicStore(base.engine).apply(wanted.file, now)
    record = SqlStaffing(base.engine)
    if planned.lines:
        because = f"the clinic's file, {planned.today}"
        record.keep_lines(id_, planned.lines, because=because, by=by, now=now)
    view = base.record.clinic(id_)
    for made, text in publishing:
        month = month_at(view, now)
        from_month = month if planned.is_new else month.next
        SqlClinicStore(base.engine).publish(id_, made, text, from_month, now)
    made_now = tuple(made for made, _ in publishing)
    after = replace(_carry_out(base, view, planned, by), published=made_now)
    applied = {
        "clinic": id_,
        "name": wanted.file.name,
        "new": planned.is_new,
        "staff": len(wanted.file.staff),
        "published": names(publishing),
        "scheduled": _keep_schedule(base, view),
        "doubts": doubts(planned.file, [made for made, _ in wanted.playbooks]),
        **changes_data(planned),
        "deadlines": [
            {
                "cycle": one.step.cycle,
                "step": one.step.key,
                "from": one.step.due_at,
                "to": one.due_at,
            }
            for one in (after.deadlines.moved if after.deadlines else ())
        ],
        "moved": after.settled.moved if after.settled else 0,
        "later": after.later,
    }
    if as_json:
        emit(applied)
    else:
        show_applied(base, view, planned, after, applied)


def _check_names(base: Base, wanted: _Wanted, path: Path, *, rename: bool) -> None:
    if not rename:
        renames = SqlClinicStore(base.engine).renames(wanted.file)
        refuse_renames(read_text(path), str(path), renames)


def _read(path: Path) -> _Wanted:
    file = read_clinic_file(read_text(path), str(path))
    own = [good_plan(path.parent / name) for name in file.playbooks]
    found = [(plan_, result.merged_text) for plan_, result in own]
    kinds = {plan_.kind for plan_, _ in found}
    for name in SHIPPED:
        plan_, result = good_plan(shipped("playbooks") / name)
        if plan_.kind not in kinds:
            found.append((plan_, result.merged_text))
    return _Wanted(file, found)


def _plan(base: Base, wanted: _Wanted) -> ClinicPlan:
    today = base.clock.now().astimezone(clinic_zone(wanted.file.time_zone)).date()
    return plan_clinic(base, wanted.file, today, wanted.roles)


def _to_publish(base: Base, wanted: _Wanted) -> list[tuple[Plan, str]]:
    """Give what is not in force yet: all for a clinic without playbooks, else the file's own."""
    id_ = ClinicId(wanted.file.clinic)
    if not SqlClinicStore(base.engine).has_playbooks(id_):
        return wanted.playbooks
    month = month_at(base.record.clinic(id_), base.clock.now()).next
    own = wanted.playbooks[: len(wanted.file.playbooks)]
    return [one for one in own if not _in_force(base, id_, one[0], month)]


def _in_force(base: Base, clinic: ClinicId, wanted: Plan, month: Month) -> bool:
    try:
        return base.record.plan_for(clinic, wanted.kind, month).sha256 == wanted.sha256
    except NoPlaybookError:
        return False


def _check_dropped(base: Base, planned: ClinicPlan, options: Options) -> None:
    """Refuse to drop people who still have open steps, unless these are given to others now."""
    steps = planned.owned_by_dropped
    if not steps:
        return
    who = ", ".join(planned.dropped)
    if not options.reassign:
        raise RefusedError(
            f"{who} {_are(planned)} not in the file and still {_have(planned)} {steps} open steps.",
            "Look at them with `ccm clinic plan FILE`; `--reassign` gives them to others.",
        )
    if server_address(base.settings.server) is None:
        raise RefusedError(
            "The Temporal server is not running, so open steps cannot move.",
            "Start it with `ccm start`. Nothing was changed.",
        )


def _are(planned: ClinicPlan) -> str:
    return "is" if len(planned.dropped) == 1 else "are"


def _have(planned: ClinicPlan) -> str:
    return "has" if len(planned.dropped) == 1 else "have"


def _carry_out(base: Base, view: ClinicView, planned: ClinicPlan, by: PersonId) -> Carried:
    """Tell the running months: another calendar first, then who has what."""
    record, now = SqlStaffing(base.engine), base.clock.now()
    clicks: Sequence[Click] = ()
    if planned.calendar:
        clicks = keep_new_calendar(
            base.record, record, view, month_calendar, by=by, because="the clinic's days", now=now
        )
    if planned.is_nothing or planned.is_new:
        return Carried()
    record.unsettle(view.clinic)

    async def tell(desk: Desk) -> Carried:
        deadlines = await pass_on_calendar(desk, record, view.clinic, clicks)
        because = "the clinic's file was applied"
        done = await settle(desk, record, view.clinic, planned.today, by=by, because=because)
        return Carried(settled=done, deadlines=deadlines)

    try:
        return with_desk(base, tell)
    except CcmError as error:
        if error.exit_code != SERVER_AWAY:
            raise
        running = bool(record.running_cycles(view.clinic))
        return Carried(later=running)


def _keep_schedule(base: Base, clinic: ClinicView) -> bool:
    """Keep the nightly opening when the server is there; the file can be applied without."""
    if server_address(base.settings.server) is None:
        return False
    try:
        keep_schedules(base, [clinic])
    except CcmError as error:
        if error.exit_code != SERVER_AWAY:
            raise
        return False
    return True
