"""What tests of the playbook pages share: a clinic with a playbook in use, drafts, savings."""

import re
import uuid

from starlette.testclient import TestClient

from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.playbook_library import shipped_playbooks
from ccm_flow.core.drafts import DraftState
from ccm_flow.core.ids import ClinicId, DraftId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from tests.web.conftest import Site

ELM = ClinicId("elm")
LEE, MARIA, PAT, OTHER_LEE = "elm.lee", "elm.maria", "elm.pat", "oak.lee"
DEC, JAN = Month(2026, 12), Month(2027, 1)


def with_playbook(site: Site) -> Site:
    """Let elm use the shipped monthly playbook since November."""
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
