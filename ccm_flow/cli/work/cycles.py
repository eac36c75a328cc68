"""What people do to a patient's whole month: ask, pause, resume."""

from collections.abc import Awaitable, Callable, Sequence

from ccm_flow.adapters.db.views import StaffMember, find_cycles, find_patient, find_step
from ccm_flow.adapters.db.views_find import CycleRef
from ccm_flow.app.act import Desk, act
from ccm_flow.app.care import Click, Work
from ccm_flow.bootstrap import Base
from ccm_flow.cli.work.acting import Done, RefusedError, act_once, new_click, tell
from ccm_flow.cli.work.context import choose_person, open_set_up
from ccm_flow.core.events import (
    CyclePaused,
    CycleResumed,
    PersonEvent,
    Triggered,
)
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, RoleId, StepKey
from ccm_flow.core.plan import Trigger, Urgency
from ccm_flow.core.state import CycleStatus

MakeEvent = Callable[[StaffMember], PersonEvent]


def escalate(
    target: str,
    because: str,
    by: str,
    to: str | None,
    click: str | None,
    *,
    urgent: bool,
    as_json: bool,
) -> None:
    """Raise a question in the month of a step or a patient."""
    base = open_set_up()
    clinic, cycle, step = _about(base, target)
    person = choose_person(base, clinic, by)
    event = Triggered(
        trigger=Trigger.ESCALATION,
        by=person.person,
        because=because,
        urgency=Urgency.URGENT if urgent else Urgency.ROUTINE,
        to=RoleId(to) if to else None,
    )
    sent = Click(new_click(click), cycle, person.person, event, step)
    done = act_once(base, cycle, sent.id, _acting(sent))
    tell(base, clinic, [done], as_json=as_json)


def _about(base: Base, target: str) -> tuple[ClinicId, CycleId, StepKey | None]:
    """Find the cycle that a step or a patient is in now."""
    if "." in target:
        ref = find_step(base.engine, target)
        return ref.clinic, ref.cycle, ref.key
    running = _cycles(base, target, (CycleStatus.RUNNING, CycleStatus.PAUSED))
    return running[0].clinic, running[0].cycle, None


def _cycles(base: Base, patient: str, wanted: Sequence[CycleStatus]) -> list[CycleRef]:
    """
    Give a patient's cycles that stand as wanted; else those that are not ended.

    So that pausing what is paused is refused by the cycle itself, in its own words.
    """
    ref = find_patient(base.engine, patient)
    cycles = find_cycles(base.engine, ref.enrollment) if ref.enrollment else []
    going = [cycle for cycle in cycles if cycle.status is not CycleStatus.ENDED]
    if not going:
        raise RefusedError(
            f"No month is running for the patient '{patient}'.",
            "See what there is with `ccm patient`, or open one with `ccm open-month`.",
        )
    return [cycle for cycle in going if cycle.status in wanted] or going


def pause(patient: str, because: str, by: str, click: str | None, *, as_json: bool) -> None:
    """Pause every month of the patient that is running."""
    base = open_set_up()
    cycles = _cycles(base, patient, (CycleStatus.RUNNING,))
    _all(base, cycles, by, click, lambda who: CyclePaused(who.person, because), as_json=as_json)


def resume(patient: str, because: str, by: str, click: str | None, *, as_json: bool) -> None:
    """Resume every month of the patient that is paused."""
    base = open_set_up()
    cycles = _cycles(base, patient, (CycleStatus.PAUSED,))
    _all(
        base,
        cycles,
        by,
        click,
        lambda who: CycleResumed(who.person),
        note=because,
        as_json=as_json,
    )


def _all(
    base: Base,
    cycles: Sequence[CycleRef],
    by: str,
    click: str | None,
    make: MakeEvent,
    *,
    note: str = "",
    as_json: bool,
) -> None:
    """Do the same to each cycle; only the first keeps the note."""
    clinic = cycles[0].clinic
    person = choose_person(base, clinic, by)
    id_ = new_click(click)
    done: list[Done] = []
    for number, cycle in enumerate(cycles):
        first = number == 0
        sent = Click(
            id=id_ if first else ClickId(f"{id_}-{number + 1}"),
            cycle=cycle.cycle,
            by=person.person,
            event=make(person),
            work=Work(note=note, sign=True) if first else Work(),
        )
        done.append(act_once(base, cycle.cycle, sent.id, _acting(sent)))
    tell(base, clinic, done, as_json=as_json)


def _acting(click: Click) -> Callable[[Desk], Awaitable[int]]:
    return lambda desk: act(desk, click)
