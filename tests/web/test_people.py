"""Accounts are looked after by who may, and what they did is in the access log."""

import re

import pytest
import yaml
from sqlmodel import Session, select
from starlette.testclient import TestClient

from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.tables import AccessLogRow
from ccm_flow.adapters.db.views_places import place_names
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.people import (
    LastAdministratorError,
    NotYoursToChangeError,
    PeopleOffice,
)
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId
from ccm_flow.web.security import form_token
from ccm_flow.web.sign_in_limits import PER_NAME, WINDOW
from ccm_flow.web.visit import FORM_COOKIE
from tests.web.conftest import CLINIC, PASSWORD, Site
from tests.web.records import make_records

MARIA, LEE, NAT = PersonId("elm.maria"), PersonId("elm.lee"), PersonId("elm.nat")
ADMINISTRATOR = Grant(AccessRole.ADMINISTRATOR)
VENDOR = Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId("elm"))


@pytest.fixture
def administrator(site: Site) -> TestClient:
    """Sign an administrator in who is on no clinic's file."""
    person = site.parts.people.new_person("Ada Byron", "", ClinicId("elm"), site.clock.now())
    site.parts.people.grant(person, ADMINISTRATOR, site.clock.now())
    return site.signed_in(person)


@pytest.fixture
def vendor(site: Site) -> TestClient:
    """Sign the vendor's manager in: elm is theirs, oak is not."""
    site.parts.people.grant(LEE, VENDOR, site.clock.now())
    return site.signed_in(LEE)


def told(site: Site) -> list[str]:
    with Session(site.parts.base.engine) as session:
        rows = session.exec(select(AccessLogRow).order_by(AccessLogRow.at))
        return [row.what for row in rows]


def link_in(page: str) -> str:
    found = re.search(r"/invitation/[\w-]+", page)
    assert found
    return found[0]


def test_who_is_invited_sets_a_password_and_is_in(site: Site, administrator: TestClient) -> None:
    asked = administrator.post(f"/people/{MARIA}/invite", data={"username": "maria@elm.test"})
    link = link_in(asked.text)
    assert link not in administrator.get(f"/people/{MARIA}").text
    browser = site.browser()
    form = {**site.public_form(browser), "password": PASSWORD, "again": PASSWORD}
    assert browser.post(link, data=form).status_code == 303
    assert browser.get("/work").status_code == 200
    assert "active" in administrator.get(f"/people/{MARIA}").text


def test_who_is_disabled_is_out_at_once_and_old_links_are_dead(
    site: Site, administrator: TestClient
) -> None:
    maria = site.signed_in(MARIA)
    asked = administrator.post(f"/people/{MARIA}/invite", data={"username": MARIA})
    assert administrator.post(f"/people/{MARIA}/disable").status_code == 303
    assert maria.get("/work").headers["location"].startswith("/sign-in")
    assert site.browser().get(link_in(asked.text)).status_code == 409
    browser = site.browser()
    form = {**site.public_form(browser), "username": MARIA, "password": PASSWORD}
    assert browser.post("/sign-in", data=form).status_code == 401
    assert "account_disabled" in told(site)


def test_the_last_administrator_stays(site: Site, administrator: TestClient) -> None:
    people, now = site.parts.people, site.clock.now()
    office = PeopleOffice(people, site.parts.door)
    ada = next(line for line in site._known if line.startswith("person-"))
    with pytest.raises(LastAdministratorError):
        office.disable(PersonId(ada), None, now)
    office.grant(LEE, ADMINISTRATOR, None, now)
    with pytest.raises(LastAdministratorError):  # Lee has never signed in
        office.disable(PersonId(ada), None, now)
    site.account(LEE)
    office.disable(PersonId(ada), None, now)
    assert administrator.get("/people").status_code == 303


def test_nobody_changes_their_own_access(site: Site, vendor: TestClient) -> None:
    for path in ("disable", "codes"):
        assert vendor.post(f"/people/{LEE}/{path}").status_code == 409
    answer = vendor.post(f"/people/{LEE}/grant", data={"role": "clinic_owner|elm"})
    assert answer.status_code == 409


def test_a_vendor_cannot_make_administrators_or_take_their_accounts(
    site: Site, vendor: TestClient
) -> None:
    assert vendor.post(f"/people/{NAT}/grant", data={"role": "administrator|"}).status_code == 409
    site.parts.people.grant(NAT, ADMINISTRATOR, site.clock.now())
    assert vendor.post(f"/people/{NAT}/invite", data={"username": "nat"}).status_code == 409
    assert "reaches further" in vendor.get(f"/people/{NAT}").text


def test_people_of_another_clinic_do_not_exist(site: Site, vendor: TestClient) -> None:
    assert vendor.get("/people/oak.maria").status_code == 404
    assert vendor.post("/people/oak.maria/disable").status_code == 404
    assert "oak." not in vendor.get("/people?everybody=1").text


@pytest.mark.parametrize("path", [f"/people/{NAT}", "/people", "/access-log?kind=accounts"])
@pytest.mark.parametrize(
    "elsewhere",
    [
        Grant(AccessRole.CLINIC_OWNER, organization=OrganizationId("oak")),
        Grant(AccessRole.CLINIC_OWNER, clinic=ClinicId("oak")),
        Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId("oak")),
    ],
    ids=["owner-for", "owner-at", "vendor-for"],
)
def test_what_somebody_is_at_another_clinic_is_named_to_administrators_alone(
    site: Site, vendor: TestClient, administrator: TestClient, path: str, elsewhere: Grant
) -> None:
    office, now = PeopleOffice(site.parts.people, site.parts.door), site.clock.now()
    here = Grant(AccessRole.CLINIC_OWNER, organization=OrganizationId("elm"))
    for grant in (here, elsewhere):
        office.grant(NAT, grant, None, now)
    office.withdraw(_given(site, NAT)[1], None, now)
    office.grant(NAT, elsewhere, None, now)
    seen, all_of_it = vendor.get(path), administrator.get(path)
    assert (seen.status_code, all_of_it.status_code) == (200, 200)
    names = place_names(site.parts.base.engine)
    assert names.where(elsewhere) not in seen.text
    assert names.where(elsewhere) in all_of_it.text
    assert names.where(here) in seen.text


