"""
Nobody ever sees a row of a clinic that is not theirs, however roles and vendors came and went.

Organizations, vendors' histories and what a person was given are drawn at random. What they may
see is worked out here anew, clinic by clinic and line by line, without the code that the pages
use; then every page and every query is asked, and what comes back is searched for the words by
which each clinic's patient is told apart.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import yaml
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete

from ccm_flow.adapters.db.desk_store import work_version
from ccm_flow.adapters.db.digest_store import SqlDigests
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.letter_store import SqlLetters
from ccm_flow.adapters.db.message_store import messages
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import AccessGrantRow, ClinicVendorRow, StaffRoleRow
from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.adapters.db.views_alerts import alerts
from ccm_flow.adapters.db.views_clinics import clinics_now
from ccm_flow.adapters.db.views_timer import page_head
from ccm_flow.app.alerts import AlertQuery
from ccm_flow.app.api_tokens import NewToken, token_hash
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.bootstrap import sealer
from ccm_flow.core.access import ALLOWS, AccessRole, Permission
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId, RoleId
from ccm_flow.core.scopes import Scope
from ccm_flow.web.api.app import ROUTERS
from tests.web.conftest import CLINIC, Site
from tests.web.records import MONTH, Records, add_message, add_step, make_records
from tests.web.roles import FILLERS
from tests.web.test_access_matrix import GUARDED, STREAMS, Route

CLINICS = ("elm", "oak", "ash")
VENDORS = ("care", "bridge")
TODAY = date(2026, 12, 1)
EXAMPLES = int(os.environ.get("CCM_ISOLATION_EXAMPLES", "3"))
"""Raised by hand for a long run: each example asks some sixty pages and queries."""
PAGES = [one for one in GUARDED if one.method == "GET" and one.path not in STREAMS]
API_READS = [
    route.path
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
]
PATIENTS = frozenset({Permission.SEE_WORK, Permission.SEE_PATIENTS, Permission.SEE_MONTH})


@dataclass(frozen=True)
class Span:
    """A vendor worked at a clinic from so many days ago until so many days ago, or still does."""

    clinic: str
    vendor: str
    began: int
    ended: int | None


@dataclass(frozen=True)
class Given:
    """A role that somebody was given somewhere, and perhaps no longer has."""

    role: AccessRole
    clinic: str | None
    organization: str | None
    withdrawn: bool


@dataclass(frozen=True)
class Life:
    """How it came about what a person may see."""

    spans: tuple[Span, ...]
    given: tuple[Given, ...]
    staff: tuple[tuple[str, str], ...]
    """Clinics on whose staff the person is, and as what."""


def lives() -> st.SearchStrategy[Life]:
    span = st.builds(
        Span,
        st.sampled_from(CLINICS),
        st.sampled_from(VENDORS),
        st.integers(1, 400),
        st.none() | st.integers(1, 300),
    )
    places = st.one_of(
        st.tuples(st.sampled_from(CLINICS), st.none()),
        st.tuples(st.none(), st.sampled_from(CLINICS + VENDORS)),
        st.just((None, None)),
    )
    roles = st.sampled_from(list(AccessRole))
    given_ = st.builds(
        lambda role, place, withdrawn: Given(role, *place, withdrawn),
        roles,
        places,
        st.booleans(),
    )
    staff = st.tuples(
        st.sampled_from(CLINICS), st.sampled_from(["coordinator", "nurse", "program_lead"])
    )
    return st.builds(
        Life,
        st.lists(span, max_size=4, unique_by=lambda one: (one.clinic, one.vendor, one.began)).map(
            tuple
        ),
        st.lists(given_, max_size=3).map(tuple),
        st.lists(staff, max_size=2, unique=True).map(tuple),
    )


def scope(life: Life, permission: Permission) -> set[str]:
    """Work out, clinic by clinic, where something is allowed: the oracle."""
    found = set()
    playbook_roles = {
        "coordinator": AccessRole.COORDINATOR,
        "nurse": AccessRole.NURSE,
        "program_lead": AccessRole.OPERATIONS_LEAD,
    }
    for clinic in CLINICS:
        held = {playbook_roles[role] for where, role in life.staff if where == clinic}
        for one in life.given:
            if one.withdrawn:
                continue
            everywhere = one.clinic is None and one.organization is None
            if everywhere or clinic in {one.clinic, one.organization}:
                held.add(one.role)
            elif one.role is AccessRole.VENDOR_MANAGER:
                works = [
                    span
                    for span in life.spans
                    if span.clinic == clinic
                    and span.vendor == one.organization
                    and span.ended is None
                ]
                if works:
                    held.add(one.role)
        if any(permission in ALLOWS[role] for role in held):
            found.add(clinic)
    return found


@dataclass
class World:
    """Three clinics with a patient's month each, into which people are put and taken out."""

    site: Site
    records: dict[str, Records]
    people: int = 0

    def arrange(self, life: Life) -> PersonId:
        """Let a person come to be what the life says."""
        engine, now = self.site.parts.base.engine, self.site.clock.now()
        store = SqlPeople(engine)
        self.people += 1
        person = store.new_person(f"Person {self.people}", "one@ccm.example", ClinicId("elm"), now)
        with writing(engine) as session:
            session.exec(delete(ClinicVendorRow))
            for span in life.spans:
                until = None if span.ended is None else TODAY - timedelta(days=span.ended)
                session.add(
                    ClinicVendorRow(
                        clinic_id=ClinicId(span.clinic),
                        organization_id=OrganizationId(span.vendor),
                        from_day=TODAY - timedelta(days=max(span.began, span.ended or 0)),
                        until_day=until,
                    )
                )
                session.flush()
            for clinic, role in life.staff:
                row = StaffRoleRow(clinic_id=ClinicId(clinic), role=RoleId(role), person_id=person)
                session.add(row)
            for number, one in enumerate(life.given):
                session.add(
                    AccessGrantRow(
                        id=f"{person}-{number}",
                        person_id=person,
                        role=one.role,
                        clinic_id=ClinicId(one.clinic) if one.clinic else None,
                        organization_id=OrganizationId(one.organization)
                        if one.organization
                        else None,
                        granted_at=now,
                        withdrawn_at=now if one.withdrawn else None,
                    )
                )
        for clinic in CLINICS:
            add_message(engine, self.records[clinic], person, number=self.people)
        return person

    def leaks(self, text: str, allowed: Collection[str]) -> list[str]:
        """Name the clinics whose patient is in a text without being allowed to."""
        return [
            clinic
            for clinic, there in self.records.items()
            if clinic not in allowed and there.secrets_in(text)
        ]


