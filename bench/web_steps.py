"""Completing a step on a real Temporal server: the form is posted, the answer awaited."""

import asyncio
import time
import uuid
from typing import Final

import httpx
from sqlmodel import Session, col, select

from bench.web_site import Site
from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, StepRow
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.app.flow import Flow
from ccm_flow.app.open_month import open_cycles
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.bootstrap import Base, connect_client, desk
from ccm_flow.core.ids import ClinicId, CycleId, OutcomeId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.notes import EMPTY_CHART, simulated_fields

COMPLETED: Final = 40
"""How many steps are completed, after one to warm up."""


async def complete_steps(site: Site) -> tuple[list[float], list[float]]:
    """
    Complete a step of so many patients, one after the other.

    Gives the seconds from posting to the answer, and this process's processor time: the
    application's and the worker's, which here are one.
    """
    base = site.base
    client = await connect_client(base.settings, site.address)
    work = desk(base, client)
    travel = TimeTravel(client)
    seconds, spent = [], []
    async with make_worker(client, base.engine, work):
        for cycle in await _open(site, work.flow, travel):
            took, cpu = await complete(site, cycle)
            seconds.append(took)
            spent.append(cpu)
    return seconds[1:], spent[1:]


async def _open(site: Site, flow: Flow, travel: TimeTravel) -> list[CycleId]:
    """Give patients who joined the clinic today a running month on the server."""
    base, clinic, month = site.base, site.big.first, site.big.month
    now = base.clock.now()
    _join(base, clinic, COMPLETED + 1)
    work = desk(base, await connect_client(base.settings, site.address))
    kind = PlaybookKind.MONTHLY
    async for _ in open_cycles(work, clinic, kind, month, month_calendar):
        pass
    cycles = _waiting(base, clinic, month)
    for cycle in cycles:
        await travel.move(cycle, now - await travel.now(cycle))
        while (await flow.state(cycle)).sequence == 0:
            await asyncio.sleep(0.01)
    return cycles


async def complete(site: Site, cycle: CycleId) -> tuple[float, float]:
    """Complete a cycle's first step; gives seconds and processor time."""
    base = site.base
    plan = base.record.cycle(cycle).plan
    step = plan.steps[0]
    form = plan.note_forms[step.note] if step.note else None
    outcome = OutcomeId(step.outcomes[0].id)
    fields = simulated_fields(step, form, outcome, EMPTY_CHART, base.clock.now().date())
    with Session(base.engine) as session:
        owner = session.get_one(StepRow, (cycle, step.id)).owner_id
    sent = {f"f.{name}": str(value) for name, value in fields.items()}
    sent |= {"outcome": outcome, "click": uuid.uuid4().hex, "minutes": "5"}
    async with site.browser(owner) as browser:
        began, spent = time.perf_counter(), time.process_time()
        answer = await browser.post(f"/steps/{cycle}/{step.id}/finish", data=sent)
        took, cpu = time.perf_counter() - began, time.process_time() - spent
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text[:2000]
    return took, cpu


def _join(base: Base, clinic: ClinicId, many: int) -> None:
    now = base.clock.now()
    patients = SqlPatientStore(base.engine)
    ids = [
        patients.save(clinic, PatientRecord("bench", f"new{n}", f"new{n}", f"New{n}", "Nora"), now)
        for n in range(many)
    ]
    joined = enroll(base.engine, clinic, ids, "CCM", now)
    with writing(base.engine) as session:
        for one in joined:
            session.get_one(EnrollmentRow, one.enrollment).status = EnrollmentStatus.ACTIVE


def _waiting(base: Base, clinic: ClinicId, month: Month) -> list[CycleId]:
    """List the cycles of those who joined."""
    with Session(base.engine) as session:
        rows = session.exec(
            select(EnrollmentRow.id)
            .where(
                EnrollmentRow.clinic_id == clinic, EnrollmentRow.status == EnrollmentStatus.ACTIVE
            )
            .where(col(EnrollmentRow.id).not_in(select(CycleRow.enrollment_id)))
        )
        return [CycleId(f"monthly:{enrollment}:{month}") for enrollment in rows]
