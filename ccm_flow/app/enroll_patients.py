"""Enrolling candidates: their enrollment begins, and its cycle starts, as one act."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.app.act import Desk
from ccm_flow.app.open_month import MakeCalendar, open_cycles
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new enrollment."""

    enrollment: EnrollmentId
    patient: PatientId


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What came of it."""

    enrolled: tuple[Enrolled, ...]
    """Only those who were in no program before."""
    started: int
    """Enrollment cycles that began, also those that an earlier attempt left out."""


KeepEnrollments = Callable[[ClinicId, Sequence[PatientId], str, datetime], list[Enrolled]]
"""Enrolls patients as identified; those who are or were in the program stay as they are."""


async def enroll_candidates(
    desk: Desk,
    keep: KeepEnrollments,
    clinic: ClinicId,
    patients: Sequence[PatientId],
    *,
    month: Month,
    make_calendar: MakeCalendar,
) -> Enrolling:
    """
    Enroll patients and start the enrollment playbook for each.

    Doing it again enrolls nobody twice and starts only what is missing.

    Raises:
        NoPlaybookError: no enrollment playbook is published for the month; nobody is enrolled.
        FlowUnavailableError: the server went away; do it again and it goes on.
    """
    now = desk.clock.now()
    plan = await asyncio.to_thread(desk.record.plan_for, clinic, PlaybookKind.ENROLLMENT, month)
    enrolled = await asyncio.to_thread(keep, clinic, patients, plan.program, now)
    opened = open_cycles(desk, clinic, PlaybookKind.ENROLLMENT, month, make_calendar)
    started = sum([int(one) async for one in opened])
    return Enrolling(tuple(enrolled), started)
