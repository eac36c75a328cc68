"""Opening a month: one cycle for each enrollment, each started once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from ccm_flow.app.act import Desk
from ccm_flow.app.care import CareRecord, ClinicView, OpenEnrollment
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.review import FirstMonthRefusedError
from ccm_flow.core.assignment import with_load
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import CycleOpened
from ccm_flow.core.ids import ClinicId, PersonId, cycle_id
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStart

_AT_ONCE: Final = 4
"""Cycles that are started together: the server is kept busy, and never flooded."""
MakeCalendar = Callable[[ClinicHours, Month, PlaybookKind], WorkCalendar]


async def open_cycles(
    desk: Desk,
    clinic_id: ClinicId,
    kind: PlaybookKind,
    month: Month,
    make_calendar: MakeCalendar,
) -> AsyncIterator[bool]:
    """
    Start what is missing of a clinic's month; yields True for each cycle that is new.

    A paused clinic opens nothing. Doing it again, also at the same time from elsewhere, starts
    no cycle twice: its id is made of the enrollment and the month.

    Raises:
        FirstMonthRefusedError: it would be the clinic's first month, and it is not ready for it.
        NoPlaybookError: no playbook is published for the month.
        FlowUnavailableError: the server went away; do it again and it goes on.
    """
    clinic = await asyncio.to_thread(desk.record.clinic, clinic_id)
    if not clinic.active:
        return
    now = desk.clock.now()
    if kind is PlaybookKind.MONTHLY:
        await asyncio.to_thread(check_first_month, desk.record, clinic, month, now)
    plan = await asyncio.to_thread(desk.record.plan_for, clinic_id, kind, month)
    calendar = make_calendar(clinic.hours, month, kind)
    opens_at = _opens_at(kind, month, calendar, now)
    waiting = await asyncio.to_thread(desk.record.to_open, clinic_id, kind, month, now)
    starts = _starts(clinic, waiting, plan, month, calendar=calendar, opens_at=opens_at)
    while some := list(islice(starts, _AT_ONCE)):
        for new in await asyncio.gather(*(desk.flow.start(start) for start in some)):
            yield new


def _starts(
    clinic: ClinicView,
    waiting: Iterable[OpenEnrollment],
    plan: Plan,
    month: Month,
    *,
    calendar: WorkCalendar,
    opens_at: datetime,
) -> Iterator[CycleStart]:
    """Describe the cycles one after the other: each knows what those before it give to whom."""
    given: Counter[PersonId] = Counter()
    for enrollment in waiting:
        start = cycle_start(clinic, enrollment, plan, month, calendar=calendar, opens_at=opens_at)
        start = _knowing(start, given)
        given += first_owners(start)
        yield start


def check_first_month(record: CareRecord, clinic: ClinicView, month: Month, now: datetime) -> None:
    """
    Refuse a clinic's first month while something is missing that it cannot do without.

    Raises:
        FirstMonthRefusedError: with everything that is missing, and what to do.
    """
    gaps = record.first_month_gaps(clinic.clinic, month, now)
    if gaps:
        raise FirstMonthRefusedError(clinic.clinic, clinic.name, gaps)


def _knowing(start: CycleStart, given: Mapping[PersonId, int]) -> CycleStart:
    """Let a cycle know what those opened just before it give to whom: nobody gets too much."""
    if start.pool is None or not given:
        return start
    return replace(start, pool=with_load(start.pool, given.items()))


def first_owners(start: CycleStart) -> Counter[PersonId]:
    """Count who gets the steps with which a cycle begins."""
    begun = advance(MonthPlan.of(start), open_cycle(start), CycleOpened(), start.opens_at)
    return Counter(step.owner.person for step in begun.state.open_steps)


def cycle_start(
    clinic: ClinicView,
    enrollment: OpenEnrollment,
    plan: Plan,
    month: Month,
    *,
    calendar: WorkCalendar,
    opens_at: datetime,
    number: int = 1,
) -> CycleStart:
    """Describe a cycle; the program owner answers for every role nobody holds."""
    return CycleStart(
        cycle=cycle_id(enrollment.enrollment, plan.kind.value, str(month), number),
        clinic=clinic.clinic,
        enrollment=enrollment.enrollment,
        month=month,
        opens_at=opens_at,
        team={plan.owner: clinic.program_owner, **enrollment.team},
        facts=enrollment.facts,
        calendar=calendar,
        plan=plan,
        pool=enrollment.pool,
    )


def _opens_at(kind: PlaybookKind, month: Month, calendar: WorkCalendar, now: datetime) -> datetime:
    """Say when a cycle begins: a month at the clinic's midnight of the 1st."""
    if kind is not PlaybookKind.MONTHLY:
        return now
    return max(now, calendar.start_of(month.first_day))
