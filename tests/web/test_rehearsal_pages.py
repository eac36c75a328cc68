"""Rehearsing in the browser: what is offered, what is refused, what is shown, and to whom."""

import re
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlmodel import func, select
from starlette.testclient import TestClient

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.answer_store import SqlAnswers
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.care_team import team_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.adapters.db.tables import AccessLogRow, WebSessionRow
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.answers import Answer
from ccm_flow.app.forecasts import Compared, ForecastResult
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import ClinicId, DraftId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.throttle import Rate
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.rehearsal.measures import Metric
from ccm_flow.web.errands import BrokenErrandError, Errand, Errands
from ccm_flow.web.limits import Limit
from ccm_flow.web.prepared_months import PreparedMonths
from tests.support.played_month import keep_months, play_month, start_of
from tests.support.set_up import CLINIC, MONTH, set_up_clinic
from tests.web.conftest import Site
from tests.web.playbooks import begin, live_version, save, text_of, with_playbook

LEAD: Final = "elm.lee"
STAFF: Final = replace(MONTHLY_STAFF, forgotten=0.0, reach=1.0)
AFTER: Final = datetime(2038, 1, 12, 15, tzinfo=UTC)
PATIENTS: Final = 3
SAMPLES: Final = PreparedMonths()
"""Months ahead take seconds to simulate: once for all tests here."""


@pytest.fixture
def recorded(site: Site) -> Site:
    """Give a site whose elm has a closed December and works in January."""
    engine = site.parts.base.engine
    enrollments = set_up_clinic(engine, PATIENTS)
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
    plan = record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    played = []
    for number, enrollment in enumerate(enrollments):
        with reading(engine) as session:
            team = team_of(session, enrollment)
        start = start_of(enrollment, plan, MONTH, calendar=calendar, team=team)
        played.append(play_month(start, STAFF, f"1|{number}", []))
    keep_months(engine, played)
    site.clock.at = AFTER
    return site