def test_a_vendor_that_works_at_the_clinic_may_be_named(site: Site, vendor: TestClient) -> None:
    text = CLINIC.format(id="elm") + "vendor: {id: acme, name: Acme}\n"
    file = ClinicFile.model_validate(yaml.safe_load(text))
    SqlClinicStore(site.parts.base.engine).apply(file, site.clock.now())
    office = PeopleOffice(site.parts.people, site.parts.door)
    manager = Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId("acme"))
    office.grant(NAT, manager, None, site.clock.now())
    page = vendor.get(f"/people/{NAT}").text
    assert page.count("for Acme") >= 2, "under the roles, and in what happened"


def test_a_role_that_is_taken_back_allows_nothing_any_more(
    site: Site, administrator: TestClient
) -> None:
    site.account(NAT)
    administrator.post(f"/people/{NAT}/grant", data={"role": "vendor_manager|elm"})
    nat = site.signed_in(NAT)
    assert nat.get("/people").status_code == 200
    page = administrator.get(f"/people/{NAT}").text
    given = re.search(r'name="given" value="(\w+)"', page)
    assert given
    administrator.post(f"/people/{NAT}/withdraw", data={"given": given[1]})
    assert nat.get("/people").status_code == 404
    assert {"access_granted", "access_withdrawn"} <= set(told(site))


def test_a_role_cannot_be_taken_back_through_another_person(site: Site) -> None:
    people, now = site.parts.people, site.clock.now()
    people.grant(LEE, VENDOR, now)
    people.grant(NAT, ADMINISTRATOR, now)
    given = next(one for one in _given(site, NAT))
    office = PeopleOffice(people, site.parts.door)
    with pytest.raises(NotYoursToChangeError):
        office.withdraw(given, LEE, now)


def _given(site: Site, person: PersonId) -> list[str]:
    from ccm_flow.adapters.db.views_people import person_view  # noqa: PLC0415

    view = person_view(site.parts.base.engine, person, site.clock.now())
    assert view is not None
    return [one.id for one in view.given]


def test_a_newcomer_gets_an_account_and_one_role(site: Site, administrator: TestClient) -> None:
    form = {"name": "Olive Owner", "email": "olive@elm.test", "role": "clinic_owner|elm"}
    answer = administrator.post("/people", data=form)
    assert link_in(answer.text)
    assert "Olive Owner" in administrator.get("/people").text
    again = administrator.post("/people", data=form)
    assert (again.status_code, "taken" in again.text) == (409, True)


def test_the_access_log_names_patients_only_to_who_may_see_them(
    site: Site, administrator: TestClient
) -> None:
    records = make_records(site.parts.base.engine, "elm")
    maria, lee = site.signed_in(MARIA), site.signed_in(LEE)
    assert maria.get("/access-log").status_code == 404
    accounts = site.parts.accounts
    from ccm_flow.app.accounts import AccessEvent  # noqa: PLC0415

    accounts.log(
        AccessEvent.PATIENT_SEEN,
        site.clock.now(),
        person=MARIA,
        clinic=records.clinic,
        patient=records.patient,
    )
    seen = lee.get("/access-log?kind=looks&person=elm.maria").text
    assert records.secrets[0] in seen
    hidden = administrator.get("/access-log?kind=looks").text
    assert "Looked at a patient" in hidden
    assert not records.secrets_in(hidden)


def test_the_access_log_of_a_clinic_tells_nothing_of_another(site: Site) -> None:
    lee = site.signed_in(LEE)
    site.signed_in("oak.maria")
    page = lee.get("/access-log").text
    assert page.count("Signed in") == 1


def test_too_many_tries_are_stopped_for_a_while_whoever_they_are_for(site: Site) -> None:
    browser = site.browser()
    browser.get("/sign-in")
    form = {"form_token": form_token(browser.cookies[FORM_COOKIE]), "password": "wrong"}
    codes = [
        browser.post("/sign-in", data={**form, "username": "nobody"}).status_code
        for _ in range(PER_NAME + 1)
    ]
    assert codes == [401] * PER_NAME + [429]
    stopped = browser.post("/sign-in", data={**form, "username": "nobody"})
    assert int(stopped.headers["retry-after"]) <= WINDOW.total_seconds()
    site.clock.pass_by(WINDOW)
    assert browser.post("/sign-in", data={**form, "username": "nobody"}).status_code == 401
    assert "too_many_tries" in told(site)


def test_clinics_and_organizations_are_called_by_their_names(site: Site) -> None:
    lee, now = site.signed_in(LEE), site.clock.now()
    store = SqlPeople(site.parts.base.engine)
    store.grant(PersonId(LEE), Grant(AccessRole.VENDOR_MANAGER, clinic=ClinicId("oak")), now)
    account = lee.get("/account").text
    assert ">oak Clinic</option>" in account
    assert "oak Clinic: vendor manager" in account
    lee.post("/account/clinic", data={"clinic": "oak"})
    shown = lee.get("/people").text
    assert "Who can reach oak Clinic" in shown
    assert "vendor manager at oak Clinic" in shown
