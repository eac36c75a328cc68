"""
A large clinic's month is opened while somebody at another clinic completes steps.

Prints how many months begin in a second (from the start of the opening to the transition in the
record), what completing a step took at the other clinic before and meanwhile, and whether each
promise holds. Server, worker and application are three processes, as with `ccm serve`. The
machine's own month is used, so on a late day what is overdue at once falls due at once: more
work than on the 1st.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import yaml
from sqlmodel import Session, col, func, select, update

from bench.big_record import BigRecord
from bench.web_site import Site, middle, p95
from bench.web_steps import complete
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_store import enroll
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram, find_server
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.bootstrap import Base, Settings, connect_client, desk, open_base
from ccm_flow.core.ids import ClinicId, CycleId
from ccm_flow.core.month import Month
from ccm_flow.demo.run import load_playbook

PATIENTS: Final = int(os.environ.get("BENCH_PATIENTS", "5000"))
IDLE: Final = 40
"""Steps completed before the opening begins."""
OTHERS: Final = 300
"""Patients of the clinic at which steps are completed."""
PAUSE: Final = 0.5
"""Seconds between two steps; somebody reads in between."""
_MOST_SECONDS: Final = 180
_MOST_TIMES: Final = 2
_CALM, _BUSY = ClinicId("calm"), ClinicId("busy")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        settings = Settings.from_environ({"CCM_HOME": folder, **kept})
        base = open_base(settings)
        month = Month.of(base.clock.now().date())
        _set_up(base, month)
        program = find_server(settings.server, print)
        assert isinstance(program, ServerProgram)
        with EmbeddedServer(program, home) as server, _worker(home, server.address):
            site = Site(base, BigRecord(_CALM, _BUSY, month), server.address)
            asyncio.run(_measure(site))


def _set_up(base: Base, month: Month) -> None:
    """Set two clinics up with all their patients enrolled, and nothing opened."""
    text = (shipped("sample") / "riverside.yaml").read_text(encoding="utf-8")
    store, patients, now = (
        SqlClinicStore(base.engine),
        SqlPatientStore(base.engine),
        base.clock.now(),
    )
    plan, source = load_playbook(shipped("playbooks") / "ccm_monthly.yaml")
    for clinic, many in ((_CALM, OTHERS), (_BUSY, PATIENTS)):
        store.apply(ClinicFile.model_validate({**yaml.safe_load(text), "clinic": clinic}), now)
        store.publish(clinic, plan, source, month, now)
        records = (
            PatientRecord("bench", f"{clinic}{n}", f"{clinic}{n}", f"Family{n}", "Given")
            for n in range(many)
        )
        enroll(
            base.engine, clinic, [patients.save(clinic, one, now) for one in records], "CCM", now
        )
    with writing(base.engine) as session:
        session.exec(update(EnrollmentRow).values(status=EnrollmentStatus.ACTIVE))


@contextmanager
def _worker(home: Path, address: str) -> Iterator[None]:
    """Run a worker beside."""
    ready = home / "worker.ready"
    environ = os.environ | {
        "CCM_HOME": str(home),
        "TEMPORAL_ADDRESS": address,
        "CCM_READY_FILE": str(ready),
    }
    with subprocess.Popen([sys.executable, "-m", "workers"], env=environ) as worker:
        try:
            while not ready.exists():
                assert worker.poll() is None, "the worker ended"
                time.sleep(0.05)
            yield
        finally:
            worker.terminate()


async def _measure(site: Site) -> None:
    base = site.base
    work = desk(base, await connect_client(base.settings, site.address))
    await work.flow.open_month(_CALM, site.big.month)
    while _opened(base, _CALM) < OTHERS:
        await asyncio.sleep(0.1)
    waiting = iter(_cycles(base, _CALM))
    idle = [await _complete(site, next(waiting)) for _ in range(IDLE)][1:]
    began = time.perf_counter()
    async with _opening(site) as opening:
        meanwhile, seen = [], 0
        while not opening.done() or seen < PATIENTS:
            meanwhile.append(await _complete(site, next(waiting)))
            seen = await asyncio.to_thread(_opened, base, _BUSY)
            print(f"\r{seen:,} of {PATIENTS:,}", end="", file=sys.stderr, flush=True)
        took = time.perf_counter() - began
    _print(took, idle, meanwhile)


@asynccontextmanager
async def _opening(site: Site) -> AsyncIterator[asyncio.Task[tuple[int, int]]]:
    work = desk(site.base, await connect_client(site.base.settings, site.address))
    yield (task := asyncio.create_task(work.flow.open_month(_BUSY, site.big.month)))
    started, already = await task
    assert (started, already) == (PATIENTS, 0)


async def _complete(site: Site, cycle: CycleId) -> float:
    took, _ = await complete(site, cycle)
    await asyncio.sleep(PAUSE)
    return took


def _cycles(base: Base, clinic: ClinicId) -> list[CycleId]:
    with Session(base.engine) as session:
        rows = session.exec(select(CycleRow.id).where(CycleRow.clinic_id == clinic))
        return [CycleId(one) for one in rows]


def _opened(base: Base, clinic: ClinicId) -> int:
    with Session(base.engine) as session:
        query = select(func.count(col(CycleRow.id))).where(CycleRow.clinic_id == clinic)
        return session.exec(query).one()


def _print(took: float, idle: list[float], meanwhile: list[float]) -> None:
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    print(f"\n{PATIENTS:,} months opened in {took:.0f} s, {PATIENTS / took:.0f} a second; {load}")
    for when, values in (("before", idle), ("meanwhile", meanwhile)):
        print(
            f"completing a step at the other clinic {when}: {middle(values) * 1000:.0f} ms, "
            f"p95 {p95(values) * 1000:.0f} ms ({len(values)} times)"
        )
    ratio, whole = p95(meanwhile) / p95(idle), took * 5000 / PATIENTS
    _promise("5,000 months open in less than 180 s", whole < _MOST_SECONDS, f"{whole:.0f} s")
    _promise("p95 meanwhile at most twice that before", ratio <= _MOST_TIMES, f"{ratio:.1f} times")


def _promise(words: str, holds: bool, said: str) -> None:
    print(f"{'holds' if holds else 'MISSED':8}{words} ({said})")