def ask(browser: TestClient, draft: str, **typed: str) -> str:
    """Ask for a rehearsal and give where its result will be."""
    form = {"click": uuid.uuid4().hex, "against": str(MONTH), **typed}
    answer = browser.post(f"/playbooks/drafts/{draft}/rehearse", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def wait_for(site: Site, address: str, draft: str) -> None:
    errand = site.parts.errands.find(address.rsplit("/", 1)[1], CLINIC, draft)
    assert errand is not None
    assert errand.done.wait(120)
    assert errand.problem is None


def administrator(site: Site) -> TestClient:
    """Sign somebody in who sees playbooks and no patient."""
    store = SqlPeople(site.parts.base.engine)
    person = PersonId(store.new_person("Ada Root", "", CLINIC, site.clock.now()))
    store.grant(person, Grant(AccessRole.ADMINISTRATOR), site.clock.now())
    return site.signed_in(person)


def patients_seen(site: Site, person: str) -> int:
    query = select(func.count()).where(
        AccessLogRow.person_id == person, AccessLogRow.what == AccessEvent.PATIENT_SEEN
    )
    with reading(site.parts.base.engine) as session:
        return session.exec(query).one()


def changed(site: Site, browser: TestClient, *swaps: tuple[str, str]) -> str:
    """Begin a draft and save it with some words swapped."""
    draft = begin(browser)
    text = text_of(site, draft)
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    assert save(browser, draft, text)["good"]
    return draft


def test_what_a_draft_would_lose_is_shown_with_names_only_to_who_sees_patients(
    recorded: Site,
) -> None:
    lead = recorded.signed_in(LEAD)
    draft = changed(recorded, lead, ("minimum_minutes: 20", "minimum_minutes: 200"))
    offered = lead.get(f"/playbooks/drafts/{draft}/rehearse").text
    assert f"December 2037, {PATIENTS} patients" in offered
    assert "too little to judge by" in offered
    address = ask(lead, draft)
    wait_for(recorded, address, draft)

    shown = lead.get(address).text
    assert f"Of {PATIENTS} patients {PATIENTS} who were ready would not be." in shown
    assert "These are too few to judge by." in shown
    assert "Minutes by role and day" in shown
    assert "What was taken for granted" in shown
    assert patients_seen(recorded, LEAD) == PATIENTS

    nobody = administrator(recorded).get(address).text
    assert "Who they are is shown to people who look after patients." in nobody
    assert "/patients/" not in nobody.partition("<main")[2]

    recorded.parts.errands = Errands()  # as after a restart
    again = lead.get(address).text
    assert "Patients ready to bill" in again
    assert "rehearse again to see them" in again
    review = lead.get(f"/playbooks/drafts/{draft}/review").text
    assert f"on December 2037, {PATIENTS} lost" in review
    assert "too few to judge by" in review


def test_a_step_that_is_gone_needs_a_place_and_nothing_chosen_is_lost(recorded: Site) -> None:
    lead = recorded.signed_in(LEAD)
    draft = changed(
        recorded,
        lead,
        ("id: medication_review", "id: medicine_review"),
        ("ended(medication_review)", "ended(medicine_review)"),
        ("id: prepare", "id: look_ahead"),
        ("after: prepare", "after: look_ahead"),
    )
    path = f"/playbooks/drafts/{draft}/rehearse"
    form = {"click": uuid.uuid4().hex, "against": str(MONTH)}
    refused = lead.post(path, data={**form, "place_of_prepare": "look_ahead"})
    assert refused.status_code == 422
    assert refused.text.count("Say what takes the place of") == 1
    assert '<option value="look_ahead" selected>' in refused.text
    both = {"place_of_prepare": "look_ahead", "place_of_medication_review": "look_ahead"}
    twice = lead.post(path, data={**form, **both})
    assert twice.status_code == 422
    assert "would take the place of two steps" in twice.text
    good = {**both, "place_of_medication_review": "medicine_review"}
    wait_for(recorded, ask(lead, draft, **good), draft)


def test_who_may_change_no_playbook_rehearses_none(recorded: Site) -> None:
    draft = begin(recorded.signed_in(LEAD))
    path = f"/playbooks/drafts/{draft}/rehearse"
    form = {"click": uuid.uuid4().hex, "against": str(MONTH)}
    button = f"Rehearse on December {MONTH.year}"
    for person, may in (("elm.ann", False), ("elm.pat", True)):
        browser = recorded.signed_in(person)
        shown = browser.get(path)
        assert shown.status_code == 200
        assert (button in shown.text) is may
        if not may:
            assert browser.post(path, data=form).status_code == 404
    assert SqlForecasts(recorded.parts.base.engine).of_draft(DraftId(draft)) == []


def test_one_rehearsal_at_a_time_and_a_double_post_counts_once(recorded: Site) -> None:
    lead = recorded.signed_in(LEAD)
    draft = begin(lead)
    click = uuid.uuid4().hex
    addresses = {ask(lead, draft, click=click) for _ in range(2)}
    assert len(addresses) == 1
    wait_for(recorded, addresses.pop(), draft)
    assert len(SqlForecasts(recorded.parts.base.engine).of_draft(DraftId(draft))) == 1

    running = Errand("x", PersonId(LEAD), CLINIC, "another", AFTER)
    recorded.parts.errands.begin(running, lambda: running.done.wait(60))
    form = {"click": uuid.uuid4().hex, "against": str(MONTH)}
    busy = lead.post(f"/playbooks/drafts/{draft}/rehearse", data=form)
    running.done.set()
    assert busy.status_code == 422
    assert "What you asked for before is still being worked out." in busy.text


def test_what_cannot_be_rehearsed_says_why(site: Site) -> None:
    lead = with_playbook(site).signed_in(LEAD)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}/rehearse"
    assert "No month is closed here yet" in lead.get(path).text
    save(lead, draft, text_of(site, draft).replace("minimum_minutes: 20", "minimum_minutes: many"))
    assert "The draft has 1 error." in lead.get(path).text
    assert lead.post(path, data={"click": "a" * 32}).status_code == 422
    gone = lead.get(f"/playbooks/drafts/{draft}/rehearsals/nothing")
    assert gone.headers["location"] == path


def test_a_month_that_is_not_closed_is_refused(recorded: Site) -> None:
    lead = recorded.signed_in(LEAD)
    draft = begin(lead)
    for month in ("2038-01", "soon"):
        answer = lead.get(f"/playbooks/drafts/{draft}/rehearse?against={month}")
        assert answer.status_code == 422
        assert "is no closed month of this clinic" in answer.text


