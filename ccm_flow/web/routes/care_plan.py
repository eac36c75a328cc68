"""A patient's care plan: the next version, its approval, and whom it was given."""

import re
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.app.care_plans import ShareWay, ShareWith
from ccm_flow.app.practitioners import check_approves
from ccm_flow.core.access import Permission
from ccm_flow.core.care_plan_text import read_plan
from ccm_flow.web.care_plan_form import values_of
from ccm_flow.web.forms import BadFormError, Typed
from ccm_flow.web.patient_acts import Doing, Form, Here, do, here_of, in_thread
from ccm_flow.web.patient_tabs import Tab

router = APIRouter()
_VERSION: Final = re.compile(r"[0-9]{1,6}")


@router.post("/patients/{enrollment}/care-plan")
async def write(request: Request, visit: Doing, enrollment: str) -> Response:
    """
    Keep what was typed as the next version; one that lacks something is kept too.

    Over a version that a colleague wrote meanwhile it is kept only when the person has been shown
    that version and says so (`over`).
    """

    def act(here: Here, typed: Typed) -> str:
        upon, click = _upon(typed), typed.click
        over = typed.values.get("over", "")
        upon = int(over) if _VERSION.fullmatch(over) else upon
        typed.check()
        read = read_plan(values_of(typed.values))
        problems = read.problems if any(values_of(typed.values).values()) else ["It is empty."]
        if problems:
            raise BadFormError(problems)
        store = SqlCarePlanStore(here.visit.parts.base.engine)
        if read.plan == store.latest(here.enrollment):
            return "nothing"
        store.write(here.enrollment, read.plan, here.me, here.now, upon=upon, told_in=click)
        return "plan"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.PLAN, "plan"), in_thread(act))


@router.post("/patients/{enrollment}/care-plan/share")
async def share(request: Request, visit: Doing, enrollment: str) -> Response:
    """Record that the patient or caregiver was given the version that is shown."""

    def act(here: Here, typed: Typed) -> str:
        to = typed.word("to", "To whom it was given", ShareWith)
        how = typed.word("how", "How it was given", ShareWay)
        upon, click = _upon(typed), typed.click
        typed.check()
        assert to is not None  # noqa: S101 - checked
        assert how is not None  # noqa: S101 - checked
        store = SqlCarePlanStore(here.visit.parts.base.engine)
        store.share(here.enrollment, (to, how), here.me, here.now, upon=upon, told_in=click)
        return "shared"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.PLAN, "share"), in_thread(act))


@router.post("/patients/{enrollment}/care-plan/approve")
async def approve(request: Request, visit: Doing, enrollment: str) -> Response:
    """Stand by the version that is shown, as a practitioner."""

    def act(here: Here, typed: Typed) -> str:
        upon, click = _upon(typed), typed.click
        typed.check()
        check_approves(here.visit.visitor.name, here.roles)
        store = SqlCarePlanStore(here.visit.parts.base.engine)
        store.approve(here.enrollment, here.me, here.now, upon=upon, told_in=click)
        return "approved"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.PLAN, "approve"), in_thread(act))


def _upon(typed: Typed) -> int:
    """Read which version the page showed, 0 for none."""
    text = typed.values.get("upon", "")
    if _VERSION.fullmatch(text):
        return int(text)
    typed.problems.append("The version that was shown is missing.")
    return 0
