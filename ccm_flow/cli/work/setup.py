"""Publishing playbooks, and the nightly opening of months."""

from collections.abc import Sequence
from pathlib import Path

from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.app.act import Desk
from ccm_flow.app.care import ClinicView, NoPlaybookError
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import (
    choose_clinic,
    month_at,
    open_set_up,
    with_desk,
)
from ccm_flow.cli.work.playbooks import BadFileError, good_plan
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan


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


def keep_schedules(base: Base, clinics: Sequence[ClinicView]) -> None:
    """Keep the Schedules that open the clinics' months each night."""

    async def keep(desk: Desk) -> None:
        for clinic in clinics:
            zone, paused = clinic.hours.time_zone, not clinic.active
            await desk.flow.keep_schedule(clinic.clinic, zone, paused=paused)

    with_desk(base, keep)


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