def answered(site: Site, version: str) -> None:
    """Let the version's first month be over, with one figure that came out otherwise."""
    engine = site.parts.base.engine
    forecast = SqlForecasts(engine).published_on(ClinicId("elm"), version)
    assert forecast is not None
    figures = tuple(
        Compared(metric, 0.5, 0.6, 0.55, 0.65, 0.2 if metric is Metric.READY else 0.6)
        for metric in Metric
    )
    result = ForecastResult(forecast, Month(2038, 2), 10, 0, is_thin=False, lines=figures)
    assert SqlAnswers(engine).keep(Answer(result, site.parts.base.clock.now()))


def test_a_version_is_compared_with_its_forecast_and_rolled_back(recorded: Site) -> None:
    lead, practitioner = recorded.signed_in(LEAD), recorded.signed_in("elm.pat")
    draft = changed(recorded, lead, ("minimum_minutes: 20", "minimum_minutes: 25"))
    wait_for(recorded, ask(lead, draft), draft)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 2})
    practitioner.post(f"{path}/approve", data={"revision": 2})
    lead.post(f"{path}/publish", data={"month": "2038-02"})
    review = lead.get(f"{path}/review").text
    assert "from February 2038" in review
    version = review.partition('href="/playbooks/versions/')[2][:64]
    shown = lead.get(f"/playbooks/versions/{version}").text
    assert "on December 2037" in shown
    assert "It is compared by itself when its first month is over." in shown
    compared = f"/playbooks/versions/{version}/compared"
    assert "No month that ran on this version is over yet." in lead.get(compared).text
    recorded.parts.trials = Limit(Rate(burst=1, per_second=1e-9))
    asked = lead.post(compared, data={"click": "c1", "month": "2038-01"})
    assert asked.headers["location"].startswith(f"{compared}?month=")
    (errand,) = recorded.parts.errands.about(CLINIC, f"{version} compared over 2038-01")
    assert errand.done.wait(60)
    answer = lead.get(f"{compared}?month=2038-01")
    assert answer.status_code == 422
    assert str(errand.problem) in answer.text
    too_often = lead.post(compared, data={"click": "c2", "month": "2038-01"}).text
    assert "This was asked for many times just now." in too_often

    answered(recorded, version)
    page = f"/playbooks/versions/{version}"
    assert "1 otherwise than forecast" in lead.get(f"{path}/review").text
    assert "1 figure came out otherwise than forecast." in lead.get(page).text
    kept = lead.get(f"{page}/compared").text
    assert "Compared by itself" in kept
    assert "10 closed months of February 2038" in kept
    told = lead.get("/messages").text
    assert f'href="{page}/compared"' in told
    assert "Its first month came out otherwise than forecast" in told

    back = f"/playbooks/versions/{version}/back"
    former = re.findall(r'name="former" value="(\w{64})"', shown)[0]
    offered = re.findall(r'value="(20\d\d-\d\d)"', shown.partition('id="back-month"')[2])
    assert offered[0] == "2038-02"
    typed = {"former": former, "note": "too many are lost"}
    early = lead.post(back, data={**typed, "month": "2038-01"})
    assert early.status_code == 422
    assert 'value="too many are lost"' in early.text
    after = Month(2038, 3)
    before = live_version(recorded, after)
    for said in ("is+in+use+again", "as+it+was+before"):
        answer = lead.post(back, data={**typed, "month": str(after)})
        assert answer.status_code == 303
        assert said in answer.headers["location"].replace("%20", "+")
        assert live_version(recorded, after) < before


def test_capacity_says_what_it_rests_on_and_what_a_slider_changes(site: Site) -> None:
    lead = with_playbook(site).signed_in(LEAD)
    site.parts.prepared = SAMPLES
    here = lead.get("/capacity").headers["location"]
    assert here == "/clinics/elm/capacity"
    shown = lead.get(here).text
    assert "Nobody is enrolled." in shown
    assert "What this rests on" in shown
    assert "medicare-2026" in shown
    assert "enrolled, on record" in shown
    many = lead.get(f"{here}?patients=200&minutes_outreach=30").text
    assert "falls short first, on" in many
    assert "Minutes of outreach" in many
    helped = lead.get(f"{here}?patients=20&people_nurse=3").text
    assert "The time that is kept is enough" in helped
    assert "not known until wages are given" in helped
    priced = lead.get(f"{here}?team=in_house&patients=20&wage_nurse=60").text
    assert "The hours of the roles with a wage cost $" in priced


