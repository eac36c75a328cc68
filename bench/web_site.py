"""The web application over the big record, with people who are signed in, and what they look at."""

import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx
from sqlalchemy import event
from sqlmodel import Session, col, select

from bench.big_record import BigRecord
from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.tables import CycleRow, StepRow
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.sign_in import Door
from ccm_flow.bootstrap import Base, SystemClock, connect_client
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.state import StepStatus
from ccm_flow.web.app import build as build_app
from ccm_flow.web.parts import Parts, WebSettings
from ccm_flow.web.security import form_token
from ccm_flow.web.visit import COOKIE

BARE: Final = "bare page"
"""The page of one's own account: signing in is recognized, and nothing else is read."""
_FILE: Final = re.compile(rb'"(/static/[^"]+)"')


@dataclass
class Times:
    """What was measured of one page."""

    queries: int
    weight: int
    """Bytes of the page, not packed."""
    files: int
    """Bytes of the own files it names, not packed: what a first visit loads beside it."""
    sent: int
    """The same and the page as a browser is sent them."""
    seconds: list[float] = field(default_factory=list)
    spent: list[float] = field(default_factory=list)
    """Processor time, which says more on a machine that has other work too."""


class Site:
    """The application; nothing goes over a network."""

    def __init__(self, base: Base, big: BigRecord, address: str) -> None:
        self.base = base
        self.big = big
        self.address = address
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

    def browser(self, person: PersonId) -> httpx.AsyncClient:
        """Give a browser in which somebody is signed in."""
        now = self._parts.wall.now()
        if self._parts.accounts.by_person(person) is None:
            self._parts.accounts.open_account(person, person, now)
        token = self._parts.door.start(person, now).token
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self._app),
            base_url="http://ccm.test",
            cookies={COOKIE: token},
            headers={"x-form-token": form_token(token), "accept-encoding": "gzip"},
        )

    async def look(self, clinic: ClinicId, times: int) -> dict[str, Times]:
        """Ask for a clinic's pages in turns, so that a busy machine hurts all alike."""
        lead, coordinator = PersonId(f"{clinic}.dana"), PersonId(f"{clinic}.maria")
        browsers = {lead: self.browser(lead), coordinator: self.browser(coordinator)}
        pages = self._pages(clinic, lead, coordinator)
        found = {}
        for name, (who, path) in pages.items():
            await browsers[who].get(path)
            with self._counting() as seen:
                answer = await browsers[who].get(path)
            assert answer.status_code == httpx.codes.OK, (path, answer.status_code)
            files = [await browsers[who].get(one) for one in _files(answer.content)]
            sent = int(answer.headers["content-length"])
            found[name] = Times(
                queries=len(seen),
                weight=len(answer.content),
                files=sum(len(one.content) for one in files),
                sent=sent + sum(int(one.headers["content-length"]) for one in files),
            )
        for _ in range(times):
            for name, (who, path) in pages.items():
                began, spent = time.perf_counter(), time.process_time()
                await browsers[who].get(path)
                found[name].seconds.append(time.perf_counter() - began)
                found[name].spent.append(time.process_time() - spent)
        return found

    def _pages(
        self, clinic: ClinicId, lead: PersonId, coordinator: PersonId
    ) -> dict[str, tuple[PersonId, str]]:
        enrollment, step = self._somebody(clinic)
        place = f"/clinics/{clinic}/months/{self.big.month}"
        return {
            BARE: (lead, "/account"),
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

    def _somebody(self, clinic: ClinicId) -> tuple[EnrollmentId, str]:
        """Give a patient of a clinic whose month runs, and the address of one of their steps."""
        query = (
            select(CycleRow.enrollment_id, StepRow.cycle_id, StepRow.key)
            .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
            .where(
                CycleRow.clinic_id == clinic,
                CycleRow.month == self.big.month,
                StepRow.status == StepStatus.OPEN,
            )
            .order_by(col(StepRow.cycle_id), col(StepRow.key))
        )
        with Session(self.base.engine) as session:
            enrollment, cycle, key = session.exec(query).first() or ("", "", "")
        return EnrollmentId(enrollment), f"/steps/{cycle}/{key}"

    @contextmanager
    def _counting(self) -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(("BEGIN", "COMMIT")):
                seen.append(statement)

        event.listen(self.base.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.base.engine, "before_cursor_execute", note)


def _files(page: bytes) -> list[str]:
    """Name the own files that a page loads, each once."""
    return sorted({found.decode().replace("&amp;", "&") for found in _FILE.findall(page)})


def middle(values: list[float]) -> float:
    """Give the median."""
    return statistics.median(values)


def p95(values: list[float]) -> float:
    """Give the value that one in twenty is above."""
    return sorted(values)[-(-95 * len(values) // 100) - 1]
