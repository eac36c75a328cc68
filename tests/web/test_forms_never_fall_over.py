"""
Whatever a form is sent, no page falls over, and no other clinic's patient is in the answer.

Every route that takes a form is sent what its page would send, with a few of its fields spoiled:
emptied, left out, sent twice, sent as a file, far too long, another clinic's id. The names of the
fields are read out of the pages and the routes, so a new form is covered by itself.
"""

import inspect
import re
import traceback
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from fastapi.routing import APIRoute
from httpx import Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ccm_flow.core.access import ALLOWS, AccessRole, Permission
from ccm_flow.core.ids import PersonId, StepKey
from ccm_flow.web.app import GROUPS, needs_of
from ccm_flow.web.visit import Need
from tests.web.api_site import MONTH, Api
from tests.web.forms_on_pages import Fields, Forms
from tests.web.records import Records, make_records
from tests.web.roles import FILLERS, OWN, sign_in_as

QUIET = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
SCRIPT: Final = "<script>alert(1)</script>"
MEGABYTE: Final = "a" * 1_000_000
FILE, TWICE, GONE = "(a file)", "(twice)", "(gone)"
HOSTILE: Final = (
    *("", " ", FILE, TWICE, GONE, MEGABYTE, SCRIPT, "\x00", "😀\u202e", "'; --", "../..", "|", ":"),
    *("-1", "0", "9" * 30, "9" * 400, "1e400", "nan", "²", "٣", "0.5", "true", "null", "[]", "{}"),
    *("2026-13", "0000-00", "9999-12", "2026-12-32T25:00", "0001-01-01T00:00", "9999-12-31T23:59"),
    *("http://[", "//ccm.example", "+99:99", "2026-12-01T10:00+14:00"),
)
OTHER: Final = "oak"
STAFF: Final = {
    AccessRole.COORDINATOR: "ann",
    AccessRole.NURSE: "nat",
    AccessRole.PRACTITIONER: "pat",
    AccessRole.BILLER: "bob",
    AccessRole.OPERATIONS_LEAD: "lee",
}
_LEFT: Final = frozenset({"/work/news", "/sign-out"})
"""One answers for as long as it is open, one ends the session."""
_READ: Final = re.compile(r'\.(?:text|word|minutes|moment|get|getlist)\(\s*"([\w.]+)"')


@dataclass(frozen=True)
class Sent:
    """One form, with what takes the place of a few of its values."""

    spoiled: Mapping[str, str]
    role: AccessRole
    place: str
    """Whose ids stand in the address."""


@dataclass(frozen=True)
class World:
    """Two clinics, somebody of each role at one of them, and what its pages' forms send."""

    places: Mapping[str, Records]
    other: Records
    browsers: Mapping[AccessRole, TestClient]
    forms: Mapping[str, Fields]

    def values(self, route: APIRoute) -> Fields:
        """Give what a form would send if nothing were wrong with it."""
        known = dict.fromkeys((*_names(route), "click"), "1")
        for address, fields in self.forms.items():
            if route.path_regex.fullmatch(urlsplit(address).path):
                known |= fields
        return {**known, "click": uuid.uuid4().hex}

    def others(self) -> tuple[str, ...]:
        """Give ids and addresses that exist only for the other clinic."""
        there = self.other
        ids = (there.clinic, there.enrollment, there.patient, there.cycle, there.person)
        more = (there.draft, there.note, there.entry, there.sha256)
        return (*ids, *more, f"{there.cycle}|{there.step}", f"{there.person}|coordinator")


def test_no_form_falls_over_or_shows_another_clinics_patient(api: Api) -> None:
    world = _world(api)
    found: list[str] = []
    for route, permission in _routes():
        found += _try(world, route, permission)
    assert found == []


def _try(world: World, route: APIRoute, permission: Permission | None) -> list[str]:
    roles = [role for role in AccessRole if permission is None or permission in ALLOWS[role]]
    values, complaints = world.values(route), []

    @QUIET
    @given(sent=_sent(world, sorted(values), roles))
    def check(sent: Sent) -> None:
        there = world.places[sent.place]
        path = _path(route, there)
        shown = {name: text[:40] for name, text in sent.spoiled.items()}
        try:
            answer = _post(world.browsers[sent.role], path, {**values, **sent.spoiled})
        except Exception as error:  # noqa: BLE001 - all are told at once
            at = traceback.extract_tb(error.__traceback__)[-1]
            complaints.append(f"{path} {shown}: {error!r:.200} at {at.filename}:{at.lineno}")
            return
        said = f"{path} answers {answer.status_code} to {sent.role} for {shown}"
        if answer.status_code >= 500 and answer.status_code != 503:
            complaints.append(said)
        if world.other.secrets_in(answer.text) or SCRIPT in answer.text:
            complaints.append(f"{said} and shows what it must not")

    check()
    return complaints


def _world(api: Api) -> World:
    kept, other = (make_records(api.engine, clinic) for clinic in (OWN, OTHER))
    live = replace(kept, cycle=api.cycle, enrollment=api.enrollment, step=StepKey("prepare"))
    live = replace(live, month=str(MONTH), person=PersonId(f"{OWN}.nat"))
    browsers = {role: sign_in_as(api.site, role, STAFF, api.application) for role in AccessRole}
    pages = [
        browsers[role].get(_path(route, there)).text
        for there in (live, kept)
        for route, permission in _routes("GET")
        for role in (AccessRole.VENDOR_MANAGER, AccessRole.BILLER)
        if permission is None or permission in ALLOWS[role]
    ]
    places = {"live": live, "kept": kept, "other": other}
    return World(places, other, browsers, Forms.on(pages))


def _routes(method: str = "POST") -> list[tuple[APIRoute, Permission | None]]:
    return [
        (route, permission)
        for group in GROUPS
        for route, need, permission in needs_of(group)
        if method in (route.methods or ()) and need is not Need.NOTHING and route.path not in _LEFT
    ]


def _path(route: APIRoute, there: Records) -> str:
    return re.sub(r"{(\w+)(?::\w+)?}", lambda name: FILLERS[name[1]](there), route.path)


def _names(route: APIRoute) -> set[str]:
    """Name the fields that a route reads: those it declares, and those its module asks for."""
    declared = {field.alias for field in route.dependant.body_params}
    return declared | set(_READ.findall(inspect.getsource(inspect.getmodule(route.endpoint) or re)))


def _sent(world: World, names: list[str], roles: list[AccessRole]) -> st.SearchStrategy[Sent]:
    return st.builds(
        Sent,
        spoiled=st.dictionaries(
            st.sampled_from(names), st.sampled_from((*HOSTILE, *world.others())), max_size=3
        ),
        role=st.sampled_from(roles),
        place=st.sampled_from(("live", "live", "kept", "other")),
    )


def _post(browser: TestClient, path: str, values: Fields) -> Response:
    """Send a form, in parts when one of its values is a file."""
    pairs = [(name, text) for name, text in values.items() if text not in {GONE, FILE}]
    data: dict[str, list[str]] = {
        name: ["one", "two"] if text == TWICE else [text] for name, text in pairs
    }
    files = {name: ("notes.txt", b"\x00\xff") for name, text in values.items() if text == FILE}
    return browser.post(path, data=data, files=files or None)
