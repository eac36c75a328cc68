"""The clinic's patients: who sees them, what is found, and what a list costs."""

import re
from datetime import date, timedelta

import pytest

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.app.records import ConditionRecord, PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import EnrollmentId, OrganizationId, PersonId
from tests.support.web_patients import ELM, EVIL, add_patients, counted
from tests.web.conftest import Site

MARIA, LEE = "elm.maria", "elm.lee"
ROLES = ("elm.maria", "elm.nat", "elm.pat", "elm.bill", "elm.lee")


def status(site: Site, enrollment: EnrollmentId, status: EnrollmentStatus) -> None:
    with writing(site.parts.base.engine) as session:
        session.get_one(EnrollmentRow, enrollment).status = status


@pytest.mark.parametrize("person", ROLES)
def test_everybody_who_cares_for_patients_sees_the_list(site: Site, person: str) -> None:
    add_patients(site.parts.base.engine, site.clock.at, 2)
    answer = site.signed_in(person).get("/patients")
    assert answer.status_code == 200
    assert "MRN-001" in answer.text


def test_an_administrator_sees_no_patient(site: Site) -> None:
    (enrollment,) = add_patients(site.parts.base.engine, site.clock.at)
    site.parts.accounts.grant(
        PersonId("oak.bill"), Grant(AccessRole.ADMINISTRATOR, clinic=ELM), site.clock.at
    )
    browser = site.signed_in("oak.bill")
    browser.post("/account/clinic", data={"clinic": "elm"})
    for path in ("/patients", "/candidates", f"/patients/{enrollment}"):
        assert browser.get(path).status_code == 404


def test_another_clinics_patients_are_not_listed(site: Site) -> None:
    add_patients(site.parts.base.engine, site.clock.at, 2)
    text = site.signed_in("oak.maria").get("/patients").text
    assert "MRN-" not in text
    assert "Nobody is in the program yet" in text


def test_names_are_shown_as_text(site: Site) -> None:
    add_patients(site.parts.base.engine, site.clock.at)
    text = site.signed_in(MARIA).get("/patients").text
    assert EVIL not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_no_link_holds_a_name_or_a_record_number(site: Site) -> None:
    (enrollment,) = add_patients(site.parts.base.engine, site.clock.at)
    browser = site.signed_in(LEE)
    for path in ("/patients", f"/patients/{enrollment}", f"/patients/{enrollment}?show=details"):
        links = " ".join(re.findall(r'(?:href|action)="([^"]*)"', browser.get(path).text))
        assert not re.search(r"MRN|Family|Given|1940-|555-", links)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("find=family002", {"MRN-002"}),
        ("find=GIVEN001", {"MRN-001"}),
        ("find=mrn-00", {"MRN-000", "MRN-001", "MRN-002"}),
        ("find=Given002%20Family002", {"MRN-002"}),
        ("find=%25", set()),
        ("status=active", {"MRN-000", "MRN-001"}),
        ("status=gone", {"MRN-002"}),
        ("status=ended", set()),
        ("status=withdrawn", {"MRN-002"}),
        ("status=in_program", {"MRN-000", "MRN-001"}),
        ("status=nonsense", {"MRN-000", "MRN-001", "MRN-002"}),
        ("stage=active", {"MRN-000", "MRN-001"}),
        ("stage=introduced", set()),
        ("page=99", {"MRN-000", "MRN-001", "MRN-002"}),
    ],
)
def test_patients_are_found(site: Site, query: str, found: set[str]) -> None:
    enrolled = add_patients(site.parts.base.engine, site.clock.at, 3)
    status(site, enrolled[2], EnrollmentStatus.WITHDRAWN)
    answer = site.signed_in(MARIA).get(f"/patients?{query}")
    assert answer.status_code == 200
    assert set(re.findall(r"MRN-\d{3}", answer.text)) == found


def test_a_list_says_the_next_step_and_when_it_is_late(site: Site) -> None:
    add_patients(site.parts.base.engine, site.clock.at)
    browser = site.signed_in(MARIA)
    assert "Review the chart" in browser.get("/patients").text
    assert ">late<" not in browser.get("/patients").text
    site.clock.pass_by(timedelta(days=20))
    assert ">late<" in site.signed_in(MARIA).get("/patients").text


def test_a_longer_list_takes_no_more_queries(site: Site) -> None:
    engine = site.parts.base.engine
    add_patients(engine, site.clock.at, 2)
    browser = site.signed_in(MARIA)
    with counted(engine) as few:
        browser.get("/patients")
    add_patients(engine, site.clock.at, 9)
    with counted(engine) as many:
        browser.get("/patients")
    assert len(many) == len(few)


def test_a_list_has_pages(site: Site) -> None:
    add_patients(site.parts.base.engine, site.clock.at, 51)
    browser = site.signed_in(MARIA)
    assert "page 1 of 2" in browser.get("/patients").text
    second = browser.get("/patients?page=2").text
    assert re.findall(r"MRN-\d{3}", second) == ["MRN-050"]


def test_verdicts_are_judged_once_and_listed_with_their_evidence(site: Site) -> None:
    patients = SqlPatientStore(site.parts.base.engine)
    snomed, since = "http://snomed.info/sct", date(2015, 1, 1)
    diabetes = ConditionRecord("c1", snomed, "44054006", "Diabetes (disorder)", "active", since)
    record = PatientRecord("test", "1", "MRN-1", f"Doe{EVIL}", "Jo", conditions=(diabetes,))
    patient = patients.save(ELM, record, site.clock.at)
    lead = site.signed_in(LEE)
    assert "1 living patient has no verdict" in lead.get("/candidates").text
    assert lead.post("/candidates/judge").headers["location"] == "/candidates?judged=1"
    assert lead.post("/candidates/judge").headers["location"] == "/candidates?judged=0"
    listed = lead.get("/candidates?verdict=not_eligible").text
    assert "MRN-1" in listed
    assert EVIL not in listed
    shown = lead.get(f"/candidates/{patient}")
    assert "May not be offered the program" in shown.text
    assert "<td>Diabetes</td>" in shown.text
    assert "Jan 1, 2015" in shown.text
    assert site.signed_in("oak.lee").get(f"/candidates/{patient}").status_code == 404


def test_only_leads_enroll_and_only_while_the_server_is_there(site: Site) -> None:
    patients = SqlPatientStore(site.parts.base.engine)
    patient = patients.save(ELM, PatientRecord("test", "1", "MRN-1", "Doe", "Jo"), site.clock.at)
    form = {"patient": patient}
    assert site.signed_in(MARIA).post("/candidates/enroll", data=form).status_code == 404
    assert site.signed_in(MARIA).post("/candidates/judge").status_code == 404
    assert site.signed_in(LEE).post("/candidates/enroll", data=form).status_code == 503
    assert "Nobody is in the program yet" in site.signed_in(LEE).get("/patients").text


def test_a_vendors_lead_reaches_the_clinics_of_an_organization_alone(site: Site) -> None:
    (enrollment,) = add_patients(site.parts.base.engine, site.clock.at)
    site.parts.accounts.grant(
        PersonId("oak.bill"),
        Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId("oak")),
        site.clock.at,
    )
    assert site.signed_in("oak.bill").get(f"/patients/{enrollment}").status_code == 404


def test_a_month_that_was_not_checked_yet_is_not_called_complete(site: Site) -> None:
    add_patients(site.parts.base.engine, site.clock.at)
    text = site.signed_in(MARIA).get("/patients").text
    assert "not checked yet" in text
    assert "none found" not in text