def test_the_largest_panel_is_searched_beside_the_pages(site: Site) -> None:
    lead = with_playbook(site).signed_in(LEAD)
    site.parts.prepared = SAMPLES
    here, click = "/clinics/elm/capacity", uuid.uuid4().hex
    moved = {"click": click, "patients": "20", "people_nurse": "2"}
    asked = lead.post(f"{here}/largest", data=moved)
    assert asked.status_code == 303
    errand = site.parts.errands.find(click, CLINIC, "capacity")
    assert errand is not None
    assert errand.done.wait(120)
    shown = lead.get(asked.headers["location"]).text
    assert "One such team carries about" in shown
    assert "Searched with: Your own staff; Nurse: 2 people." in shown
    alone = lead.get(f"{here}/largest/{click}").text
    assert "One such team carries about" in alone
    assert "hx-trigger" not in alone
    come_back = lead.get(here).text
    assert "One such team carries about" in come_back
    assert f"patients=20&amp;people_nurse=2&amp;search={click}" in come_back
    others = administrator(site).get(here).text
    assert "Search for the largest panel" in others
    assert "One such team" not in others
    assert "are taken to have the whole day" in shown


@pytest.mark.parametrize("typed", ["patients=many", "patients=-1", "people_nurse=0"])
def test_a_number_that_cannot_be_is_said_and_left_where_it_was(site: Site, typed: str) -> None:
    lead = with_playbook(site).signed_in(LEAD)
    site.parts.prepared = SAMPLES
    answer = lead.get(f"/clinics/elm/capacity?{typed}")
    assert answer.status_code == 422
    assert "a whole number from" in answer.text


def test_capacity_without_a_playbook_says_so(site: Site) -> None:
    answer = site.signed_in(LEAD).get("/clinics/elm/capacity")
    assert answer.status_code == 422
    assert "Capacity" in answer.text


def test_a_search_that_runs_keeps_its_settings_and_no_session_going(site: Site) -> None:
    lead = with_playbook(site).signed_in(LEAD)
    site.parts.prepared = SAMPLES
    here = "/clinics/elm/capacity"
    typed = {"team": "own", "minutes_outreach": "30"}
    errand = Errand("y", PersonId(LEAD), CLINIC, "capacity", site.clock.at, typed)
    site.parts.errands.begin(errand, lambda: errand.done.wait(60))
    shown = lead.get(f"{here}?patients=20").text
    again = f"{here}?team=own&amp;minutes_outreach=30&amp;search=y"
    assert f'hx-get="{here}/largest/y"' in shown
    assert f'href="{again}"' in shown
    before = last_seen(site)
    site.clock.at += timedelta(minutes=5)
    assert f'href="{again}"' in lead.get(f"{here}/largest/y").text
    errand.problem = BrokenErrandError()
    errand.done.set()
    broken = lead.get(f"{here}/largest/y")
    assert broken.status_code == 200
    assert "Something went wrong inside the program." in broken.text
    assert last_seen(site) == before


def last_seen(site: Site) -> datetime:
    with reading(site.parts.base.engine) as session:
        return session.exec(select(func.max(WebSessionRow.last_seen_at))).one()


def test_a_rehearsal_that_fails_is_shown_and_its_page_keeps_no_session_going(
    recorded: Site,
) -> None:
    lead = recorded.signed_in(LEAD)
    draft = begin(lead)
    release = threading.Event()

    def fail() -> None:
        release.wait(60)
        raise RuntimeError

    errand = Errand("x", PersonId(LEAD), CLINIC, draft, AFTER, {"against": str(MONTH)})
    recorded.parts.errands.begin(errand, fail)
    address = f"/playbooks/drafts/{draft}/rehearsals/x"
    assert f'hx-get="{address}/running"' in lead.get(address).text
    before = last_seen(recorded)
    recorded.clock.at += timedelta(minutes=5)
    asks = {"hx-request": "true"}
    assert lead.get(f"{address}/running", headers=asks).status_code == 204
    release.set()
    assert errand.done.wait(60)
    assert lead.get(f"{address}/running", headers=asks).headers["hx-redirect"] == address
    assert last_seen(recorded) == before
    shown = lead.get(address)
    assert shown.status_code == 200
    assert "Something went wrong inside the program." in shown.text
