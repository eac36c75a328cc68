"""Clinics and playbooks."""

from collections.abc import Sequence
from pathlib import Path

import typer

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView, NoPlaybookError
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.clinic_file import read_clinic_file
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import (
    choose_clinic,
    month_at,
    open_set_up,
    with_desk,
)
from ccm_flow.cli.work.service import SERVER_AWAY, server_address
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.language import CheckResult, Problem, check_text

SHIPPED = ("ccm_monthly.yaml", "enrollment.yaml")


class BadFileError(CcmError):
    """A file cannot be read or used."""

    exit_code = 2


class PlaybookRefusedError(CcmError):
    """A playbook has errors."""

    exit_code = 2
    hint = "Nothing was published. Put right what is listed above and publish it again."


class TooLateError(CcmError):
    """A playbook would change months that have begun."""

    exit_code = 2

    def __init__(self, wanted: Month, earliest: Month) -> None:
        super().__init__(f"{wanted} is over.", f"Publish from {earliest} on, or later.")


def read_text(path: Path) -> str:
    """Read a text file; raises `BadFileError`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadFileError(f"'{path}' cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadFileError(f"'{path}' is not a text file.", "Save it as UTF-8.") from error


def clinic(file: Path, *, as_json: bool) -> None:
    """Apply a clinic's file; everything that can be wrong is found before anything is kept."""
    wanted = read_clinic_file(read_text(file), str(file))
    clinic_zone(wanted.time_zone)
    playbooks = _shipped_playbooks()
    base = open_set_up(begin=True)
    store, id_ = SqlClinicStore(base.engine), ClinicId(wanted.clinic)
    is_new = id_ not in store.clinics()
    now = base.clock.now()
    store.apply(wanted, now)
    view = base.record.clinic(id_)
    published = [] if store.has_playbooks(id_) else playbooks
    for plan, text in published:
        store.publish(id_, plan, text, month_at(view, now), now)
    scheduled = _keep_schedule(base, view)
    doubts = _doubts(wanted, [plan for plan, _ in playbooks])
    if as_json:
        emit(
            {
                "clinic": id_,
                "name": wanted.name,
                "new": is_new,
                "staff": len(wanted.staff),
                "published": [f"{plan.playbook}@{plan.version}" for plan, _ in published],
                "scheduled": scheduled,
                "doubts": doubts,
            }
        )
        return
    say(f"{wanted.name} ({id_}) is {'set up' if is_new else 'up to date'}.")
    for plan, _ in published:
        say(f"Published {plan.title} (version {plan.version}) from {month_at(view, now)} on.")
    if not scheduled:
        say("Months open by themselves once the server runs: `ccm start`.")
    for doubt in doubts:
        say(f"Note: {doubt}")


def _shipped_playbooks() -> list[tuple[Plan, str]]:
    found = []
    for name in SHIPPED:
        path = shipped("playbooks") / name
        text = read_text(path)
        found.append((_plan(check_text(text, str(path))), text))
    return found


def _plan(result: CheckResult) -> Plan:
    if result.plan is None:
        typer.echo(result.render(), err=True)
        count = len(result.errors)
        raise PlaybookRefusedError(f"The playbook has {count} error{'s' if count != 1 else ''}.")
    return result.plan


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


def keep_schedules(base: Base, clinics: Sequence[ClinicView]) -> None:
    """Keep the Schedules that open the clinics' months each night."""

    async def keep(desk: Desk) -> None:
        for clinic in clinics:
            zone, paused = clinic.hours.time_zone, not clinic.active
            await desk.flow.keep_schedule(clinic.clinic, zone, paused=paused)

    with_desk(base, keep)


def _doubts(file: ClinicFile, plans: list[Plan]) -> list[str]:
    """Say which roles nobody has, and which no playbook knows."""
    held = {str(role) for person in file.staff for role in person.roles}
    known = {str(role.id) for plan in plans for role in plan.roles}
    missing = [
        f"nobody has the role '{role}'; its steps go to the program owner."
        for role in sorted(known - held)
    ]
    unknown = [f"no shipped playbook has the role '{role}'." for role in sorted(held - known)]
    return missing + unknown


def check(files: list[Path], *, strict: bool, as_json: bool) -> None:
    """Check playbooks; all files are looked at whatever the first ones are like."""
    results = [(path, check_text(read_text(path), str(path))) for path in files]
    if as_json:
        emit([_result(path, result) for path, result in results])
    else:
        for path, result in results:
            _show(path, result)
    if any(result.plan is None for _, result in results):
        raise typer.Exit(2)
    if strict and any(result.warnings for _, result in results):
        raise typer.Exit(1)


def _show(path: Path, result: CheckResult) -> None:
    if result.problems:
        say(result.render() + "\n")
    plan = result.plan
    if plan is not None:
        say(f"{path}: {plan.title}, version {plan.version}, {len(plan.steps)} steps: good.")
    else:
        say(f"{path}: {len(result.errors)} errors, {len(result.warnings)} warnings.")


def _result(path: Path, result: CheckResult) -> dict[str, object]:
    plan = result.plan
    return {
        "file": str(path),
        "good": plan is not None,
        "playbook": plan and plan.playbook,
        "version": plan and plan.version,
        "problems": [_problem(problem) for problem in result.problems],
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def publish(file: Path, clinic_id: str | None, from_month: str | None, *, as_json: bool) -> None:
    """Publish a playbook; nothing is kept of one with errors."""
    text = read_text(file)
    wanted = Month.parse(from_month) if from_month else None
    plan = _plan(check_text(text, str(file)))
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    now = base.clock.now()
    month = wanted or _first_month(base, clinic, plan)
    if month < month_at(clinic, now):
        raise TooLateError(month, month_at(clinic, now))
    changed = SqlClinicStore(base.engine).publish(clinic.clinic, plan, text, month, now)
    if as_json:
        emit(
            {
                "clinic": clinic.clinic,
                "playbook": plan.playbook,
                "version": plan.version,
                "kind": plan.kind,
                "from_month": month,
                "sha256": plan.sha256,
                "changed": changed,
            }
        )
    elif changed:
        say(f"{clinic.name} uses {plan.title}, version {plan.version}, from {month} on.")
        say("Months that were opened before keep the version they started with.")
    else:
        say(f"Nothing changed: {clinic.name} uses this version from {month} on already.")


def _first_month(base: Base, clinic: ClinicView, plan: Plan) -> Month:
    """Give the running month to a first playbook, and the next one to a new version."""
    running = month_at(clinic, base.clock.now())
    try:
        base.record.plan_for(clinic.clinic, plan.kind, running)
    except NoPlaybookError:
        return running
    return running.next