def filled(path: str, there: Records) -> str:
    """Give an address of the API with one clinic's ids in it."""
    return re.sub(r"{(\w+)}", lambda found: FILLERS[found[1]](there), path)


def make_world(site: Site) -> World:
    engine, now = site.parts.base.engine, site.clock.now()
    store = SqlClinicStore(engine)
    for clinic, vendor in zip(CLINICS, ("care", "bridge", "care"), strict=True):
        said = yaml.safe_load(CLINIC.format(id=clinic))
        said["vendor"] = {"id": vendor, "name": vendor.title()}
        store.apply(ClinicFile.model_validate(said), now)
    return World(site, {clinic: make_records(engine, clinic) for clinic in CLINICS})


def test_no_query_gives_a_row_beyond_what_a_person_may_see(site: Site) -> None:
    world = make_world(site)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 100,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        life=lives(),
        pages=st.lists(st.sampled_from(PAGES), min_size=5, max_size=5, unique_by=str),
        at=st.sampled_from(CLINICS),
    )
    def check(life: Life, pages: list[Route], at: str) -> None:
        person = world.arrange(life)
        _check_reach(world, life, person)
        _check_queries(world, life, person)
        _check_pages(world, life, person, pages)
        _check_api(world, life, person, at)

    check()


def _check_reach(world: World, life: Life, person: PersonId) -> None:
    visitor = world.site.parts.accounts.visitor(person)
    for permission in Permission:
        assert set(visitor.clinics(permission)) == scope(life, permission), permission


