"""Playbooks in the browser: who may do what, and what is refused."""

import re
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import event

from ccm_flow.adapters.db.views_playbooks import shelf
from ccm_flow.adapters.playbook_library import shipped_playbooks
from ccm_flow.core.drafts import DraftState
from ccm_flow.web import playbook_trials
from tests.web.conftest import Site
from tests.web.playbooks import (
    DEC,
    ELM,
    JAN,
    LEE,
    MARIA,
    OTHER_LEE,
    PAT,
    begin,
    live_version,
    save,
    state_of,
    text_of,
    with_playbook,
    with_title,
)

NOBODY_HAS_IT = """\
playbook: our-enrollment
version: 1
title: Our enrollment
program: CCM
kind: enrollment
owner: coordinator
closes: 10 business days
roles:
  coordinator: {title: Coordinator}
steps:
  - id: ask
    title: Ask
    phase: outreach
    owner: coordinator
    due: 1 business day
    outcomes: [yes, later]
    ladder:
      - when due: remind owner
      - 1 business day late: notify coordinator
  - id: sign
    title: Sign
    phase: outreach
    owner: coordinator
    after: ask.yes
    due: 1 business day
    outcomes:
      signed: {end: enrolled}
    ladder:
      - when due: remind owner
      - 1 business day late: notify coordinator
"""
"""Whoever answers `later` is forgotten."""


@pytest.fixture
def live(site: Site) -> Site:
    """Give a site at which elm uses the shipped monthly playbook since November."""
    return with_playbook(site)


def test_a_draft_is_written_by_one_approved_by_another_and_published(live: Site) -> None:
    lead, practitioner = live.signed_in(LEE), live.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    assert "version: 3" in text_of(live, draft)
    assert save(lead, draft, with_title(text_of(live, draft), "Our month"))["revision"] == 2
    lead.post(f"{path}/ask", data={"revision": 2, "note": "shorter name"})
    assert state_of(live, draft) is DraftState.WAITING
    assert "shorter name" in practitioner.get(f"{path}/review").text
    practitioner.post(f"{path}/approve", data={"revision": 2, "note": "good"})
    lead.post(f"{path}/publish", data={"month": "2027-01"})
    assert state_of(live, draft) is DraftState.PUBLISHED
    assert (live_version(live, DEC), live_version(live, JAN)) == (2, 3)
    newest = shelf(live.parts.base.engine, ELM).published[0]
    assert (newest.by, newest.approved_by, newest.note) == ("Lee Moss", "Pat Roy", "good")


def test_the_list_shows_what_is_used_when_and_the_drafts(live: Site) -> None:
    lead = live.signed_in(LEE)
    begin(lead)
    said = lead.get("/playbooks").text
    assert "runs now" in said
    assert "being written" in said
    assert "the command line" in said


@pytest.mark.parametrize("person", [MARIA, "elm.bill"])
def test_who_may_only_look_changes_nothing(live: Site, person: str) -> None:
    draft = begin(live.signed_in(LEE))
    path, looking = f"/playbooks/drafts/{draft}", live.signed_in(person)
    assert looking.get("/playbooks").status_code == 200
    assert looking.get(f"{path}/review").status_code == 200
    for route, data in {
        "/playbooks/drafts": {"click": uuid.uuid4().hex, "beginning": "ccm_monthly"},
        path: {"text": "x", "base": 1},
        f"{path}/ask": {"revision": 1},
        f"{path}/approve": {"revision": 1},
        f"{path}/send-back": {"revision": 1},
        f"{path}/publish": {"month": "2027-01"},
        f"{path}/put-away": {},
    }.items():
        assert looking.post(route, data=data).status_code == 404, route
    assert looking.get(path).status_code == 404


