"""What happens to a patient outside the playbook: kept first, then carried to every cycle."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ccm_flow.app.act import Desk
from ccm_flow.app.episode import open_episode
from ccm_flow.app.flow import ClickRefusedError, NoSuchCycleError
from ccm_flow.app.happening_text import changed_text, goes_on_text, led_to, month_name, refused_text
from ccm_flow.app.happenings import (
    Answer,
    CycleHere,
    Effect,
    EnrollmentChange,
    Happening,
    HappeningRecord,
    HappensLaterError,
    NotInProgramError,
)
from ccm_flow.app.open_month import MakeCalendar
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.view_text import words
from ccm_flow.core.deadlines import to_the_minute
from ccm_flow.core.events import PersonEvent, Triggered
from ccm_flow.core.happening import (
    ENDS,
    HappeningKind,
    Standing,
    is_in_hospital,
    triggers_of,
    what_follows,
    what_is_put_right,
)
from ccm_flow.core.ids import ClickId, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus

CLOCKS_APART: Final = timedelta(minutes=5)
"""A telling may be dated so far ahead: the clocks of two machines differ."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What these use cases work with."""

    desk: Desk
    told: HappeningRecord
    make_calendar: MakeCalendar


def tell(record: HappeningRecord, told: Happening, now: datetime) -> Happening:
    """
    Keep what somebody tells, and do at once what needs no server; returns it as it is kept.

    Telling it a second time under the same id changes nothing: the first stands.

    Raises:
        HappensLaterError: it lies ahead.
        NotInProgramError: somebody who is in no program cannot leave it.
    """
    if record.was_told(told.id):
        return record.happening(told.id)
    if told.at > now + CLOCKS_APART:
        raise HappensLaterError(told.at)
    leaves = told.kind is HappeningKind.WITHDRAWAL and told.voids is None
    if leaves and not record.is_enrolled(told):
        raise NotInProgramError
    record.keep(replace(told, at=to_the_minute(told.at)), now)
    return record.happening(told.id)


async def carry_out(outside: Outside, told: Happening) -> Answer:
    """
    Carry what was kept to every cycle it concerns, and keep what came of it.

    Safe to do again, also after it broke off: what a cycle was told once is not told again.

    Raises:
        FlowUnavailableError: the server is away; it stays pending and is done later.
    """
    before = await asyncio.to_thread(outside.told.answer, told.id)
    if before is not None:
        return before
    first = told if told.voids is None else await _voided(outside, told)
    said = []
    for cycle, events in await _events(outside, told, first):
        said += await _tell_cycle(outside, told, cycle, events)
        if not events and told.kind in ENDS and told.voids is None:
            said.append(goes_on_text(cycle))
    opened = None
    if told.kind is HappeningKind.DISCHARGE and told.voids is None:
        opening = await open_episode(outside.desk, outside.told, outside.make_calendar, told)
        if opening is not None:
            opened = opening.cycle
            said += opening.said
    changed = await _change_enrollments(outside, told)
    effects = await asyncio.to_thread(outside.told.effects, told.id)
    taken = bool(changed or opened or any(effect.refused is None for effect in effects))
    if not said and not changed:
        said = [_nothing(told)]
    answer = Answer((*changed, *said), taken or _is_only_kept(told), effects, opened)
    await asyncio.to_thread(outside.told.settle, told.id, answer, outside.desk.clock.now())
    return answer


async def _voided(outside: Outside, told: Happening) -> Happening:
    assert told.voids is not None  # noqa: S101 - the caller looked
    return await asyncio.to_thread(outside.told.happening, told.voids)


async def _events(
    outside: Outside, told: Happening, first: Happening
) -> list[tuple[CycleHere, tuple[PersonEvent, ...]]]:
    """Say which cycle is told what."""
    cycles = await asyncio.to_thread(outside.told.cycles, told)
    stays = await asyncio.to_thread(outside.told.stays, told.patient)
    earlier = await asyncio.to_thread(outside.told.effects, first.id)
    month = await _month_of(outside, told)
    own = {effect.cycle for effect in earlier if effect.event == "cycle_paused"}
    in_hospital, because = is_in_hospital(stays), told.detail
    found = []
    for cycle in cycles:
        standing = _standing(cycle, month)
        if told.voids is None:
            events = what_follows(
                told.kind, standing, in_hospital=in_hospital, by=told.told_by, because=because
            )
        else:
            events = what_is_put_right(
                told.kind,
                standing,
                in_hospital=in_hospital,
                its_own=cycle.cycle in own or cycle.opened_at == first.at,
                by=told.told_by,
                because=because,
            )
        found.append((cycle, events))
    return found


async def _month_of(outside: Outside, told: Happening) -> Month:
    """Give the clinic's month in which it happened."""
    clinic = await asyncio.to_thread(outside.desk.record.clinic, told.clinic)
    return Month.of(told.at.astimezone(ZoneInfo(clinic.hours.time_zone)).date())


