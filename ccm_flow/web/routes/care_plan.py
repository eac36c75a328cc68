"""A patient's care plan: the next version, its approval, and whom it was given."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.adapters.db.care_plan_store import SqlCarePlanStore
from ccm_flow.app.care_plans import ShareWay, ShareWith, check_complete
from ccm_flow.app.practitioners import check_approves
from ccm_flow.core.access import Permission
from ccm_flow.core.care_plan_text import read_plan
from ccm_flow.web.care_plan_form import values_of
from ccm_flow.web.forms import BadFormError, Typed
from ccm_flow.web.patient_page import Tab
from ccm_flow.web.routes.record import Doing, Form, Here, do, here_of, in_thread

router = APIRouter()


@router.post("/patients/{enrollment}/care-plan")
async def write(request: Request, visit: Doing, enrollment: str) -> Response:
    """Keep what was typed as the next version; one that lacks something is kept too."""

    def act(here: Here, typed: Typed) -> str:
        upon, click = typed.text("upon", "The version it was written upon", most=6), typed.click
        typed.check()
        read = read_plan(values_of(typed.values))
        problems = read.problems if any(values_of(typed.values).values()) else ["It is empty."]
        if problems or not upon.isdecimal():
            raise BadFormError(problems or ["The version it was written upon is missing."])
        store = SqlCarePlanStore(here.visit.parts.base.engine)
        if read.plan == store.latest(here.enrollment):
            return "nothing"
        store.write(here.enrollment, read.plan, here.me, here.now, upon=int(upon), told_in=click)
        return "plan"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.PLAN, "plan"), in_thread(act))


@router.post("/patients/{enrollment}/care-plan/share")
async def share(request: Request, visit: Doing, enrollment: str) -> Response:
    """Record that the patient or caregiver was given the newest version."""

    def act(here: Here, typed: Typed) -> str:
        to = typed.word("to", "To whom it was given", ShareWith)
        how, click = typed.word("how", "How it was given", ShareWay), typed.click
        typed.check()
        assert to is not None  # noqa: S101 - checked
        assert how is not None  # noqa: S101 - checked
        store = SqlCarePlanStore(here.visit.parts.base.engine)
        store.share(here.enrollment, (to, how), here.me, here.now, click)
        return "shared"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.PLAN, "share"), in_thread(act))


@router.post("/patients/{enrollment}/care-plan/approve")
async def approve(request: Request, visit: Doing, enrollment: str) -> Response:
    """Stand by the newest version, as a practitioner."""

    def act(here: Here, typed: Typed) -> str:
        click = typed.click
        typed.check()
        check_approves(here.visit.visitor.name, here.roles)
        store = SqlCarePlanStore(here.visit.parts.base.engine)
        check_complete(store.latest(here.enrollment))
        store.approve(here.enrollment, here.me, here.now, click)
        return "approved"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.PLAN, "approve"), in_thread(act))
