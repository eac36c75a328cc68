"""All clinics on one page: whoever sees them, how many queries that takes, and where it leads."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import yaml
from starlette.testclient import TestClient

from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views_clinics import clinics_now
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.clinics_view import KEPT_FOR, BillMemory, BillNow
from ccm_flow.bootstrap import readiness_of
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import ClinicId, OrganizationId
from ccm_flow.core.scorecard import Count
from tests.support.web_patients import ELM, MONTH, add_patients, counted
from tests.web.conftest import CLINIC, Site
from tests.web.records import make_records

CARE = "carebridge"
PLACE = f"/clinics/{ELM}/months/{MONTH}/scorecard"


def with_vendor(site: Site, *clinics: str) -> None:
    for clinic in clinics:
        said = yaml.safe_load(CLINIC.format(id=clinic))
        said["vendor"] = {"id": CARE, "name": "Carebridge"}
        store = SqlClinicStore(site.parts.base.engine)
        store.apply(ClinicFile.model_validate(said), site.clock.now())


def manager(site: Site) -> TestClient:
    store, now = SqlPeople(site.parts.base.engine), site.clock.now()
    person = store.new_person("Vic Vendor", "", ELM, now)
    store.grant(person, Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId(CARE)), now)
    return site.signed_in(person)


def test_a_vendors_manager_sees_the_vendors_clinics_with_numbers_and_words(site: Site) -> None:
    with_vendor(site, "elm", "ash")
    for clinic in ("elm", "oak", "ash"):
        make_records(site.parts.base.engine, clinic)
    text = manager(site).get("/vendor").text
    assert "elm Clinic" in text
    assert "ash Clinic" in text
    assert "oak" not in text
    for row in re.findall(r"<tr>.*?</tr>", text, re.DOTALL)[1:]:
        words = re.findall(r'class="tag[^"]*">(good|watch|act|too early)<', row)
        assert len(words) == 7  # a word in every cell, beside its number
        assert len(re.findall(r"<strong>[^<]+</strong>", row)) == 7


def test_what_is_missing_is_kept_for_some_minutes_and_then_looked_at_again(site: Site) -> None:
    memory, now = BillMemory(), site.clock.now()
    bill = BillNow(3, 40, 2)
    memory.keep(ELM, MONTH, bill, now)
    assert memory.recall(ELM, MONTH, now + KEPT_FOR - timedelta(seconds=1)) == bill
    assert memory.recall(ELM, MONTH, now + KEPT_FOR) is None
    assert memory.recall(ELM, MONTH.next, now) is None
    make_records(site.parts.base.engine, "elm")
    (found,) = clinics_now(site.parts.base.engine, [ELM], now, memory=memory)
    assert (found.pulse.complete, found.pulse.missing_minutes) == (3, 40)


def test_one_organizations_clinics_can_be_asked_for(site: Site) -> None:
    with_vendor(site, "elm", "ash")
    browser = manager(site)
    assert "2 clinics of carebridge" in browser.get(f"/vendor?organization={CARE}").text
    assert "1 clinic of elm" in browser.get("/vendor?organization=elm").text
    assert "There is no such clinic" in browser.get("/vendor?organization=oak").text


def test_the_clinics_numbers_are_those_of_their_own_pages(site: Site) -> None:
    add_patients(site.parts.base.engine, site.clock.now(), 3)
    base = site.parts.base
    (now,) = clinics_now(base.engine, [ELM], base.clock.now())
    report = readiness_of(base, base.record.clinic(ELM), MONTH)
    assert now.pulse.complete == report.ready
    assert now.pulse.missing_minutes == sum(one.missing_minutes for one in report.patients)
    assert now.pulse.patients == 3


@pytest.mark.parametrize("many", [12])
def test_many_clinics_take_as_many_queries_as_two(
    make_site: Callable[..., Site], many: int
) -> None:
    site = make_site()
    names = [f"c{number}" for number in range(many)]
    with_vendor(site, "elm", *names)
    for clinic in ("elm", *names):
        make_records(site.parts.base.engine, clinic)
    engine, now = site.parts.base.engine, site.clock.now()
    made = []
    for clinics in (["elm", names[0]], ["elm", *names]):
        with counted(engine) as queries:
            found = clinics_now(engine, [ClinicId(one) for one in clinics], now)
        assert len(found) == len(clinics)
        made.append(len(queries))
    engine.dispose()
    assert made[0] == made[1]


def test_the_owner_and_the_vendors_manager_see_the_same_page_and_each_number_its_list(
    site: Site,
) -> None:
    with_vendor(site, "elm")
    add_patients(site.parts.base.engine, site.clock.now(), 3)
    store, now = SqlPeople(site.parts.base.engine), site.clock.now()
    owner = store.new_person("Olive Owner", "", ELM, now)
    store.grant(owner, Grant(AccessRole.CLINIC_OWNER, clinic=ELM), now)
    browsers = [site.signed_in(owner), manager(site)]
    pages = [browser.get(PLACE).text.split("<main")[1] for browser in browsers]
    assert re.sub(r"c1ick|[0-9a-f]{32}", "", pages[0]) == re.sub(
        r"c1ick|[0-9a-f]{32}", "", pages[1]
    )
    for which in Count:
        number = int(re.search(rf'/scorecard/{which}">(\d+)</a></td></tr>', pages[0])[1])  # type: ignore[index]
        evidence = browsers[0].get(f"{PLACE}/{which}").text
        assert f'<span class="count">{number}</span>' in evidence
        assert evidence.count('<tr class="evidence">') == number
    assert browsers[0].get(f"{PLACE}/no-such-number").status_code == 404
