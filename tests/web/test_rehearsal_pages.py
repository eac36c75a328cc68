"""Rehearsing in the browser: what is offered, what is refused, what is shown, and to whom."""

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.care_team import team_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.forecast_store import SqlForecasts
from ccm_flow.core.ids import DraftId
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.staff import MONTHLY_STAFF
from ccm_flow.web.errands import Errand
from tests.support.played_month import keep_months, play_month, start_of
from tests.support.set_up import CLINIC, MONTH, set_up_clinic
from tests.web.conftest import Site
from tests.web.playbooks import begin, save, text_of

LEAD, COORDINATOR = "elm.lee", "elm.ann"
STAFF = replace(MONTHLY_STAFF, forgotten=0.2, late=0.2, reach=0.4)
AFTER = datetime(2038, 1, 12, 15, tzinfo=UTC)
PATIENTS = 12


def record_month(site: Site, patients: int = PATIENTS) -> Site:
    """Play December 2037 at elm, and go on to January."""
    engine = site.parts.base.engine
    enrollments = set_up_clinic(engine, patients)
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


@pytest.fixture
def recorded(site: Site) -> Site:
    """Give a site whose elm has a closed month."""
    return record_month(site)


def ask(browser: TestClient, draft: str, **typed: str) -> str:
    """Ask for a rehearsal and give where its result will be."""
    form = {"click": uuid.uuid4().hex, "against": str(MONTH), **typed}
    answer = browser.post(f"/playbooks/drafts/{draft}/rehearse", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def wait_for(site: Site, address: str, draft: str) -> Errand:
    errand = site.parts.errands.find(address.rsplit("/", 1)[1], CLINIC, draft)
    assert errand is not None
    assert errand.done.wait(120)
    return errand


def with_step_renamed(text: str) -> str:
    """Give a text in which the first call has another name everywhere."""
    return re.sub(r"\boutreach\b(?!:? *$)", "first_call", text)


def test_a_rehearsal_is_shown_kept_and_audited(recorded: Site) -> None:
    lead = recorded.signed_in(LEAD)
    draft = begin(lead)
    text = text_of(recorded, draft).replace("due: 2 business days", "due: 1 business day", 1)
    save(lead, draft, text)
    offered = lead.get(f"/playbooks/drafts/{draft}/rehearse").text
    assert "December 2037, 12 patients" in offered
    address = ask(lead, draft)
    assert wait_for(recorded, address, draft).problem is None
    shown = lead.get(address)
    assert shown.status_code == 200
    assert "Patients ready to bill" in shown.text
    assert "What was taken for granted" in shown.text
    assert [one.id for one in SqlForecasts(recorded.parts.base.engine).of_draft(DraftId(draft))]
