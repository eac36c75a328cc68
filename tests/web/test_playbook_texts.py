"""Texts of playbooks from a browser: what the check says, and what hostile ones come to."""

import json
import time

import pytest

from tests.support.cpu import SOON
from tests.web.conftest import Site
from tests.web.playbooks import LEE, MARIA, begin, save, text_of, with_playbook, with_title


@pytest.fixture
def live(site: Site) -> Site:
    """Give a site at which elm uses the shipped monthly playbook since November."""
    return with_playbook(site)


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
    assert lead.post(path, data={"text": f"{head}ccm-monthly@2\n"}).json()["good"]
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
        "\x01\ufeff\u202e",
        "",
    ],
    ids=["long line", "many lines", "deep", "aliases", "template", "unreadable", "empty"],
)
def test_whatever_the_text_the_check_answers_soon_with_problems(live: Site, text: str) -> None:
    lead = live.signed_in(LEE)
    path = f"/playbooks/drafts/{begin(lead)}/check"
    begun = time.process_time()
    answer = lead.post(path, data={"text": text})
    assert time.process_time() - begun < SOON
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


def test_the_schema_comes_as_the_editor_reads_it(live: Site) -> None:
    assert json.loads(live.signed_in(MARIA).get("/playbooks/schema.json").text)["$defs"]
