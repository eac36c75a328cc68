"""A care plan in the browser: written, given, and never lost between two who write it."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from ccm_flow.adapters.db.care_plan_rows import plan_in
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    CarePlanApprovalRow,
    CarePlanRow,
    CarePlanShareRow,
    PatientEditRow,
)
from ccm_flow.core.care_plan import TITLES, Goal
from ccm_flow.core.ids import RoleId
from tests.support.web_patients import add_patients
from tests.web.conftest import Site
from tests.web.records import add_step, make_records

MARIA, NAT, PAT = "elm.maria", "elm.nat", "elm.pat"


@pytest.fixture
def patient(site: Site) -> str:
    """Give a patient without a care plan."""
    (enrollment,) = add_patients(site.parts.base.engine, site.clock.at)
    site.clock.pass_by(timedelta(hours=3))
    return enrollment


def form(click: str, upon: int = 0, **other: str) -> dict[str, str]:
    return {
        "click": click,
        "upon": str(upon),
        "f.problems": "diabetes\nhypertension",
        "f.outcome": "Stable",
        "goals.0.goal": "Walk more",
        "goals.0.measure": "steps",
        "goals.1.goal": "",
        **other,
    }


def versions(site: Site) -> list[CarePlanRow]:
    with reading(site.parts.base.engine) as session:
        return list(session.exec(select(CarePlanRow).order_by(CarePlanRow.version)).all())


def write(browser: TestClient, patient: str, sent: dict[str, str]) -> str:
    done = browser.post(f"/patients/{patient}/care-plan", data=sent)
    return done.headers.get("location", "").rpartition("done=")[2] or done.text


def test_a_plan_is_kept_once_with_what_it_still_lacks(site: Site, patient: str) -> None:
    nat = site.signed_in(NAT)
    assert "Write the plan" in nat.get(f"/patients/{patient}?show=plan").text
    assert write(nat, patient, form("p1")) == "plan"
    assert write(nat, patient, form("p1")) in {"plan", "nothing"}
    (one,) = versions(site)
    assert plan_in(one).problems == ("diabetes", "hypertension")
    assert plan_in(one).goals == (Goal("Walk more", "steps"),)
    page = nat.get(f"/patients/{patient}?show=plan").text
    assert "The goal &#39;Walk more&#39; is not measurable" in page
    assert write(nat, patient, form("p2", 1)) == "nothing"


def test_two_who_write_at_once_lose_nothing(site: Site, patient: str) -> None:
    """Sent again, nothing is kept over a colleague's words before somebody has read them."""
    nat, maria = site.signed_in(NAT), site.signed_in(MARIA)
    assert write(nat, patient, form("n1")) == "plan"
    first = {"f.outcome": "Nat's words", "f.caregiver": "Her son"}
    assert write(nat, patient, form("n2", 1, **first)) == "plan"
    mine = {"f.outcome": "Maria's words"}
    for click in ("m1", "m2"):
        refused = write(maria, patient, form(click, 1, **mine))
        assert "Nat Kim has written version 2 in the meantime." in refused
        assert "Maria&#39;s words" in refused
        assert "Nat&#39;s words" in refused
        assert 'name="upon" value="1"' in refused
        assert re.search(r"<textarea[^>]*>Her son</textarea>", refused)
    assert [one.version for one in versions(site)] == [1, 2]
    assert write(maria, patient, form("m3", 1, **mine, over="2")) == "plan"
    assert [one.version for one in versions(site)] == [1, 2, 3]
    assert "written version 3" in write(nat, patient, form("n3", 1, **first, over="2"))


def test_a_form_that_was_wrong_still_stands_for_the_version_it_showed(
    site: Site, patient: str
) -> None:
    nat, maria = site.signed_in(NAT), site.signed_in(MARIA)
    write(nat, patient, form("n1"))
    write(nat, patient, form("n2", 1, **{"f.outcome": "Nat's words"}))
    refused = write(maria, patient, form("m1", 1, **{"f.review_on": "next year"}))
    assert "is not a date" in refused
    assert re.search(r'care-plan".*?name="upon" value="1"', refused, re.DOTALL)


def test_what_cannot_be_read_comes_back_with_all_that_was_typed(site: Site, patient: str) -> None:
    nat = site.signed_in(NAT)
    bad = form("b1", **{"goals.0.by": "soon", "f.review_on": "next year", "f.caregiver": "<b>Ann"})
    refused = write(nat, patient, bad)
    assert "&#39;soon&#39; is not a date" in refused
    assert "&#39;next year&#39; is not a date" in refused
    assert "&lt;b&gt;Ann" in refused
    assert "It is empty." in write(nat, patient, {"click": "e1", "upon": "0"})
    assert versions(site) == []


def test_that_it_was_given_is_kept_once(site: Site, patient: str) -> None:
    nat = site.signed_in(NAT)
    given = {"click": "g1", "upon": "1", "to": "caregiver", "how": "portal"}
    assert nat.post(f"/patients/{patient}/care-plan/share", data=given).status_code == 409
    write(nat, patient, form("p1"))
    for _ in range(2):
        assert nat.post(f"/patients/{patient}/care-plan/share", data=given).status_code == 303
    with reading(site.parts.base.engine) as session:
        assert len(session.exec(select(CarePlanShareRow)).all()) == 1
    unknown = {**given, "click": "g2", "how": "pigeon"}
    assert nat.post(f"/patients/{patient}/care-plan/share", data=unknown).status_code == 422


