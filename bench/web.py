"""
The pages of fifty clinics with 20,000 enrolled patients: server time, queries and weight.

Prints for each page the median and the 95th percentile over many requests through the ASGI
application, how often that is the time of an empty page of the same run, how many queries it
makes and how heavy it is; and what completing a step takes on a real Temporal server.
"""

import asyncio
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import event
from sqlmodel import Session, col, select

from bench.big_record import BigRecord, build
from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, StepRow
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram, find_server
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.adapters.temporal.worker import make_worker
from ccm_flow.app.flow import Flow
from ccm_flow.app.open_month import open_cycles
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.sign_in import Door
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.bootstrap import Base, Settings, SystemClock, connect_client, desk, open_base
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, OutcomeId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import StepStatus
from ccm_flow.demo.notes import EMPTY_CHART, simulated_fields
from ccm_flow.web.app import build as build_app
from ccm_flow.web.parts import Parts, WebSettings
from ccm_flow.web.security import form_token
from ccm_flow.web.visit import COOKIE

CLINICS: Final = 50
PATIENTS: Final = 20_000
TIMES: Final = 20
"""How often each page is asked for, after once to warm up."""
COMPLETED: Final = 40
"""How many steps are completed."""
_EMPTY: Final = "empty page"
_HEAVIEST: Final = 200_000
"""Bytes that no page should be above."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "demo").touch()
        settings = Settings.from_environ({"CCM_HOME": folder, **_environ()})
        base = open_base(settings)
        began = time.perf_counter()
        big = build(base, CLINICS, PATIENTS)
        size = (home / "ccm.db").stat().st_size / 1e6
        took = time.perf_counter() - began
        print(f"{_counted(base)}: {size:.0f} MB, built in {took:.0f} s")
        program = find_server(settings.server, print)
        assert isinstance(program, ServerProgram)
        with EmbeddedServer(program, home, time_travel=True) as server:
            asyncio.run(_measure(base, big, server.address))


def _environ() -> dict[str, str]:
    wanted = ("PATH", "HOME", "XDG_CACHE_HOME")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _counted(base: Base) -> str:
    with Session(base.engine) as session:
        counts = (
            session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
            for table in ("enrollment", "step", "ledger_event")
        )
        return "{:,} enrollments, {:,} steps, {:,} lines of the ledger".format(*counts)


async def _measure(base: Base, big: BigRecord, address: str) -> None:
    site = _Site(base, big, address)
    await site.show_pages()
    await site.complete_steps()


@dataclass
class _Times:
    """What was measured of one page."""

    seconds: list[float]
    spent: list[float]
    """Processor time, which says more on a machine that has other work too."""
    queries: int
    weight: int


class _Site:
    """The application over the big record, with people who are signed in."""

    def __init__(self, base: Base, big: BigRecord, address: str) -> None:
        self._base = base
        self._big = big
        self._address = address
        accounts = SqlAccounts(base.engine)
        self._parts = Parts(
            base=base,
            accounts=accounts,
            door=Door(accounts, Argon2Secrets()),
            settings=WebSettings(secure=False, demo=True),
            wall=SystemClock(),
            templates=load_templates(shipped("templates")),
            connect=lambda: connect_client(base.settings, address),
        )
        self._app = build_app(self._parts)

    def _browser(self, person: PersonId) -> httpx.AsyncClient:
        """Give a browser in which somebody is signed in."""
        now = self._parts.wall.now()
        if self._parts.accounts.by_person(person) is None:
            self._parts.accounts.open_account(person, person, now)
        token = self._parts.door.start(person, now).token
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app),
            base_url="http://ccm.test",
            cookies={COOKIE: token},
            headers={"x-form-token": form_token(token)},
        )

    async def show_pages(self) -> None:
        """Ask for every page again and again, in turns so that a busy machine hurts all alike."""
        clinic, month = self._big.first, self._big.month
        enrollment, step = self._somebody()
        place = f"/clinics/{clinic}/months/{month}"
        lead, coordinator = PersonId(f"{clinic}.dana"), PersonId(f"{clinic}.maria")
        pages = {
            _EMPTY: (lead, "/account"),
            "my work": (coordinator, "/work"),
            "everybody's work": (lead, "/work?whose=all"),
            "step": (coordinator, step),
            "board": (lead, place),
            "readiness": (lead, f"{place}/readiness"),
            "leaks": (lead, f"{place}/leaks"),
            "drift": (lead, f"{place}/drift"),
            "billing": (lead, f"{place}/billing"),
            "patients": (lead, "/patients"),
            "patient": (lead, f"/patients/{enrollment}"),
            "candidates": (lead, "/candidates"),
        }
        browsers = {lead: self._browser(lead), coordinator: self._browser(coordinator)}
        found: dict[str, _Times] = {}
        for name, (who, path) in pages.items():
            await browsers[who].get(path)
            with _counting(self._base) as seen:
                answer = await browsers[who].get(path)
            assert answer.status_code == httpx.codes.OK, (path, answer.status_code)
            found[name] = _Times([], [], len(seen), len(answer.content))
        for _ in range(TIMES):
            for name, (who, path) in pages.items():
                began, spent = time.perf_counter(), time.process_time()
                await browsers[who].get(path)
                found[name].seconds.append(time.perf_counter() - began)
                found[name].spent.append(time.process_time() - spent)
        _print_pages(found)

    def _somebody(self) -> tuple[EnrollmentId, str]:
        """Give a patient of the clinic whose month runs, and the address of one of their steps."""
        query = (
            select(CycleRow.enrollment_id, StepRow.cycle_id, StepRow.key)
            .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
            .where(
                CycleRow.clinic_id == self._big.first,
                CycleRow.month == self._big.month,
                StepRow.status == StepStatus.OPEN,
            )
            .order_by(col(StepRow.cycle_id), col(StepRow.key))
        )
        with Session(self._base.engine) as session:
            enrollment, cycle, key = session.exec(query).first() or ("", "", "")
        return EnrollmentId(enrollment), f"/steps/{cycle}/{key}"

    async def complete_steps(self) -> None:
        """Complete a step of so many patients on a real server, one after the other."""
        client = await connect_client(self._base.settings, self._address)
        work = desk(self._base, client)
        travel = TimeTravel(client)
        async with make_worker(client, self._base.engine, work):
            cycles = await self._open(work.flow, travel)
            seconds = [await self._complete(cycle) for cycle in cycles]
        first, rest = seconds[0], seconds[1:]
        print(
            f"completing a step: {_ms(statistics.median(rest))}, p95 {_ms(_p95(rest))} "
            f"(aim: under 300 ms); the first {_ms(first)}"
        )

    async def _open(self, flow: Flow, travel: TimeTravel) -> list[CycleId]:
        """Give patients who joined the clinic today a running month on the server."""
        clinic, month, now = self._big.first, self._big.month, self._base.clock.now()
        _join(self._base, clinic, COMPLETED)
        work = desk(self._base, await connect_client(self._base.settings, self._address))
        kind = PlaybookKind.MONTHLY
        async for _ in open_cycles(work, clinic, kind, month, month_calendar):
            pass
        cycles = _waiting(self._base, clinic, month)
        for cycle in cycles:
            await travel.move(cycle, now - await travel.now(cycle))
            while (await flow.state(cycle)).sequence == 0:
                await asyncio.sleep(0.01)
        return cycles

    async def _complete(self, cycle: CycleId) -> float:
        plan = self._base.record.cycle(cycle).plan
        step = plan.steps[0]
        form = plan.note_forms[step.note] if step.note else None
        outcome = OutcomeId(step.outcomes[0].id)
        today = self._base.clock.now().date()
        fields = simulated_fields(step, form, outcome, EMPTY_CHART, today)
        with Session(self._base.engine) as session:
            owner = session.get_one(StepRow, (cycle, step.id)).owner_id
        sent = {f"f.{name}": str(value) for name, value in fields.items()}
        sent |= {"outcome": outcome, "click": uuid.uuid4().hex, "minutes": "5"}
        async with self._browser(owner) as browser:
            began = time.perf_counter()
            answer = await browser.post(f"/steps/{cycle}/{step.id}/finish", data=sent)
            took = time.perf_counter() - began
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text[:2000]
        return took


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


@contextmanager
def _counting(base: Base) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(base.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(base.engine, "before_cursor_execute", note)


def _print_pages(found: dict[str, _Times]) -> None:
    plain = statistics.median(found[_EMPTY].seconds)
    print(f"{'':18}{'median':>9}{'p95':>9}{'CPU':>9}{'ratio':>7}{'queries':>9}{'kB':>7}")
    for name, one in found.items():
        median = statistics.median(one.seconds)
        heavy = "  heavy" if one.weight > _HEAVIEST else ""
        print(
            f"{name:18}{_ms(median):>9}{_ms(_p95(one.seconds)):>9}"
            f"{_ms(statistics.median(one.spent)):>9}{median / plain:7.1f}"
            f"{one.queries:9}{one.weight / 1000:7.0f}{heavy}"
        )


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
