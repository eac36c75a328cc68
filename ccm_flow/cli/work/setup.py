"""Clinics and playbooks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
from ccm_flow.cli.work.playbooks import BadFileError, good_plan
from ccm_flow.cli.work.service import SERVER_AWAY, server_address
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan

SHIPPED = ("ccm_monthly.yaml", "enrollment.yaml")


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
    applied = {
        "clinic": id_,
        "name": wanted.name,
        "new": is_new,
        "staff": len(wanted.staff),
        "published": [f"{plan.playbook}@{plan.version}" for plan, _ in published],
        "scheduled": _keep_schedule(base, view),
        "doubts": _doubts(wanted, [plan for plan, _ in playbooks]),
    }
    if as_json:
        emit(applied)
    else:
        _show_clinic(applied, [plan for plan, _ in published])


def _show_clinic(applied: Mapping[str, Any], published: Sequence[Plan]) -> None:
    new = "set up" if applied["new"] else "up to date"
    say(f"{applied['name']} ({applied['clinic']}) is {new}.")
    for plan in published:
        say(f"Published {plan.title} (version {plan.version}) from this month on.")
    if not applied["scheduled"]:
        say("Months open by themselves once the server runs: `ccm start`.")
    for doubt in applied["doubts"]:
        say(f"Note: {doubt}")


def _shipped_playbooks() -> list[tuple[Plan, str]]:
    found = []
    for name in SHIPPED:
        plan, result = good_plan(shipped("playbooks") / name)
        found.append((plan, result.merged_text))
    return found


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
    return missing + unknown + _uncounted(file)


def _uncounted(file: ClinicFile) -> list[str]:
    """Say whose minutes do not count because nobody says what they are licensed as."""
    names = [person.id for person in file.staff if person.credential is None]
    if not names:
        return []
    return [
        f"no credential is given for {', '.join(names)}; their minutes do not count. "
        "Add `credential:` (rn, ma, physician, ..., none)."
    ]


def publish(file: Path, clinic_id: str | None, from_month: str | None, *, as_json: bool) -> None:
    """Publish a playbook; nothing is kept of one with errors."""
    wanted = Month.parse(from_month) if from_month else None
    plan, resolved = good_plan(file)
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    now = base.clock.now()
    month = wanted or _first_month(base, clinic, plan)
    if month < month_at(clinic, now):
        raise TooLateError(month, month_at(clinic, now))
    changed = SqlClinicStore(base.engine).publish(
        clinic.clinic, plan, resolved.merged_text, month, now
    )
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
