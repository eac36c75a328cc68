"""
Every route, every access role, the own clinic, another one and nobody: allowed or not there.

What is expected follows from `core.access.ALLOWS` and the permission that the route names, so a
new route is covered as soon as it is in `GROUPS`. A path parameter that is new needs a value in
`FILLERS` (`tests/web/roles.py`); the test says so.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
import yaml
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.core.access import ALLOWS, AccessRole, Grant, Permission
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId
from ccm_flow.web.app import GROUPS, needs_of
from ccm_flow.web.visit import Need
from tests.web.conftest import CLINIC, Site
from tests.web.records import Records, make_records
from tests.web.roles import FILLERS, OWN, sign_in_as

OTHER = "oak"
STREAMS = frozenset({"/work/news"})
"""Routes that answer for as long as the page is open; whether they begin is asked elsewhere."""
ADMINISTRATORS = AccessRole.ADMINISTRATOR
"""Everywhere by nature: no clinic is another one's to them."""


_SHUT = frozenset({403, 404, 500})


@dataclass(frozen=True)
class Route:
    """One method of one route."""

    method: str
    path: str
    need: Need
    permission: Permission | None

    def filled(self, there: Records) -> str:
        """Give the path with one clinic's ids in it."""
        return re.sub(r"{(\w+)(?::\w+)?}", lambda found: FILLERS[found[1]](there), self.path)

    @property
    def parameters(self) -> list[str]:
        """The names of what has to be filled in."""
        return re.findall(r"{(\w+)(?::\w+)?}", self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _routes() -> list[Route]:
    return [
        Route(method, route.path, need, permission)
        for group in GROUPS
        for route, need, permission in needs_of(group)
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


ROUTES = _routes()
GUARDED = [route for route in ROUTES if route.need is not Need.NOTHING]


@dataclass(frozen=True)
class World:
    """Two clinics with a patient's month each, and somebody of each role at the first."""

    site: Site
    own: Records
    other: Records
    browsers: Mapping[AccessRole, TestClient]

    def ask(self, browser: TestClient, route: Route, there: Records) -> tuple[int, str]:
        """Ask for a route with a clinic's ids; forms are sent empty, with their token."""
        answer = browser.request(route.method, route.filled(there))
        return answer.status_code, answer.text


@pytest.fixture
def world(site: Site) -> World:
    own, other = (
        make_records(site.parts.base.engine, OWN),
        make_records(site.parts.base.engine, OTHER),
    )
    return World(site, own, other, {role: sign_in_as(site, role) for role in AccessRole})


def allowed(route: Route, role: AccessRole) -> bool:
    """Say what the table of permissions says."""
    return route.permission is None or route.permission in ALLOWS[role]


def test_every_parameter_can_be_filled() -> None:
    missing = {
        f"{name} (of {route})"
        for route in ROUTES
        for name in route.parameters
        if name not in FILLERS
    }
    assert not missing, (
        f"FILLERS in tests/web/roles.py has no value for {', '.join(sorted(missing))}."
        " Add the parameter's name with an id from `Records`, and make the row in"
        " tests/web/records.py if there is none yet."
    )


def test_nobody_sees_anything_without_signing_in(world: World) -> None:
    """A page sends to the sign-in, a form too; nothing of a clinic is in the answer."""
    browser = world.site.browser()
    for route in GUARDED:
        for there in (world.own, world.other):
            status, text = world.ask(browser, route, there)
            assert status in {204, 303}, f"{route} answers {status} to nobody"
            assert not there.secrets_in(text), route


def test_a_role_without_the_permission_finds_nothing(world: World) -> None:
    for role, browser in world.browsers.items():
        for route in GUARDED:
            if not allowed(route, role):
                status, text = world.ask(browser, route, world.own)
                assert status == 404, f"{route} answers {status} to {role}"
                assert not world.own.secrets_in(text), (route, role)


def test_no_role_finds_anything_of_another_clinic(world: World) -> None:
    """
    Whatever a role may do at its own clinic, the other clinic's ids do not exist for it.

    What it may not do at its own is refused before anybody looks at whose it is (above).
    """
    for role, browser in world.browsers.items():
        for route in GUARDED:
            if not allowed(route, role) or route.path in STREAMS or _ends_session(route):
                continue
            status, text = world.ask(browser, route, world.other)
            assert not world.other.secrets_in(text), f"{route} shows {role} another clinic's data"
            if route.parameters and role is not ADMINISTRATORS:
                # What is asked may be found wanting (422) before anybody looks at whose it is.
                assert status in {404, 422}, f"{route} answers {status} to {role}"


def test_a_role_with_the_permission_gets_in(world: World) -> None:
    """Pages of the own clinic open; forms, sent empty, are looked at and not refused."""
    shut = []
    for role, browser in world.browsers.items():
        for route in GUARDED:
            if not allowed(route, role) or route.path in STREAMS or _ends_session(route):
                continue
            status, _ = world.ask(browser, route, world.own)
            opens = status in {200, 303, 422} if route.method == "GET" else status not in _SHUT
            if not opens:
                shut.append(f"{route} answers {status} to {role}")
    assert shut == []


def test_the_administrator_never_sees_a_patient(world: World) -> None:
    browser = world.browsers[AccessRole.ADMINISTRATOR]
    for route in GUARDED:
        if route.method == "GET" and route.path not in STREAMS:
            for there in (world.own, world.other):
                _, text = world.ask(browser, route, there)
                assert not there.secrets_in(text), route


def test_a_vendor_manager_sees_the_vendors_clinics_and_nothing_of_another(site: Site) -> None:
    """Two of three clinics: every route opens for both, and the third does not exist."""
    engine = site.parts.base.engine
    for clinic in ("elm", "oak"):
        _with_vendor(site, clinic, "carebridge")
    _with_vendor(site, "ash", "elsewhere")
    first, second, third = (make_records(engine, clinic) for clinic in ("elm", "oak", "ash"))
    browser = _vendor_manager(site, "carebridge")
    shut, seen = [], []
    routes = [one for one in GUARDED if one.path not in STREAMS and not _ends_session(one)]
    for there in (first, second):
        browser.post("/account/clinic", data={"clinic": there.clinic})
        for route in routes:
            if route.method == "GET" and allowed(route, AccessRole.VENDOR_MANAGER):
                answer = browser.get(route.filled(there))
                if answer.status_code in _SHUT:
                    shut.append(f"{route} answers {answer.status_code} at {there.clinic}")
    for route in routes:
        answer = browser.request(route.method, route.filled(third))
        if third.secrets_in(answer.text):
            seen.append(f"{route} shows the third clinic")
        if route.parameters and answer.status_code not in {404, 422}:
            seen.append(f"{route} answers {answer.status_code} for the third clinic")
    assert (shut, seen) == ([], [])


def test_a_vendor_that_has_gone_sees_nothing_any_more(site: Site) -> None:
    _with_vendor(site, "elm", "carebridge")
    there = make_records(site.parts.base.engine, "elm")
    browser = _vendor_manager(site, "carebridge")
    assert browser.get(f"/patients/{there.enrollment}").status_code == 200
    _with_vendor(site, "elm", None)
    answer = browser.get(f"/patients/{there.enrollment}")
    assert answer.status_code == 404
    assert not there.secrets_in(answer.text)


def _with_vendor(site: Site, clinic: str, vendor: str | None) -> None:
    said = yaml.safe_load(CLINIC.format(id=clinic))
    if vendor is not None:
        said["vendor"] = {"id": vendor, "name": vendor.title()}
    store = SqlClinicStore(site.parts.base.engine)
    store.apply(ClinicFile.model_validate(said), site.clock.now())


def _vendor_manager(site: Site, vendor: str) -> TestClient:
    store, now = SqlPeople(site.parts.base.engine), site.clock.now()
    person = store.new_person("Vic Vendor", "", ClinicId(OWN), now)
    grant = Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId(vendor))
    store.grant(PersonId(person), grant, now)
    return site.signed_in(person)


def _ends_session(route: Route) -> bool:
    return route.path == "/sign-out"
