"""Playbooks in the browser: who may do what, what is refused, what hostile texts come to."""

import json
import re
import time
import uuid
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views_playbooks import shelf
from ccm_flow.adapters.playbook_library import shipped_playbooks
from ccm_flow.core.drafts import DraftState
from ccm_flow.core.ids import ClinicId, DraftId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from tests.web.conftest import Site

ELM = ClinicId("elm")
LEE, MARIA, PAT, OTHER_LEE = "elm.lee", "elm.maria", "elm.pat", "oak.lee"
DEC, JAN = Month(2026, 12), Month(2027, 1)


@pytest.fixture
def live(site: Site) -> Site:
    """Give a site at which elm uses the shipped monthly playbook since November."""
    result = shipped_playbooks()["ccm_monthly"]
    assert result.plan is not None
    store = SqlClinicStore(site.parts.base.engine)
    store.publish(ELM, result.plan, result.merged_text, Month(2026, 11), site.clock.now())
    return site


def begin(browser: TestClient, beginning: str = "ccm_monthly") -> str:
    click = uuid.uuid4().hex
    answer = browser.post("/playbooks/drafts", data={"click": click, "beginning": beginning})
    assert answer.headers["location"] == f"/playbooks/drafts/{click}"
    return click


def text_of(site: Site, draft: str) -> str:
    return SqlDrafts(site.parts.base.engine).draft(DraftId(draft)).text


def state_of(site: Site, draft: str) -> DraftState:
    return SqlDrafts(site.parts.base.engine).draft(DraftId(draft)).state


def save(browser: TestClient, draft: str, text: str, base: int = 1) -> "dict[str, object]":
    answer = browser.post(
        f"/playbooks/drafts/{draft}",
        data={"text": text, "base": base},
        headers={"accept": "application/json"},
    )
    found: dict[str, object] = {"status": answer.status_code, **answer.json()}
    return found


def with_title(text: str, title: str) -> str:
    return re.sub(r"^title: .*$", f"title: {title}", text, count=1, flags=re.MULTILINE)


def live_version(site: Site, month: Month) -> int:
    return site.parts.base.record.plan_for(ELM, PlaybookKind.MONTHLY, month).version


def test_a_draft_is_written_by_one_approved_by_another_and_published(live: Site) -> None:
    lead, practitioner = live.signed_in(LEE), live.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    assert "version: 2" in text_of(live, draft)
    assert save(lead, draft, with_title(text_of(live, draft), "Our month"))["revision"] == 2
    lead.post(f"{path}/ask", data={"revision": 2, "note": "shorter name"})
    assert state_of(live, draft) is DraftState.WAITING
    assert "shorter name" in practitioner.get(f"{path}/review").text
    practitioner.post(f"{path}/approve", data={"revision": 2, "note": "good"})
    lead.post(f"{path}/publish", data={"month": "2027-01"})
    assert state_of(live, draft) is DraftState.PUBLISHED
    assert (live_version(live, DEC), live_version(live, JAN)) == (1, 2)
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
    answer = lead.post(f"{path}/approve", data={"revision": 1})
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
    practitioner.post(f"{path}/approve", data={"revision": 2})
    save(lead, draft, with_title(text_of(live, draft), "Changed after the yes"), base=2)
    refused = lead.post(f"{path}/publish", data={"month": "2027-01"})
    assert "This text was not approved." in refused.text
    assert live_version(live, JAN) == 1


def test_what_runs_already_cannot_be_changed_for_this_month(live: Site) -> None:
    lead, practitioner = live.signed_in(LEE), live.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 1})
    practitioner.post(f"{path}/approve", data={"revision": 1})
    answer = lead.post(f"{path}/publish", data={"month": "2026-12"})
    assert answer.status_code == 422
    assert "Choose 2027-01 or later." in answer.text
    assert "is not a month" in lead.post(f"{path}/publish", data={"month": "soon"}).text


def test_a_first_playbook_may_start_in_the_running_month(site: Site) -> None:
    lead, practitioner = site.signed_in(LEE), site.signed_in(PAT)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    lead.post(f"{path}/ask", data={"revision": 1})
    practitioner.post(f"{path}/approve", data={"revision": 1})
    lead.post(f"{path}/publish", data={"month": "2026-12"})
    assert live_version(site, DEC) == 1


