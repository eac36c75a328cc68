"""Showing and switching which organization does what at a clinic."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from ccm_flow.adapters.db.staffing_store import SqlStaffing
from ccm_flow.app.staffing import Preview, Settled, Staffing, look_ahead, with_lines
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import RefusedError
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import choose_clinic, choose_person, open_set_up
from ccm_flow.cli.work.moves_text import (
    moves_data,
    parse_day,
    settle_now,
    show_done,
    show_moves,
    show_settled,
    today_at,
)
from ccm_flow.cli.work.tables import Listing
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.ids import OrganizationId, RoleId, StepId
from ccm_flow.core.responsibility import (
    Agreed,
    OperatingModel,
    lines_to_reach,
    preset,
    responsible,
)

ANYBODY = "anybody"


@dataclass(frozen=True)
class Asked:
    """What somebody wants, as they typed it."""

    model: str | None
    roles: tuple[str, ...]
    steps: tuple[str, ...]
    from_day: str | None


@dataclass(frozen=True)
class Switch:
    """A wanted switch, worked out."""

    staffing: Staffing
    lines: tuple[Agreed, ...]
    from_day: date
    preview: Preview


def show(clinic_id: str | None, *, as_json: bool) -> None:
    """Show who does what now, what changes later and every line there ever was."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    record, today = SqlStaffing(base.engine), today_at(base, clinic)
    staffing = record.staffing(clinic.clinic, base.clock.now())
    lines = record.lines(clinic.clinic)
    now = {role: responsible(staffing.pool.agreed, role, today) for role in sorted(staffing.roles)}
    if as_json:
        emit({"clinic": clinic.clinic, "day": today, "roles": now, "lines": lines})
        return
    say(f"{clinic.name}, {today}")
    table = Listing("Role", "Done by")
    for role, who in now.items():
        table.add(words(role), _who(staffing, who))
    table.print()
    if lines:
        say()
    history = Listing("From", "What", "Done by", "Why", keep=["From"])
    for line in lines:
        what = f"step {line.agreed.step}" if line.agreed.step else words(line.agreed.role or "")
        whose = _who(staffing, line.agreed.organization)
        history.add(str(line.agreed.from_day), what, whose, line.because)
    if lines:
        history.print()


def plan(clinic_id: str | None, asked: Asked, as_json: bool) -> None:
    """Say what a switch would change."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    switch = _switch(base, SqlStaffing(base.engine), clinic_id, asked)
    if as_json:
        emit(_data(switch))
        return
    _show_lines(switch)
    show_moves(base, clinic, switch.preview, switch.staffing)
    if switch.lines:
        say("Nothing was changed. Do it with `ccm responsibility apply`.")


def apply(clinic_id: str | None, asked: Asked, by: str, because: str, *, as_json: bool) -> None:
    """Switch; steps move now, or on the day when it lies ahead."""
    base = open_set_up()
    clinic = choose_clinic(base, clinic_id)
    person = choose_person(base, clinic.clinic, by).person
    switch = _switch(base, SqlStaffing(base.engine), clinic_id, asked)
    now, today = base.clock.now(), today_at(base, clinic)

    def keep(record: SqlStaffing) -> None:
        record.keep_lines(clinic.clinic, switch.lines, because=because, by=person, now=now)

    done: Settled | None = None
    if switch.from_day > today:
        keep(SqlStaffing(base.engine))
    else:
        done = settle_now(base, clinic, today, person, because=because, keep=keep)
    if as_json:
        emit(_data(switch) | _done(done))
        return
    _show_lines(switch)
    if done is None:
        show_moves(base, clinic, switch.preview, switch.staffing)
        say(f"Kept. The steps that are open on {switch.from_day} move then.")
    else:
        show_done(done.preview, switch.staffing)
        show_settled(done)


def _switch(base: Base, record: SqlStaffing, clinic_id: str | None, asked: Asked) -> Switch:
    clinic = choose_clinic(base, clinic_id)
    today = today_at(base, clinic)
    from_day = parse_day(asked.from_day, today)
    if from_day < today:
        raise BadWordError(f"{from_day} is over.", "A switch holds from today or a later day.")
    staffing = record.staffing(clinic.clinic, base.clock.now())
    roles, steps = _wanted(staffing, asked)
    lines = lines_to_reach(staffing.pool.agreed, roles, steps, from_day)
    if asked.model is None:  # steps that were agreed on by themselves stay so
        named = set(steps)
        lines = tuple(line for line in lines if line.step is None or line.step in named)
    preview = look_ahead(with_lines(staffing, lines), from_day)
    return Switch(staffing, lines, from_day, preview)


def _wanted(
    staffing: Staffing, asked: Asked
) -> tuple[dict[RoleId, OrganizationId | None], dict[StepId, OrganizationId | None]]:
    if asked.model is None and not asked.roles and not asked.steps:
        raise BadWordError("Nothing is asked for.", "Say --model, --role or --step.")
    parties = staffing.pool.parties
    roles: dict[RoleId, OrganizationId | None] = {}
    if asked.model is not None:
        model = parse_word(OperatingModel, "model", asked.model.replace("-", "_"))
        if model is not OperatingModel.IN_HOUSE and parties.vendor is None:
            raise RefusedError(
                "No vendor works at this clinic.",
                "Name it in the clinic's file under `vendor:` and apply the file.",
            )
        roles = preset(model, staffing.roles, parties, staffing.owner_role)
    for text in asked.roles:
        name, who = _pair(staffing, text)
        if name not in staffing.roles:
            known = ", ".join(sorted(staffing.roles))
            raise BadWordError(f"No playbook has the role '{name}'.", f"Roles: {known}.")
        roles[RoleId(name)] = who
    steps = {StepId(name): who for name, who in (_pair(staffing, text) for text in asked.steps)}
    return roles, steps


def _pair(staffing: Staffing, text: str) -> tuple[str, OrganizationId | None]:
    name, equals, who = (part.strip() for part in text.partition("="))
    if not equals or not name or not who:
        raise BadWordError(f"'{text}' says nothing.", "Write it as coordinator=vendor.")
    if who == ANYBODY:
        return name, None
    parties = staffing.pool.parties
    sides = {"clinic": parties.clinic, "vendor": parties.vendor}
    organization = sides.get(who, OrganizationId(who))
    if organization is None or organization not in staffing.pool.organizations:
        known = ", ".join(["clinic", "vendor", ANYBODY, *sorted(staffing.pool.organizations)])
        raise BadWordError(f"There is no organization '{who}' here.", f"Choose one of: {known}.")
    return name, organization


def _show_lines(switch: Switch) -> None:
    if not switch.lines:
        say("Nothing changes: it is so already.")
    for line in switch.lines:
        what = f"The step '{line.step}'" if line.step else f"The {words(line.role or '')}'s work"
        who = _who(switch.staffing, line.organization)
        say(f"{what}: {who}, from {line.from_day} on.")


def _who(staffing: Staffing, organization: OrganizationId | None) -> str:
    if organization is None:
        return "anybody with the role"
    return staffing.pool.organizations.get(organization, organization)


def _data(switch: Switch) -> dict[str, Any]:
    return {"from": switch.from_day, "lines": switch.lines, **moves_data(switch.preview)}


def _done(done: Settled | None) -> dict[str, Any]:
    if done is None:
        return {"moved": 0, "refused": [], "waiting": 0, "kept_for_later": True}
    return {"moved": done.moved, "refused": done.refused, "waiting": done.waiting}
