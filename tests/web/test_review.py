"""The page of the readiness review: who sees it, who answers, what a form keeps."""

import re

import pytest
from sqlmodel import select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.tables import GoLiveRow, ReviewEntryRow, StaffRoleRow
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import ClinicId
from tests.web.conftest import Site
from tests.web.records import make_records

PLACE = "/clinics/elm/review"
FORM = {"item": "walked_through", "click": "c1", "said": "no", "note": "Two were away."}


def entries(site: Site) -> list[ReviewEntryRow]:
    with reading(site.parts.base.engine) as session:
        return list(session.exec(select(ReviewEntryRow)))


def test_everybody_of_the_clinic_sees_the_review_and_only_leads_have_forms(site: Site) -> None:
    lead, nurse = site.signed_in("elm.lee"), site.signed_in("elm.nat")
    page = nurse.get(PLACE).text
    assert "Readiness review" in page
    assert "Nobody has answered this yet." in page
    assert "<form" not in page.split("<main")[1]
    assert "Keep it" in lead.get(PLACE).text
    assert nurse.post(f"{PLACE}/entries", data=FORM).status_code == 404
    assert lead.get("/review").headers["location"] == PLACE


def test_an_answer_sent_twice_is_one_and_shows_who_gave_it(site: Site) -> None:
    lead = site.signed_in("elm.lee")
    for _ in range(2):
        answer = lead.post(f"{PLACE}/entries", data=FORM)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PLACE}?done=kept")
    assert len(entries(site)) == 1
    page = lead.get(PLACE).text
    assert "Answered no: Two were away." in page
    assert re.search(r"Answered no: Two were away. Lee Moss", page)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"note": ""}, "Say in a note what is missing."),
        ({"item": "roles", "said": "yes"}, "worked out from the record"),
        ({"said": "", "note": "typed"}, "Say an answer, who sees to it, or until when."),
        ({"owner": "oak.lee"}, "is not on the staff"),
        ({"due": "tomorrow"}, "is not a date"),
    ],
)
def test_what_cannot_be_kept_is_shown_again_with_what_was_typed(
    site: Site, changed: dict[str, str], said: str
) -> None:
    answer = site.signed_in("elm.lee").post(f"{PLACE}/entries", data=FORM | changed)
    assert answer.status_code == 422
    assert said in answer.text
    if (FORM | changed)["item"] == FORM["item"]:
        assert f'value="{(FORM | changed)["note"]}"' in answer.text
    assert entries(site) == []


def test_an_administrator_lets_a_first_month_begin_with_a_reason(site: Site) -> None:
    store, now = SqlPeople(site.parts.base.engine), site.clock.now()
    with writing(site.parts.base.engine) as session:
        for row in session.exec(select(StaffRoleRow).where(StaffRoleRow.role == "biller")):
            session.delete(row)
    admin = store.new_person("Ada Min", "", ClinicId("elm"), now)
    store.grant(admin, Grant(AccessRole.ADMINISTRATOR), now)
    browser = site.signed_in(admin)
    assert "The first month is not opened yet" in browser.get(PLACE).text
    refused = browser.post(f"{PLACE}/go-live", data={"click": "g1", "because": " "})
    assert refused.status_code == 422
    form = {"click": "g1", "because": "No playbook yet: the first is published on Monday."}
    for _ in range(2):
        assert browser.post(f"{PLACE}/go-live", data=form).status_code in {303, 422}
    with reading(site.parts.base.engine) as session:
        (row,) = session.exec(select(GoLiveRow)).all()
    assert (row.by, row.because) == (admin, form["because"])
    page = browser.get(PLACE).text
    assert "Ada Min let the first month begin without" in page


def test_the_paper_is_a_pdf_and_names_no_patient(site: Site) -> None:
    there = make_records(site.parts.base.engine, "elm")
    browser = site.signed_in("elm.maria")
    answer = browser.get(f"{PLACE}/paper")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert not there.secrets_in(browser.get(PLACE).text)
