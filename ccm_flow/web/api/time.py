"""Time: timers, entries and corrections, of the token's person alone."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.time_activity import activity_for
from ccm_flow.adapters.db.time_store import SqlTimeStore
from ccm_flow.adapters.db.views_api import enrollment_here, step_facts
from ccm_flow.app.time import (
    About,
    Correction,
    NewEntry,
    add_entry,
    correct_entry,
    start_timer,
    stop_timer,
)
from ccm_flow.app.time_errors import NoTimerError, TimeRefusedError
from ccm_flow.app.views_time import EntryLine
from ccm_flow.core.activities import Activity
from ccm_flow.core.ids import ClickId, CycleId, EnrollmentId, StepKey
from ccm_flow.core.scopes import Scope
from ccm_flow.web.api.caller import Caller, NotHereError, scoped
from ccm_flow.web.api.models_time import (
    AddTime,
    CorrectTime,
    Entries,
    Entry,
    StartTimer,
    StopTimer,
    Timer,
    TimerStarted,
)
from ccm_flow.web.api.once import Key, once
from ccm_flow.web.api.paths import EntryId
from ccm_flow.web.api.problems import WRITING

router = APIRouter(prefix="/time", tags=["Time"])
Writing = Annotated[Caller, scoped(Scope.WRITE_TIME)]


@router.post("/start", responses=WRITING, response_model=TimerStarted)
async def start(request: Request, caller: Writing, body: StartTimer, once_key: Key) -> Response:
    """Start the person's timer; each person has one."""

    def do() -> TimerStarted:
        about = _about(caller, body)
        timer, stopped = start_timer(
            SqlTimeStore(caller.parts.base.engine),
            about,
            caller.person,
            _activity(caller, about, body.activity),
            now=caller.now,
            program=body.program,
            switch=body.switch,
        )
        return TimerStarted(timer=Timer.model_validate(timer), stopped=_entries(stopped).entries)

    async def work(_click: ClickId) -> TimerStarted:
        return await run_in_threadpool(do)

    return await once(request, caller, once_key, work)


@router.post("/stop", responses=WRITING, response_model=Entries)
async def stop(request: Request, caller: Writing, body: StopTimer, once_key: Key) -> Response:
    """Stop the person's timer and keep its time."""

    def do() -> Entries:
        store = SqlTimeStore(caller.parts.base.engine)
        timer = store.running(caller.person, caller.now)
        engine = caller.parts.base.engine
        if timer is None or enrollment_here(engine, caller.clinic, timer.enrollment) is None:
            raise NoTimerError(caller.person)
        return _entries(stop_timer(store, caller.person, now=caller.now, until=body.until))

    async def work(_click: ClickId) -> Entries:
        return await run_in_threadpool(do)

    return await once(request, caller, once_key, work)


@router.post("/entries", responses=WRITING, response_model=Entries)
async def add(request: Request, caller: Writing, body: AddTime, once_key: Key) -> Response:
    """Enter work that was done without a timer."""

    def do() -> Entries:
        about = _about(caller, body)
        entry = NewEntry(
            about=about,
            person=caller.person,
            activity=_activity(caller, about, body.activity),
            started_at=body.started_at,
            seconds=body.seconds,
            reason=body.because,
            program=body.program,
        )
        return _entries(add_entry(SqlTimeStore(caller.parts.base.engine), entry, caller.now))

    async def work(_click: ClickId) -> Entries:
        return await run_in_threadpool(do)

    return await once(request, caller, once_key, work)


@router.post("/entries/{entry}/correct", responses=WRITING, response_model=Entry)
async def correct(
    request: Request, caller: Writing, entry: EntryId, body: CorrectTime, once_key: Key
) -> Response:
    """Let a new entry take the place of one of the person's own; the old one stays."""

    def do() -> Entry:
        store = SqlTimeStore(caller.parts.base.engine)
        if store.entry(entry, caller.clinic).person != caller.person:
            raise NotHereError("entry of this person's")
        change = Correction(
            entry=entry,
            by=caller.person,
            reason=body.because,
            seconds=body.seconds,
            started_at=body.started_at,
            activity=body.activity,
        )
        return _entry(correct_entry(store, caller.clinic, change, caller.now))

    async def work(_click: ClickId) -> Entry:
        return await run_in_threadpool(do)

    return await once(request, caller, once_key, work)


def _about(caller: Caller, body: StartTimer | AddTime) -> About:
    engine = caller.parts.base.engine
    enrollment = EnrollmentId(body.enrollment)
    if enrollment_here(engine, caller.clinic, enrollment) is None:
        raise NotHereError("enrollment")
    if body.cycle is None and body.step is None:
        return About(caller.clinic, enrollment)
    cycle, step = CycleId(body.cycle or ""), StepKey(body.step or "")
    facts = step_facts(engine, caller.clinic, cycle, step)
    if facts is None or facts.enrollment != enrollment:
        raise NotHereError("step of this enrollment's")
    return About(caller.clinic, enrollment, cycle, step)


def _activity(caller: Caller, about: About, wanted: Activity | None) -> Activity:
    found = wanted or activity_for(caller.parts.base.engine, about)
    if found is None:
        raise TimeRefusedError(
            ["What kind of work is it?"], "Name the `activity`, or the step it is for."
        )
    return found


def _entries(lines: tuple[EntryLine, ...]) -> Entries:
    return Entries(entries=[_entry(line) for line in lines])


def _entry(line: EntryLine) -> Entry:
    fields = {name: getattr(line, name) for name in Entry.model_fields}
    return Entry.model_validate({**fields, "month": str(line.month)})
