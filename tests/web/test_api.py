"""The API: a token is one person at one clinic, and what is sent twice counts once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlmodel import Session, select, update
from starlette.testclient import TestClient

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.db.tables import (
    AccessLogRow,
    ApiTokenRow,
    ClickRow,
    HappeningRow,
    PatientRow,
    PersonRow,
    StaffRoleRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.app.api_tokens import MadeToken, NewToken, TokenRefusedError, make_token
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.engine import MonthPlan, advance, open_cycle
from ccm_flow.core.events import CycleOpened
from ccm_flow.core.ids import ClinicId, CycleId, PersonId, cycle_id
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.scopes import Scope
from ccm_flow.core.state import CycleStart
from ccm_flow.core.transition import transition
from ccm_flow.core.webhooks import sign
from ccm_flow.web.api.app import scopes_of, sealer_of
from ccm_flow.web.api.caller import RATE
from ccm_flow.web.app import build
from tests.support.set_up import CLINIC, MONTH, set_up_clinic
from tests.web.conftest import Site

NOW = datetime(2037, 12, 1, 15, tzinfo=UTC)
EVERYTHING = frozenset(Scope)
ANN = PersonId("elm.ann")
LEE = PersonId("elm.lee")
OF_ANN = frozenset(
    {
        Scope.READ_WORK,
        Scope.WRITE_WORK,
        Scope.WRITE_TIME,
        Scope.READ_PATIENTS,
        Scope.READ_MONTH,
        Scope.WRITE_HAPPENINGS,
        Scope.READ_PLAYBOOKS,
    }
)


@dataclass
class Api:
    """The API of a clinic with one running month, and programs that call it."""

    site: Site
    cycle: CycleId
    enrollment: str
    keys: Iterator[str] = field(default_factory=lambda: (f"key-{n:08}" for n in range(10**6)))

    @property
    def engine(self) -> Any:
        return self.site.parts.base.engine

    @property
    def tokens(self) -> SqlTokens:
        return SqlTokens(self.engine, sealer_of(self.site.parts))

    def make(self, person: PersonId = ANN, **changes: Any) -> MadeToken:
        values: dict[str, Any] = {
            "clinic": CLINIC,
            "person": person,
            "name": "Test",
            "scopes": OF_ANN,
            "lasts": timedelta(days=30),
            "by": None,
        }
        new = NewToken(**{**values, **changes})
        acting = self.site.parts.accounts.visitor(person)
        return make_token(self.tokens, new, acting, None, self.site.clock.now())

    def program(self, secret: str) -> TestClient:
        client = TestClient(self.site.client.app, base_url="http://ccm.test/api/v1/")
        client.headers["authorization"] = f"Bearer {secret}"
        return client

    def ann(self, *scopes: Scope) -> TestClient:
        return self.program(self.make(scopes=frozenset(scopes) or OF_ANN).secret)

    def post(self, client: TestClient, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"idempotency-key": key or next(self.keys)}
        return client.post(path, json=body or {}, headers=headers)

    def count(self, table: Any) -> int:
        with Session(self.engine) as session:
            return len(session.exec(select(table)).all())


@pytest.fixture
def api(site: Site) -> Api:
    """Give the API with a month that has begun, and a Temporal server that is away."""
    base = site.parts.base
    site.clock.at = NOW
    [enrollment] = set_up_clinic(base.engine)
    plan = base.record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    clinic = base.record.clinic(CLINIC)
    start = CycleStart(
        cycle=cycle_id(enrollment, "monthly", str(MONTH)),
        clinic=CLINIC,
        enrollment=enrollment,
        month=MONTH,
        opens_at=NOW,
        team={role: LEE for role in plan.roles} | {plan.owner: LEE},
        facts={},
        calendar=month_calendar(clinic.hours, MONTH, PlaybookKind.MONTHLY),
        plan=plan,
    )
    layout = MonthPlan(plan, start.calendar, MONTH)
    return _begun(site, start, layout)


def _begun(site: Site, start: CycleStart, layout: MonthPlan) -> Api:
    raise NotImplementedError
