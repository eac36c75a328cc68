"""A clinic whose month runs on the real engine, without a server, and programs that call it."""

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import Response
from sqlalchemy import Engine
from sqlmodel import Session, func, select
from starlette.testclient import TestClient

from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.app.act import Desk
from ccm_flow.app.api_tokens import MadeToken, NewToken, make_token
from ccm_flow.bootstrap import sealer
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, cycle_id
from ccm_flow.core.scopes import Scope
from ccm_flow.web.app import build
from ccm_flow.web.parts import Parts
from tests.support.engine_flow import EngineFlow
from tests.support.set_up import CLINIC, MONTH, MovableClock, set_up_clinic
from tests.web.conftest import Site

NOW = datetime(2037, 12, 1, 15, tzinfo=UTC)
ANN, LEE, PAT = PersonId("elm.ann"), PersonId("elm.lee"), PersonId("elm.pat")
OF_LEE = frozenset(Scope)
OF_ANN = OF_LEE - {Scope.MANAGE_WORK, Scope.WRITE_MONTH}


class EngineParts(Parts):
    """What the pages work with, on the pure engine in place of a server."""

    flow: EngineFlow

    async def desk(self) -> Desk:
        desk = Desk(self.base.record, self.flow, self.base.clock)
        self.flow.desk = desk
        return desk


@dataclass
class Api:
    """The API, and what stands behind it."""

    site: Site
    flow: EngineFlow
    enrollment: EnrollmentId
    application: Any
    _keys: Iterator[int] = field(default_factory=itertools.count)

    @property
    def cycle(self) -> CycleId:
        return cycle_id(self.enrollment, "monthly", str(MONTH))

    @property
    def engine(self) -> Engine:
        return self.site.parts.base.engine

    @property
    def tokens(self) -> SqlTokens:
        return SqlTokens(self.engine, sealer(self.site.parts.base.settings))

    def make(self, person: PersonId = ANN, **changes: Any) -> MadeToken:
        """Make a token for everything the person may do."""
        values: dict[str, Any] = {
            "clinic": CLINIC,
            "person": person,
            "name": "Lab interface",
            "scopes": OF_LEE if person == LEE else OF_ANN,
            "lasts": timedelta(days=30),
            "by": None,
        }
        new = NewToken(**{**values, **changes})
        acting = self.site.parts.accounts.visitor(person)
        return make_token(self.tokens, new, acting, None, self.site.clock.now())

    def program(self, secret: str = "") -> TestClient:
        """Give a program that carries a token."""
        client = TestClient(self.application, base_url="http://ccm.test/api/v1/")
        if secret:
            client.headers["authorization"] = f"Bearer {secret}"
        return client

    def of(self, person: PersonId, *scopes: Scope) -> TestClient:
        """Give a program that acts for somebody."""
        changes = {"scopes": frozenset(scopes)} if scopes else {}
        return self.program(self.make(person, **changes).secret)

    def post(self, client: TestClient, path: str, body: Any = None, key: str = "") -> Response:
        """Send something, under a key of its own when none is given."""
        chosen = {"idempotency-key": key or f"request-{next(self._keys)}"}
        answer: Response = client.post(path, json=body or {}, headers=chosen)
        return answer

    def count(self, table: Any) -> int:
        """Count a table's rows."""
        with Session(self.engine) as session:
            return session.exec(select(func.count()).select_from(table)).one()

    def step(self, key: str = "prepare") -> str:
        """Give a step's address."""
        return f"steps/{self.cycle}/{key}"


def begin(make_site: Callable[..., Site]) -> Api:
    """Make a site whose clinic has a patient in a month that has begun."""
    site = make_site()
    base = site.parts.base
    site.clock.at = NOW - timedelta(days=5)
    [enrollment] = set_up_clinic(base.engine)
    flow = EngineFlow(base.engine, MovableClock(NOW))
    values = {
        name: getattr(site.parts, name)
        for name in ("base", "accounts", "door", "settings", "wall", "templates", "connect")
    }
    parts = EngineParts(**values)
    parts.flow = flow
    flow.desk = Desk(base.record, flow, site.clock)
    site.clock.at = NOW
    asyncio.run(flow.open_month(ClinicId(CLINIC), MONTH))
    return Api(site, flow, enrollment, build(parts))
