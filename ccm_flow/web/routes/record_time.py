"""The time on a patient's page: entered, and put right."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.app.time import About, Correction, NewEntry, add_entry, correct_entry
from ccm_flow.core.access import Permission
from ccm_flow.core.activities import Activity
from ccm_flow.web.forms import Typed
from ccm_flow.web.patient_acts import Doing, Form, Here, do, here_of, in_thread
from ccm_flow.web.patient_tabs import Tab
from ccm_flow.web.visit import NotFoundError

router = APIRouter()
_SECONDS: Final = 60


@router.post("/patients/{enrollment}/time")
async def add_time(request: Request, visit: Doing, enrollment: str) -> Response:
    """Keep work that was done without a timer."""

    def act(here: Here, typed: Typed) -> str:
        started = typed.text("started", "When it began")
        at = typed.moment("started", "When it began", here.zone, here.now)
        minutes = typed.minutes("minutes", "How long it took")
        activity = typed.word("activity", "The kind of work", Activity)
        reason = typed.text("because", "The reason", needed=False, most=500)
        click = typed.click
        typed.check()
        assert started  # noqa: S101 - checked
        assert activity is not None  # noqa: S101 - checked
        entry = NewEntry(
            about=About(here.ref.clinic, here.enrollment),
            person=here.me,
            activity=activity,
            started_at=at,
            seconds=minutes * _SECONDS,
            reason=reason,
            told_in=click,
        )
        add_entry(SqlTimeStore(here.visit.parts.base.engine), entry, here.now)
        return "time"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.TIME, "time"), in_thread(act))


@router.post("/patients/{enrollment}/time/{entry}")
async def correct_time(request: Request, visit: Doing, enrollment: str, entry: str) -> Response:
    """Let a new entry take another one's place."""

    def act(here: Here, typed: Typed) -> str:
        minutes = typed.minutes("minutes", "How long it took")
        activity = typed.word("activity", "The kind of work", Activity)
        reason, click = typed.text("because", "The reason", most=500), typed.click
        typed.check()
        store = SqlTimeStore(here.visit.parts.base.engine)
        known = store.entry(entry, here.ref.clinic)
        if known.enrollment != here.enrollment:
            raise NotFoundError
        seconds = minutes * _SECONDS
        kept = seconds if seconds // _SECONDS != known.seconds // _SECONDS else None
        change = Correction(
            entry=entry,
            by=here.me,
            reason=reason,
            seconds=kept,  # what was not changed keeps its odd seconds
            activity=activity if activity is not known.activity else None,
            told_in=click,
        )
        if kept is None and change.activity is None:
            return "corrected" if store.told(click) else "nothing"
        correct_entry(store, here.ref.clinic, change, here.now)
        return "corrected"

    here = await here_of(visit, enrollment, Permission.DO_WORK)
    return await do(request, here, Form(Tab.TIME, f"correct-{entry}"), in_thread(act))
