"""Alerts between a clinic and its vendor."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.db.alert_store import SqlAlerts
from ccm_flow.adapters.db.views_alerts import alert, alerts
from ccm_flow.app.alerts import AlertQuery, AlertView, NoSuchAlertError, stands_text
from ccm_flow.core.ids import ClickId
from ccm_flow.core.scopes import Scope
from ccm_flow.web.api.caller import Caller, NotHereError, scoped
from ccm_flow.web.api.models_alerts import AlertLine, AlertOut, AlertPage, Take
from ccm_flow.web.api.once import Key, once
from ccm_flow.web.api.paths import Limit, Offset
from ccm_flow.web.api.problems import RESPONSES, WRITING

router = APIRouter(prefix="/alerts", tags=["Alerts"])
Reading = Annotated[Caller, scoped(Scope.READ_WORK)]
Writing = Annotated[Caller, scoped(Scope.WRITE_WORK)]
AlertPath = Annotated[
    str, Path(max_length=64, pattern=r"^[0-9a-f]+$", description="The alert's id.")
]


@router.get("", responses=RESPONSES)
def read_alerts(
    caller: Reading,
    waiting: Annotated[bool, Query(description="Only those that nobody has taken.")] = True,
    limit: Limit = 100,
    offset: Offset = 0,
) -> AlertPage:
    """List what the clinic and its vendor told each other."""
    wanted = AlertQuery((caller.clinic,), waiting=waiting, start=offset, limit=limit)
    found = alerts(caller.parts.base.engine, wanted)
    return AlertPage(
        clinic=caller.clinic,
        as_of=caller.now,
        next_offset=offset + limit if len(found) > limit else None,
        items=[_out(one, caller) for one in found[:limit]],
    )


@router.get("/{alert_id}", responses=RESPONSES)
def read_alert(caller: Reading, alert_id: AlertPath) -> AlertOut:
    """Give one alert with everything that happened to it."""
    return _out(_find(caller, alert_id), caller)


@router.post("/{alert_id}/acknowledge", responses=WRITING, response_model=AlertOut)
async def acknowledge(
    request: Request, caller: Writing, *, alert_id: AlertPath, body: Take, once_key: Key
) -> Response:
    """Say that the token's person has seen it and takes it."""
    view = await run_in_threadpool(_find, caller, alert_id)

    async def take(_: ClickId) -> AlertOut:
        store = SqlAlerts(caller.parts.base.engine)
        await run_in_threadpool(
            store.acknowledge,
            view.alert.id,
            caller.person,
            caller.now,
            spoke_with=body.spoke_with.strip(),
        )
        return _out(await run_in_threadpool(_find, caller, alert_id), caller)

    return await once(request, caller, once_key, take)


def _find(caller: Caller, alert_id: str) -> AlertView:
    try:
        return alert(caller.parts.base.engine, alert_id, (caller.clinic,))
    except NoSuchAlertError:
        raise NotHereError("alert") from None


def _out(view: AlertView, caller: Caller) -> AlertOut:
    one, stands = view.alert, view.stands
    return AlertOut(
        id=one.id,
        kind=one.kind,
        urgency=one.urgency,
        enrollment=one.enrollment,
        cycle=one.cycle,
        step=one.step,
        from_organization=one.from_organization,
        to_organization=one.to_organization,
        raised_at=one.raised_at,
        reply_due_at=one.reply_due_at,
        stands=stands_text(view, caller.now),
        holder=stands.holder,
        take_by=stands.until if stands.is_waiting else None,
        events=[
            AlertLine(
                act=event.act,
                at=event.at,
                person=event.person,
                because=event.because,
                until=event.until,
                phone=event.phone,
            )
            for event in view.events
        ],
    )