def test_what_is_approved_or_given_is_the_version_that_was_shown(site: Site, patient: str) -> None:
    pat, nat = site.signed_in(PAT), site.signed_in(NAT)
    complete = {f"f.{name}": "none needed" for name in TITLES} | {"f.review_on": "2038-01-04"}
    goal = {"goals.0.target": "5,000 a day", "goals.0.by": "2038-01-04"}
    who = {"interventions.0.what": "Monthly call", "interventions.0.who": "coordinator"}
    assert write(nat, patient, form("p1", **complete, **goal, **who)) == "plan"
    shown = pat.get(f"/patients/{patient}?show=plan").text
    assert "Approve version 1" in shown
    assert shown.count('name="upon" value="1"') == 3
    assert write(nat, patient, form("p2", 1, **{"f.outcome": "Unread"}, **goal)) == "plan"
    for act in ("approve", "share"):
        sent = {"click": act, "upon": "1", "to": "patient", "how": "copy"}
        refused = pat.post(f"/patients/{patient}/care-plan/{act}", data=sent)
        assert refused.status_code == 409
        assert "Nat Kim has written version 2 in the meantime." in refused.text
        del sent["upon"]
        unsaid = pat.post(f"/patients/{patient}/care-plan/{act}", data=sent)
        assert unsaid.status_code == 422
    with reading(site.parts.base.engine) as session:
        assert session.exec(select(CarePlanApprovalRow)).all() == []
        assert session.exec(select(CarePlanShareRow)).all() == []
    assert write(nat, patient, form("p3", 2, **complete, **goal, **who)) == "plan"
    agreed = pat.post(f"/patients/{patient}/care-plan/approve", data={"click": "a3", "upon": "3"})
    assert agreed.headers["location"].endswith("done=approved")


def test_an_address_is_put_right_by_its_parts(site: Site, patient: str) -> None:
    nat = site.signed_in(NAT)
    parts = {"address.line": "1 Elm St", "address.city": "Elm", "address.postal_code": "01001"}
    for done in ("edited", "nothing"):
        answer = nat.post(f"/patients/{patient}/details", data=parts)
        assert answer.headers["location"].endswith(f"done={done}")
    page = nat.get(f"/patients/{patient}?show=details").text
    assert 'value="1 Elm St"' in page
    emptied = nat.post(f"/patients/{patient}/details", data=dict.fromkeys(parts, ""))
    assert emptied.headers["location"].endswith("done=edited")
    with reading(site.parts.base.engine) as session:
        assert [one.value for one in session.exec(select(PatientEditRow)).all()][-1] is None


@pytest.mark.parametrize(("session", "status"), [("ended", 401), ("another", 403)])
def test_what_was_typed_into_a_form_that_is_not_taken_is_shown(
    site: Site, patient: str, session: str, status: int
) -> None:
    nat = site.signed_in(NAT)
    del nat.headers["x-form-token"]
    if session == "ended":
        nat.cookies.clear()
    said = {"because": "She said <b>no more</b> calls", "click": "c1", "form_token": "0" * 64}
    answer = nat.post(f"/patients/{patient}/consent/revoke", data=said)
    assert answer.status_code == status
    assert "She said &lt;b&gt;no more&lt;/b&gt; calls" in answer.text
    secret = nat.post("/account/password", data={"old": "four quiet words", "form_token": "0"})
    assert "four quiet words" not in secret.text


def test_every_single_word_that_was_typed_is_shown_with_its_title(site: Site, patient: str) -> None:
    nat = site.signed_in(NAT)
    nat.cookies.clear()
    del nat.headers["x-form-token"]
    plan = form("click-of-p1", 7, **{"f.outcome": "Stable", "f.caregiver": ""})
    page = nat.post(f"/patients/{patient}/care-plan", data=plan).text
    shown = re.findall(r"<label [^>]*>([^<]+)</label>\s*<textarea [^>]*>([^<]+)</textarea>", page)
    assert shown == [
        ("Problem list", "diabetes\nhypertension"),
        ("Expected outcome and prognosis", "Stable"),
        ("Measurable treatment goals, 1, goal", "Walk more"),
        ("Measurable treatment goals, 1, measure", "steps"),
    ]
    address = {"address.postal_code": "01001", "phone": "555-0100", "language": "vi"}
    page = nat.post(f"/patients/{patient}/details", data=address).text
    assert re.findall(r"<label [^>]*>([^<]+)</label>", page) == ["Address, postal code", "Phone"]
    assert "01001" in page
    chosen = {"click": "c1", "upon": "1", "to": "patient", "how": "copy"}
    assert nat.post(f"/patients/{patient}/care-plan/share", data=chosen).status_code == 303


def test_a_step_never_writes_over_what_a_colleague_wrote_meanwhile(site: Site) -> None:
    """Also a draft that was begun upon an older version says first what has changed."""
    records = make_records(site.parts.base.engine, "elm")
    add_step(site.parts.base.engine, records, "care_plan_update", RoleId("nurse"), NAT)
    nat, step = site.signed_in(NAT), f"/steps/{records.cycle}/care_plan_update"
    assert 'name="x.plan_upon" value="0"' in nat.get(step).text
    mine = {"f.outcome": "Nat's words", "outcome": "updated", "x.plan_upon": "0", "click": "s1"}
    assert nat.post(f"{step}/draft", data=mine).status_code == 303
    written = write(site.signed_in(MARIA), records.enrollment, form("p1"))
    assert written == "plan"
    assert 'name="x.plan_upon" value="0"' in nat.get(step).text
    refused = nat.post(f"{step}/finish", data=mine)
    assert refused.status_code == 422
    assert "Version 1 of the care plan was written in the meantime." in refused.text
    assert "changed meanwhile to: Walk more" in refused.text
    assert 'name="x.plan_upon" value="1"' in refused.text
    assert [one.version for one in versions(site)] == [1]