def test_another_clinics_drafts_and_versions_do_not_exist(live: Site) -> None:
    draft = begin(live.signed_in(LEE))
    stranger = live.signed_in(OTHER_LEE)
    plan = shipped_playbooks()["ccm_monthly"].plan
    assert plan is not None
    for path in (
        f"/playbooks/drafts/{draft}",
        f"/playbooks/drafts/{draft}/review",
        f"/playbooks/drafts/{draft}/texts/1",
        f"/playbooks/drafts/{draft}/flow.svg?revision=1",
        f"/playbooks/versions/{plan.sha256}",
        f"/playbooks/versions/{plan.sha256}/playbook.yaml",
        f"/playbooks/versions/{plan.sha256}/handbook.pdf",
    ):
        assert stranger.get(path).status_code == 404, path
    save_path = f"/playbooks/drafts/{draft}"
    assert stranger.post(save_path, data={"text": "x", "base": 1}).status_code == 404
    assert stranger.post(f"{save_path}/check", data={"text": "x"}).status_code == 404


def test_nobody_approves_what_they_wrote(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 1})
    answer = lead.post(f"{path}/approve", data={"revision": 1, "note": "no month is closed yet"})
    assert answer.status_code == 422
    assert "Nobody approves a draft they wrote in." in answer.text
    assert state_of(live, draft) is DraftState.WAITING


def test_a_yes_is_for_one_text_only(live: Site) -> None:
    lead, practitioner = live.signed_in(LEE), live.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 1})
    save(lead, draft, with_title(text_of(live, draft), "Changed after asking"))
    answer = practitioner.post(f"{path}/approve", data={"revision": 1, "note": "typed"})
    assert answer.status_code == 422
    assert "Somebody changed this draft" in answer.text
    lead.post(f"{path}/ask", data={"revision": 2})
    practitioner.post(f"{path}/approve", data={"revision": 2, "note": "no month is closed yet"})
    save(lead, draft, with_title(text_of(live, draft), "Changed after the yes"), base=2)
    refused = lead.post(f"{path}/publish", data={"month": "2027-01"})
    assert "This text was not approved." in refused.text
    assert live_version(live, JAN) == 2


def test_what_runs_already_cannot_be_changed_for_this_month(live: Site) -> None:
    lead, practitioner = live.signed_in(LEE), live.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 1})
    practitioner.post(f"{path}/approve", data={"revision": 1, "note": "no month is closed yet"})
    answer = lead.post(f"{path}/publish", data={"month": "2026-12"})
    assert answer.status_code == 422
    assert "Choose 2027-01 or later." in answer.text
    assert "is not a month" in lead.post(f"{path}/publish", data={"month": "soon"}).text


def test_a_first_playbook_may_start_in_the_running_month(site: Site) -> None:
    lead, practitioner = site.signed_in(LEE), site.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 1})
    practitioner.post(f"{path}/approve", data={"revision": 1, "note": "no month is closed yet"})
    lead.post(f"{path}/publish", data={"month": "2026-12"})
    assert live_version(site, DEC) == 2