def test_a_draft_with_errors_or_a_taken_number_goes_no_further(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    path = f"/playbooks/drafts/{draft}"
    good = text_of(live, draft)
    save(lead, draft, with_title(good.replace("version: 2", "version: 1"), "Else"))
    answer = lead.post(f"{path}/ask", data={"revision": 2, "note": "kept"})
    assert "version 1 is published with another text already" in answer.text
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
    assert live_version(live, JAN) == 1
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


def test_the_check_names_line_column_code_sentence_and_hint(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    wrong = text_of(live, draft).replace("owner: nurse", "owner: nurze", 1)
    path = f"/playbooks/drafts/{draft}/check"
    found = lead.post(path, data={"text": wrong}).json()
    first = found["problems"][0]
    assert "nurze" in first["message"]
    assert "nurze" in wrong.splitlines()[first["line"] - 1][first["column"] - 1 :]
    assert {"code", "hint", "severity"} <= first.keys()
    assert not found["good"]
    fine = lead.post(path, data={"text": text_of(live, draft)}).json()
    assert "outreach" in fine["names"]["steps"]


def test_a_draft_extends_versions_and_never_files(live: Site) -> None:
    lead = live.signed_in(LEE)
    path = f"/playbooks/drafts/{begin(lead)}/check"
    head = "playbook: mine\nversion: 1\ntitle: Mine\nextends: "
    assert lead.post(path, data={"text": f"{head}ccm-monthly@1\n"}).json()["good"]
    for reference in ("../ccm_monthly.yaml", "ccm_monthly.yaml", "/etc/passwd", "../../x.yaml"):
        found = lead.post(path, data={"text": f"{head}{reference}\n"}).json()
        assert [problem["code"] for problem in found["problems"]] == ["PB701"], reference


_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 900_000,
        "a: b\n" * 100_000,
        "[" * 100_000,
        _BOMB,
        "title: '{{ visit }} {% include \"base.html.j2\" %} ${7*7}'\n",
        "\x00\ufeff\u202e",
        "",
    ],
    ids=["long line", "many lines", "deep", "aliases", "template", "unreadable", "empty"],
)
def test_whatever_the_text_the_check_answers_soon_with_problems(live: Site, text: str) -> None:
    lead = live.signed_in(LEE)
    path = f"/playbooks/drafts/{begin(lead)}/check"
    begun = time.process_time()
    answer = lead.post(path, data={"text": text})
    assert time.process_time() - begun < 1.0
    assert answer.status_code == 200
    assert answer.json()["problems"]


def test_more_than_a_megabyte_is_refused_with_a_sentence(live: Site) -> None:
    lead = live.signed_in(LEE)
    path = f"/playbooks/drafts/{begin(lead)}"
    answer = lead.post(path, data={"text": "x" * 1_200_000, "base": 1})
    assert answer.status_code == 400
    assert "A field takes 1 MB at most." in answer.text


def test_ten_megabytes_are_refused_before_they_are_read(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    for path in (f"/playbooks/drafts/{draft}", f"/playbooks/drafts/{draft}/check"):
        assert lead.post(path, data={"text": "x" * 10_000_000, "base": 1}).status_code == 413


def test_scripts_in_a_text_are_shown_and_not_run(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead)
    nasty = "</textarea><script>alert(1)</script>"
    text = with_title(text_of(live, draft), f"'{nasty}'")
    save(lead, draft, text)
    for path in (f"/playbooks/drafts/{draft}", f"/playbooks/drafts/{draft}/review", "/playbooks"):
        page = lead.get(path).text
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "</textarea><script" not in page
    svg = lead.get(f"/playbooks/drafts/{draft}/flow.svg?revision=2")
    assert "<script" not in svg.text
    assert "script-src" not in svg.headers["content-security-policy"]
    assert "default-src 'none'" in svg.headers["content-security-policy"]


def test_one_session_asks_only_so_often(live: Site) -> None:
    lead = live.signed_in(LEE)
    path = f"/playbooks/drafts/{begin(lead)}/check"
    answers = [lead.post(path, data={"text": "x"}).status_code for _ in range(125)]
    assert answers[:120] == [200] * 120
    assert set(answers[120:]) == {429}


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
    assert "This is version 2 (was version 1)." in said
    assert "Another name" in said


def test_tests_and_proof_are_shown_with_their_stories(live: Site) -> None:
    lead = live.signed_in(LEE)
    draft = begin(lead, "enrollment")
    tried = lead.post(f"/playbooks/drafts/{draft}/test").text
    assert re.search(r"Tests: \d+ of \d+ pass", tried)
    assert "Proof for 2027-01: proved" in lead.post(f"/playbooks/drafts/{draft}/prove").text


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
    from sqlalchemy import event  # noqa: PLC0415

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


def test_own_files_are_kept_by_content_and_sent_packed(site: Site) -> None:
    browser = site.browser()
    page = browser.get("/sign-in").text
    address = re.search(r'href="(/static/app\.css\?v=\w+)"', page)
    assert address is not None
    answer = browser.get(address[1], headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert browser.get("/static/app.css?v=old").headers["cache-control"] == "no-cache"
    tag = {"if-none-match": answer.headers["etag"]}
    assert browser.get("/static/app.css", headers=tag).status_code == 304
    assert browser.get("/static/../app.py").status_code == 404
    plain = browser.get("/static/app.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_the_schema_comes_as_the_editor_reads_it(live: Site) -> None:
    assert json.loads(live.signed_in(MARIA).get("/playbooks/schema.json").text)["$defs"]