def _check_queries(world: World, life: Life, person: PersonId) -> None:
    """Ask everything that is asked over several clinics, as the pages ask it."""
    base = world.site.parts.base
    engine, now = base.engine, base.clock.now()
    visitor = world.site.parts.accounts.visitor(person)
    works, months = scope(life, Permission.SEE_WORK), scope(life, Permission.SEE_MONTH)
    mine = visitor.clinics(Permission.SEE_WORK)
    told = messages(engine, person, mine, start=0, new_only=False)
    assert {one.clinic for one in told} == works
    assert page_head(engine, person, mine, now).unread == len(works)
    raised = alerts(engine, AlertQuery(mine))
    assert {one.alert.clinic for one in raised} == works
    seen = visitor.clinics(Permission.SEE_MONTH)
    assert {one.clinic for one in clinics_now(engine, seen, now)} == months
    for vendor in VENDORS:
        some = clinics_now(engine, seen, now, OrganizationId(vendor))
        assert {one.clinic for one in some} <= months
    letters = SqlLetters(engine)
    for clinic in CLINICS:
        letters.choose(ClinicId(clinic), person, wanted=True, now=now)
    with reading(engine) as session:
        for clinic in CLINICS:
            readers = letters._readers(session, ClinicId(clinic), MONTH)
            assert (person in {one.person for one in readers}) <= (clinic in months)
    for clinic in CLINICS:
        due = {one.person for one in SqlDigests(engine).recipients(ClinicId(clinic), TODAY, now)}
        assert (person in due) <= (clinic in {where for where, _ in life.staff})


def _check_pages(world: World, life: Life, person: PersonId, pages: list[Route]) -> None:
    browser = world.site.signed_in(person)
    visible = set().union(*(scope(life, one) for one in PATIENTS))
    for clinic, there in world.records.items():
        page = browser.get(f"/patients/{there.enrollment}")
        opens = page.status_code == 200
        assert opens == bool(there.secrets_in(page.text))
        assert opens == (clinic in scope(life, Permission.SEE_PATIENTS))
        for route in pages:
            answer = browser.get(route.filled(there))
            assert not world.leaks(answer.text, visible), f"{route} at {clinic}"
            if route.permission in PATIENTS and clinic not in scope(life, route.permission):
                narrows = route.parameters or route.permission not in _anywhere(life)
                assert not narrows or answer.status_code in {404, 422}, f"{route} at {clinic}"
    found = browser.get("/patients?search=Quiet").text
    assert not world.leaks(found, scope(life, Permission.SEE_PATIENTS))


def _anywhere(life: Life) -> set[Permission]:
    return {one for one in Permission if scope(life, one)}


def _check_api(world: World, life: Life, person: PersonId, clinic: str) -> None:
    """Ask the API with a token for one clinic, with the ids of all of them."""
    parts = world.site.parts
    tokens = SqlTokens(parts.base.engine, sealer(parts.base.settings))
    now = world.site.clock.now()
    new = NewToken(
        clinic=ClinicId(clinic),
        person=person,
        name="Any",
        scopes=frozenset(Scope),
        lasts=timedelta(days=1),
        by=None,
    )
    secret = f"ccm_{person}"
    tokens.add(new, token_hash(secret), now)
    caller = world.site.browser()
    caller.headers["authorization"] = f"Bearer {secret}"
    allowed = {clinic} & set().union(*(scope(life, one) for one in PATIENTS))
    for there in world.records.values():
        for path in API_READS:
            answer = caller.get("/api/v1" + filled(path, there))
            assert not world.leaks(answer.text, allowed), f"{path} for {clinic}"


def test_what_happens_at_one_clinic_is_no_news_at_another(site: Site) -> None:
    world = make_world(site)
    engine = site.parts.base.engine
    before = work_version(engine, ClinicId("elm"))
    add_step(engine, world.records["oak"], "extra", RoleId("coordinator"), "oak.maria")
    assert work_version(engine, ClinicId("elm")) == before
    assert work_version(engine, ClinicId("oak")) != before