def test_a_draft_with_errors_or_a_taken_number_goes_no_further(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    good = text_of(live, draft)
    save(lead, draft, with_title(good.replace("version: 3", "version: 2"), "Else"))
    answer = lead.post(f"{path}/ask", data={"revision": 2, "note": "kept"})
    assert "version 2 is published with another text already" in answer.text
    assert "kept" in answer.text
    save(lead, draft, "playbook: x\nversion: one\n", base=2)
    assert "The draft has" in lead.post(f"{path}/ask", data={"revision": 3}).text
    assert state_of(live, draft) is DraftState.WRITING


def test_going_back_is_publishing_an_earlier_version_again(live: Site) -> None:
    test_a_draft_is_written_by_one_approved_by_another_and_published(live)
    lead = live.signed_in(LEE)
    first = shipped_playbooks()["ccm_monthly"].plan
    assert first is not None
    path = f"/playbooks/versions/{first.sha256}/again"
    refused = lead.post(path, data={"month": "2026-12", "note": "too long"})
    assert refused.status_code == 422
    assert "too long" in refused.text
    assert lead.post(path, data={"month": "2027-01", "note": "too long"}).status_code == 303
    assert live_version(live, JAN) == 2
    notes = [one.note for one in shelf(live.parts.base.engine, ELM).published]
    assert notes == ["too long", "good", ""]


def test_two_who_write_at_once_lose_nothing(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    one, two = "playbook: one\n", "playbook: two\n"
    assert save(lead, draft, one)["revision"] == 2
    late = save(lead, draft, two)
    assert late["status"] == 409
    answer = lead.post(f"/playbooks/drafts/{draft}", data={"text": two, "base": 1})
    assert answer.status_code == 422
    assert "playbook: two" in answer.text
    assert 'name="base" value="2"' in answer.text
    assert save(lead, draft, two, base=2)["revision"] == 3
    assert lead.get(f"/playbooks/drafts/{draft}/texts/2").text == one


def test_saving_or_beginning_twice_counts_once(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    again = {"click": draft, "beginning": "ccm_monthly"}
    lead.post("/playbooks/drafts", data=again)
    assert len(shelf(live.parts.base.engine, ELM).drafts) == 1
    assert save(lead, draft, "playbook: x\n")["revision"] == 2
    assert save(lead, draft, "playbook: x\n")["revision"] == 2


def test_a_version_is_shown_from_all_sides(live: Site) -> None:
    plan = shipped_playbooks()["ccm_monthly"].plan
    assert plan is not None
    looking, path = live.signed_in(MARIA), f"/playbooks/versions/{plan.sha256}"
    page = looking.get(f"{path}?month=2027-02")
    assert "Nat Kim" in page.text or "Nurse" in page.text
    assert len(page.content) < 200_000
    assert looking.get(f"{path}/flow.svg").headers["content-type"] == "image/svg+xml"
    assert "February" in looking.get(f"{path}/month.svg?month=2027-02").text
    assert looking.get(f"{path}/handbook.pdf").content.startswith(b"%PDF")
    assert "playbook: ccm-monthly" in looking.get(f"{path}/playbook.yaml").text
    assert looking.get(f"{path}?month=never").status_code == 404


def test_what_a_draft_changes_is_told_in_sentences(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    save(lead, draft, with_title(text_of(live, draft), "Another name"))
    said = lead.get(f"/playbooks/drafts/{draft}/review").text
    assert "This is version 3 (was version 2)." in said
    assert "Another name" in said


def test_tests_and_proof_are_shown_with_their_stories(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead, "enrollment")
    tried = lead.post(f"/playbooks/drafts/{draft}/test").text
    assert re.search(r"Tests: \d+ of \d+ pass", tried)
    assert "Proof for 2027-01: proved" in lead.post(f"/playbooks/drafts/{draft}/prove").text


def test_a_proof_that_fails_tells_how_it_comes_to_this(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead, "enrollment")
    save(lead, draft, NOBODY_HAS_IT)
    said = lead.post(f"/playbooks/drafts/{draft}/prove").text
    assert "Nobody has the patient between" in said
    assert "completes &#39;Ask&#39; as &#39;Later&#39;." in said


def test_one_proof_runs_at_a_time_and_within_its_time(
    live: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}/prove"
    with live.parts.proving:
        assert "Another playbook is being proved" in lead.post(path).text
    monkeypatch.setattr(playbook_trials, "PROVE_SECONDS", 0.0)
    assert "there was no time for the rest" in lead.post(path).text


def test_a_draft_put_away_stays_readable_and_unchanged(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    lead.post(f"/playbooks/drafts/{draft}/put-away")
    assert shelf(live.parts.base.engine, ELM).drafts == ()
    assert lead.get(f"/playbooks/drafts/{draft}/review").status_code == 200
    assert save(lead, draft, "x")["status"] == 409


def test_the_list_takes_as_many_queries_however_much_there_is(
    live: Site, count_queries: Callable[..., int]
) -> None:
    lead = live.signed_in(LEE)
    begin(lead)
    few = count_queries(live, lambda: lead.get("/playbooks"))
    for _ in range(5):
        begin(lead)
    assert count_queries(live, lambda: lead.get("/playbooks")) == few


@pytest.fixture
def count_queries() -> Callable[..., int]:
    def count(site: Site, deed: Callable[[], object]) -> int:
        seen: list[object] = []

        def see(*_args: object) -> None:
            seen.append(None)

        engine = site.parts.base.engine
        event.listen(engine, "before_cursor_execute", see)
        deed()
        event.remove(engine, "before_cursor_execute", see)
        return len(seen)

    return count
