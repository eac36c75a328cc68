"""Recording what happened to a patient outside the playbook."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import typer

from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.views import StaffMember, find_patient
from ccm_flow.adapters.db.views_find import PatientRef
from ccm_flow.app.act import Desk
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.happen import carry_out, tell
from ccm_flow.app.happening_text import day_and_time
from ccm_flow.app.happenings import Answer, Happening, NothingToVoidError
from ccm_flow.app.view_text import words
from ccm_flow.bootstrap import Base, outside
from ccm_flow.cli.work.acting import new_click
from ccm_flow.cli.work.console import emit, say
from ccm_flow.cli.work.context import (
    ServerAwayError,
    choose_person,
    open_set_up,
    with_desk,
    zone_of,
)
from ccm_flow.cli.work.words import BadWordError, parse_word
from ccm_flow.core.errors import CcmError
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import HappeningId

_ANSWER_SECONDS: Final = 60


class KeptError(CcmError):
    """Something is recorded, and the running months are told of it later."""

    exit_code = 3
    hint = (
        "It is acted on by itself when the server is back (`ccm start`); nothing has to be "
        "entered again."
    )

    def __init__(self, reason: str) -> None:
        super().__init__(f"It is recorded, but the running months do not know yet: {reason}")


@dataclass(frozen=True)
class Entered:
    """What somebody typed beside the patient and the kind."""

    at: str | None
    note: str
    because: str
    click: str | None


def happened(who: str, kind: str, by: str, entered: Entered, *, as_json: bool) -> None:
    """Record a happening and act on it."""
    what = parse_word(HappeningKind, "thing that can happen", kind)
    base = open_set_up()
    ref = find_patient(base.engine, who)
    person = choose_person(base, ref.clinic, by)
    zone = zone_of(base.record.clinic(ref.clinic))
    leaves = what is HappeningKind.WITHDRAWAL
    told = Happening(
        id=HappeningId(new_click(entered.click)),
        clinic=ref.clinic,
        patient=ref.patient,
        kind=what,
        at=parse_at(entered.at, zone) if entered.at else base.clock.now(),
        told_by=person.person,
        enrollment=ref.enrollment if leaves else None,
        detail=entered.note or entered.because,
    )
    _tell_and_say(base, ref, person, told, as_json=as_json)


def void(who: str, kind: str, by: str, entered: Entered, *, as_json: bool) -> None:
    """Take back what was told by mistake; it needs a reason."""
    what = parse_word(HappeningKind, "thing that can happen", kind)
    if not entered.because.strip():
        raise BadWordError("Taking something back needs a reason.", "Say it with --because.")
    base = open_set_up()
    ref = find_patient(base.engine, who)
    person = choose_person(base, ref.clinic, by)
    zone = zone_of(base.record.clinic(ref.clinic))
    record = SqlHappenings(base.engine)
    id_ = HappeningId(new_click(entered.click))
    if not record.was_told(id_):
        at = parse_at(entered.at, zone) if entered.at else None
        wrong = record.newest(ref.patient, what, at)
        if wrong is None:
            raise NothingToVoidError(what)
        told = Happening(
            id=id_,
            clinic=ref.clinic,
            patient=ref.patient,
            kind=what,
            at=base.clock.now(),
            told_by=person.person,
            enrollment=wrong.enrollment,
            detail=entered.because,
            voids=wrong.id,
        )
    else:
        told = record.happening(id_)
    _tell_and_say(base, ref, person, told, as_json=as_json)


def parse_at(text: str, zone: ZoneInfo) -> datetime:
    """Read an instant: clinic time, or with an offset of its own; a day alone is its start."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadWordError(
            f"'{text}' is not a time.", "Write 2026-12-07 or 2026-12-07T14:30, clinic time."
        ) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _tell_and_say(
    base: Base, ref: PatientRef, person: StaffMember, told: Happening, *, as_json: bool
) -> None:
    kept = tell(SqlHappenings(base.engine), told, base.clock.now())
    zone = zone_of(base.record.clinic(ref.clinic))
    back = " taken back" if kept.voids else ""
    if not as_json:
        when = day_and_time(kept.at, zone)
        say(f"{words(kept.kind).capitalize()}{back}, {when}, told by {person.name}.")
    try:
        answer = act_on(base, kept)
    except (ServerAwayError, FlowUnavailableError) as away:
        if as_json:
            emit(_data(kept, None))
        raise KeptError(str(away)) from away
    if as_json:
        emit(_data(kept, answer))
    for sentence in () if as_json else answer.said:
        say(sentence)
    if not answer.taken:
        raise typer.Exit(1)


def act_on(base: Base, kept: Happening) -> Answer:
    """Carry what is kept to the running cycles; raises when the server does not answer."""

    async def limited(desk: Desk) -> Answer:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await carry_out(outside(base, desk), kept)
        except TimeoutError:
            raise FlowUnavailableError("no worker answered") from None

    return with_desk(base, limited)


def _data(kept: Happening, answer: Answer | None) -> dict[str, object]:
    return {
        "click": kept.id,
        "patient": kept.patient,
        "kind": kept.kind,
        "at": kept.at,
        "by": kept.told_by,
        "note": kept.detail,
        "voids": kept.voids,
        "settled": answer is not None,
        "taken": answer.taken if answer else None,
        "led_to": answer.said if answer else [],
        "effects": answer.effects if answer else [],
        "opened": answer.opened if answer else None,
    }
