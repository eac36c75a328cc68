"""What a clinic has published, and checking a playbook before it is."""

import re
from typing import Annotated, Final

from fastapi import APIRouter

from ccm_flow.adapters.db.views_api import playbooks_of
from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.scopes import Scope
from ccm_flow.language.overlay import resolve_playbook
from ccm_flow.language.overlay_files import parents_beside
from ccm_flow.web.api.caller import Caller, scoped
from ccm_flow.web.api.models_playbooks import Checked, CheckPlaybook, Finding, Playbook, Playbooks
from ccm_flow.web.api.problems import RESPONSES

router = APIRouter(prefix="/playbooks", tags=["Playbooks"])
Reading = Annotated[Caller, scoped(Scope.READ_PLAYBOOKS)]
_BY_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,47}@[0-9]{1,5}")


@router.get("", responses=RESPONSES)
def list_playbooks(caller: Reading) -> Playbooks:
    """List what the clinic has published, by kind, the newest first."""
    found = playbooks_of(caller.parts.base.engine, caller.clinic)
    items = [
        Playbook.model_validate(
            {
                name: str(getattr(line, name)) if name == "from_month" else getattr(line, name)
                for name in Playbook.model_fields
            }
        )
        for line in found
    ]
    return Playbooks(items=items)


@router.post("/check", responses=RESPONSES)
def check_playbook(caller: Reading, body: CheckPlaybook) -> Checked:
    """
    Check a playbook's text and list every problem; nothing is kept, so no key is needed.

    It may extend shipped playbooks by name and version.
    """
    load = parents_beside(shipped("playbooks") / "sent.yaml")

    def by_name(reference: str) -> tuple[str, str] | None:
        # Never by path: what is sent from elsewhere reads no files here.
        return load(reference) if _BY_NAME.fullmatch(reference) else None

    result = resolve_playbook(body.text, "playbook.yaml", by_name, caller.parts.templates)
    found = [
        Finding(
            severity=problem.severity.value,
            code=problem.code,
            line=problem.line,
            message=problem.message,
            hint=problem.hint,
        )
        for problem in result.problems
    ]
    return Checked(good=result.plan is not None, problems=found)
