"""
The pages of fifty clinics with 20,000 enrolled patients, and completing a step.

Prints for each page the median and the 95th percentile of server time and of processor time
over many requests through the ASGI application, how often that is the time of a bare page of
the same run, how many queries it makes and how heavy it is; the same pages of one clinic with
2,000 patients more; what completing a step takes on a real Temporal server; and whether each
promise holds. Server time is that of an idle machine only on an idle machine: the load is
printed beside it.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Final

from sqlmodel import Session

from bench.big_record import BigRecord, build
from bench.web_site import BARE, Site, Times, middle, p95
from bench.web_steps import COMPLETED, complete_steps
from ccm_flow.adapters.processes.server import EmbeddedServer
from ccm_flow.adapters.processes.server_program import ServerProgram, find_server
from ccm_flow.bootstrap import Base, Settings, open_base

CLINICS: Final = 50
PATIENTS: Final = 20_000
LARGE: Final = 2_000
"""Patients of one clinic more, which is larger than any of the fifty."""
TIMES: Final = 20
"""How often each page is asked for, after twice to warm up."""
TIMES_LARGE: Final = 5
_PROMISED: Final = ("my work", "everybody's work", "step", "board")
_PAGE_SECONDS: Final = 0.1
_STEP_SECONDS: Final = 0.3
_HEAVIEST: Final = 200_000
"""Bytes of a page with its files, not packed."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "demo").touch()
        settings = Settings.from_environ({"CCM_HOME": folder, **_environ()})
        base = open_base(settings)
        began = time.perf_counter()
        big = build(base, CLINICS, PATIENTS, LARGE)
        size = (home / "ccm.db").stat().st_size / 1e6
        took = time.perf_counter() - began
        print(f"{_counted(base)}: {size:.0f} MB, built in {took:.0f} s; {_load()}", flush=True)
        program = find_server(settings.server, print)
        assert isinstance(program, ServerProgram)
        with EmbeddedServer(program, home, time_travel=True) as server:
            asyncio.run(measure(Site(base, big, server.address)))


def _environ() -> dict[str, str]:
    wanted = ("PATH", "HOME", "XDG_CACHE_HOME")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _counted(base: Base) -> str:
    with Session(base.engine) as session:
        counts = (
            session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
            for table in ("clinic", "enrollment", "step", "ledger_event")
        )
        words = "{:,} clinics, {:,} enrollments, {:,} steps, {:,} lines of the ledger"
        return words.format(*counts)


def _load() -> str:
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


async def measure(site: Site) -> None:
    """Look at the pages, complete steps, and say which promises hold."""
    big: BigRecord = site.big
    usual = await site.look(big.first, TIMES)
    print(f"\na clinic of {PATIENTS // CLINICS} patients, {TIMES} times each; {_load()}")
    _print_pages(usual)
    large = await site.look(big.large, TIMES_LARGE)
    print(f"\na clinic of {LARGE:,} patients, {TIMES_LARGE} times each; {_load()}")
    _print_pages(large)
    seconds, spent = await complete_steps(site)
    print(
        f"\ncompleting a step, {COMPLETED} times: {_ms(middle(seconds))}, p95 {_ms(p95(seconds))}; "
        f"CPU of application and worker {_ms(middle(spent))}, p95 {_ms(p95(spent))}; {_load()}"
    )
    _print_promises(usual, large, seconds)


def _print_pages(found: dict[str, Times]) -> None:
    bare = middle(found[BARE].spent)
    print(
        f"{'':18}{'p50':>9}{'p95':>9}{'CPU p50':>9}{'p95':>9}{'x bare':>8}"
        f"{'queries':>9}{'page kB':>9}{'+files':>8}{'sent':>6}"
    )
    for name, one in found.items():
        print(
            f"{name:18}{_ms(middle(one.seconds)):>9}{_ms(p95(one.seconds)):>9}"
            f"{_ms(middle(one.spent)):>9}{_ms(p95(one.spent)):>9}{middle(one.spent) / bare:8.1f}"
            f"{one.queries:9}{one.weight / 1000:9.0f}{(one.weight + one.files) / 1000:8.0f}"
            f"{one.sent / 1000:6.0f}"
        )


def _print_promises(usual: dict[str, Times], large: dict[str, Times], seconds: list[float]) -> None:
    print()
    slowest = max(_PROMISED, key=lambda name: p95(usual[name].seconds))
    _promise(
        "work queue, step and board: p95 of server time under 100 ms",
        p95(usual[slowest].seconds) < _PAGE_SECONDS,
        f"{slowest}: {_ms(p95(usual[slowest].seconds))}",
    )
    dearest = max(usual, key=lambda name: middle(usual[name].spent))
    _promise(
        "every page: processor time under 100 ms",
        middle(usual[dearest].spent) < _PAGE_SECONDS,
        f"{dearest}: {_ms(middle(usual[dearest].spent))}",
    )
    more = [name for name in usual if large[name].queries > usual[name].queries]
    _promise("as many queries for five times the patients", not more, ", ".join(more) or "all")
    _promise("completing a step: p95 under 300 ms", p95(seconds) < _STEP_SECONDS, _ms(p95(seconds)))
    heaviest = max(usual, key=lambda name: usual[name].weight + usual[name].files)
    weight = usual[heaviest].weight + usual[heaviest].files
    _promise(
        "a first visit: page and files under 200 kB",
        weight < _HEAVIEST,
        f"{heaviest}: {weight / 1000:.0f} kB",
    )


def _promise(words: str, holds: bool, worst: str) -> None:
    print(f"{'holds' if holds else 'MISSED':8}{words} ({worst})")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
