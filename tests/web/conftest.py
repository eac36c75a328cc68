"""Two clinics with staff who can sign in, and browsers to do it with."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
import yaml
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.secrets import Argon2Secrets
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.templates import load_templates
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.sign_in import Door
from ccm_flow.bootstrap import Settings, open_base
from ccm_flow.core.ids import PersonId
from ccm_flow.web.app import build
from ccm_flow.web.parts import Parts, WebSettings
from ccm_flow.web.security import form_token
from ccm_flow.web.visit import COOKIE, FORM_COOKIE

if TYPE_CHECKING:
    from tests.web.api_site import Api

PASSWORD = "four unrelated quiet words"  # noqa: S105 - made up
CLINIC = """
clinic: {id}
name: {id} Clinic
time_zone: America/New_York
program_owner: lee
staff:
  - {{id: maria, name: Maria Lopez, roles: [coordinator]}}
  - {{id: nat, name: Nat Kim, roles: [nurse]}}
  - {{id: pat, name: Pat Roy, roles: [practitioner]}}
  - {{id: bill, name: Bill Oz, roles: [biller]}}
  - {{id: lee, name: Lee Moss, roles: [program_lead]}}
"""


@dataclass
class StoppedClock:
    """A clock that moves when it is told to."""

    at: datetime = datetime(2026, 12, 1, 15, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@dataclass
class Site:
    """The application with its clock, and browsers for it."""

    parts: Parts
    clock: StoppedClock
    client: TestClient
    password_hash: str
    _known: set[str] = field(default_factory=set)

    def browser(self, application: Any = None) -> TestClient:
        """Give a browser that nobody signed in with yet."""
        shown = application or self.client.app
        return TestClient(shown, base_url="http://ccm.test", follow_redirects=False)

    def account(self, person: str) -> None:
        """Give a person an account with the password of all tests."""
        if person not in self._known:
            self._known.add(person)
            self.parts.accounts.open_account(PersonId(person), person, self.clock.now())
            self.parts.accounts.set_password(PersonId(person), self.password_hash, self.clock.now())

    def signed_in(self, person: str, application: Any = None) -> TestClient:
        """Give a browser in which a person is signed in, to this application or another one."""
        self.account(person)
        browser = self.browser(application)
        done = self.parts.door.start(PersonId(person), self.clock.now())
        browser.cookies.set(COOKIE, done.token)
        browser.headers["x-form-token"] = form_token(done.token)
        return browser

    def public_form(self, browser: TestClient) -> dict[str, str]:
        """Give what a form on a public page carries."""
        browser.get("/sign-in")
        return {"form_token": form_token(browser.cookies[FORM_COOKIE])}


@pytest.fixture(scope="session")
def secrets() -> Argon2Secrets:
    """Hash quickly: how slow real hashing is, is its library's business."""
    return Argon2Secrets(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a database file with its tables and nothing in them: making one takes a while."""
    home = tmp_path_factory.mktemp("empty")
    open_base(Settings.from_environ({"CCM_HOME": str(home)})).engine.dispose()
    return home / "ccm.db"


@pytest.fixture
def make_site(tmp_path: Path, secrets: Argon2Secrets, empty_database: Path) -> Callable[..., Site]:
    """Give what makes a site, for tests that want other settings."""

    def make(*, secure: bool = False, demo: bool = False) -> Site:
        clock = StoppedClock()
        (tmp_path / "home").mkdir(exist_ok=True)
        shutil.copy(empty_database, tmp_path / "home" / "ccm.db")
        base = open_base(Settings.from_environ({"CCM_HOME": str(tmp_path / "home")}), clock=clock)
        store = SqlClinicStore(base.engine)
        for clinic in ("elm", "oak"):
            file = ClinicFile.model_validate(yaml.safe_load(CLINIC.format(id=clinic)))
            store.apply(file, clock.now())
        accounts = SqlAccounts(base.engine)
        parts = Parts(
            base=base,
            accounts=accounts,
            door=Door(accounts, secrets),
            settings=WebSettings(secure=secure, demo=demo),
            wall=clock,
            templates=load_templates(shipped("templates")),
            connect=_nowhere,
        )
        client = TestClient(build(parts), base_url="http://ccm.test", follow_redirects=False)
        return Site(parts, clock, client, secrets.hash_password(PASSWORD))

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Iterator[Site]:
    """Give a site whose Temporal server is away."""
    made = make_site()
    yield made
    made.parts.base.engine.dispose()


async def _nowhere() -> NoReturn:
    raise FlowUnavailableError("not in these tests")


@pytest.fixture
def api(make_site: Callable[..., Site]) -> Iterator["Api"]:
    """Give the API of a clinic whose month has begun."""
    from tests.web.api_site import begin  # noqa: PLC0415 - it needs what this module defines

    made = begin(make_site)
    yield made
    made.engine.dispose()