def _standing(cycle: CycleHere, month: Month) -> Standing:
    """Say how a cycle stands to something that happened in a month."""
    over = cycle.kind is PlaybookKind.MONTHLY and cycle.month < month
    paused = cycle.status is CycleStatus.PAUSED
    return Standing(cycle.kind, paused, triggers_of(cycle.plan), given_before=over)


async def _tell_cycle(
    outside: Outside, told: Happening, cycle: CycleHere, events: Iterable[PersonEvent]
) -> list[str]:
    """Tell one cycle, event by event; returns the sentences about what that led to."""
    said = []
    clinic = await asyncio.to_thread(outside.desk.record.clinic, told.clinic)
    zone = ZoneInfo(clinic.hours.time_zone)
    for event in events:
        effect = await _send(outside, told, cycle, event)
        if effect.refused is not None:
            said.append(refused_text(cycle, effect.refused))
            continue
        state = await outside.desk.flow.state(cycle.cycle)
        said.append(led_to(event, cycle, state, outside.told.name, zone))
    return said


async def _send(outside: Outside, told: Happening, cycle: CycleHere, event: PersonEvent) -> Effect:
    """Pass an event on under an id made of the telling's: a second time it counts once."""
    desk, now = outside.desk, outside.desk.clock.now()
    if isinstance(event, Triggered):
        facts = await asyncio.to_thread(desk.record.facts, cycle.enrollment, cycle.month, now)
        event = replace(event, facts=facts)
    try:
        id_ = ClickId(f"{told.id}:{event.kind}")
        sequence = await desk.flow.click(cycle.cycle, id_, event)
        effect = Effect(cycle.cycle, event.kind, sequence)
    except (ClickRefusedError, NoSuchCycleError) as refusal:
        effect = Effect(cycle.cycle, event.kind, None, f"{refusal} {refusal.hint}")
    await asyncio.to_thread(outside.told.note_effect, told.id, effect, now)
    return effect


async def _change_enrollments(outside: Outside, told: Happening) -> list[str]:
    """Say how enrollments changed, and call off the months that are only announced."""
    changes = await asyncio.to_thread(outside.told.changes, told.id)
    said = []
    for change in changes:
        said.append(changed_text(change))
        said += await _months_ahead(outside, told, change)
    return said


async def _months_ahead(outside: Outside, told: Happening, change: EnrollmentChange) -> list[str]:
    """Call off a month that was opened ahead; or say which one opens next."""
    clinic = await asyncio.to_thread(outside.desk.record.clinic, told.clinic)
    zone = ZoneInfo(clinic.hours.time_zone)
    current = Month.of(outside.desk.clock.now().astimezone(zone).date())
    said: list[str] = []
    for month in (current, current.next):
        cycle = cycle_id(change.enrollment, PlaybookKind.MONTHLY.value, str(month))
        written = await asyncio.to_thread(outside.told.has_cycle, cycle)
        if told.voids is not None:
            if change.after is not EnrollmentStatus.ACTIVE:
                break
            if not written:
                return [*said, f"The next nightly opening opens {month_name(month)} for them."]
            said.append(f"{month_name(month)} stays as it is.")
        elif not written and await outside.desk.flow.call_off(cycle):
            said.append(f"{month_name(month)} was about to open and does not.")
    return said


def _nothing(told: Happening) -> str:
    what = words(told.kind)
    if told.voids is not None:
        return f"The {what} is marked as told by mistake; nothing else changed."
    if told.kind in ENDS:
        return "It is recorded; the patient's enrollment had ended before."
    if told.kind in (HappeningKind.LAB_RESULT, HappeningKind.CALLBACK):
        return f"It is recorded, but no running playbook has a step for a {what}."
    return "It is recorded; no cycle is running that it would change."


def _is_only_kept(told: Happening) -> bool:
    """Tell whether it is fine that nothing changed: what is not work for anybody."""
    return told.kind not in (HappeningKind.LAB_RESULT, HappeningKind.CALLBACK)


async def pass_on_happenings(outside: Outside, older_than: timedelta) -> int:
    """
    Carry out what was told while the server was away; returns how many were settled.

    And tell cycles that opened since: the month of somebody still in hospital is paused as it
    opens, and a month that opened while somebody's death was told ends.
    """
    until = outside.desk.clock.now() - older_than
    waiting = await asyncio.to_thread(outside.told.pending, until)
    for told in waiting:
        await carry_out(outside, told)
    for late in await asyncio.to_thread(outside.told.unreached):
        events = what_follows(
            late.happening.kind,
            _standing(late.cycle, await _month_of(outside, late.happening)),
            in_hospital=late.happening.kind not in ENDS,
            by=late.happening.told_by,
            because=late.happening.detail,
        )
        await _tell_cycle(outside, late.happening, late.cycle, events)
    return len(waiting)
