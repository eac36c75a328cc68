"""Other programs: their tokens, where they are told of events, and what became of that."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.account_store import STAFF_ACCESS
from ccm_flow.adapters.db.endpoint_store import SqlEndpoints
from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.adapters.db.views import StaffMember, staff_of
from ccm_flow.adapters.webhook_sender import check_url
from ccm_flow.app.api_tokens import MadeToken, NewToken, make_token
from ccm_flow.app.webhooks import BadEndpointError, NewEndpoint
from ccm_flow.bootstrap import sealer
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.scopes import PERMISSION_OF, Scope, acts_in_person
from ccm_flow.core.webhooks import HookEvent
from ccm_flow.web.pages import go_to, page
from ccm_flow.web.visit import NotFoundError, Signed, Visit, needs
from ccm_flow.web.words import day_and_time

router = APIRouter()
_LOG_LINES: Final = 50
Managing = Annotated[Visit, needs(Permission.MANAGE_CONNECTIONS)]
Text = Annotated[str, Form(max_length=200)]


@router.get("/connections")
def show_connections(request: Request, visit: Managing) -> Response:
    """Show a clinic's tokens, endpoints and the newest messages."""
    return _show(request, visit, _clinic(visit))


@router.post("/connections/tokens")
def make(
    request: Request,
    visit: Managing,
    *,
    clinic: Text,
    click: Text,
    name: Text = "",
    person: Text = "",
    days: Annotated[int, Form()] = 90,
    scope: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    signs: Annotated[bool, Form()] = False,
) -> Response:
    """Make a token and show its secret, for the only time."""
    here = visit.at(ClinicId(clinic), Permission.MANAGE_CONNECTIONS)
    typed = {"name": name, "person": person, "days": days, "scope": scope, "signs": signs}
    staff = {member.person for member in staff_of(visit.parts.base.engine, here)}
    acting = visit.parts.accounts.visitor(PersonId(person)) if person in staff else None
    new = NewToken(
        clinic=here,
        person=PersonId(person),
        name=name,
        scopes=frozenset(one for one in Scope if one.value in scope),
        lasts=timedelta(days=max(0, min(days, 10_000))),
        by=visit.visitor.person,
        signs=signs,
        click=click,
    )
    try:
        made = make_token(_tokens(visit), new, acting, visit.visitor, visit.parts.wall.now())
    except CcmError as problem:
        return _show(request, visit, here, status=422, problem=problem, typed=typed)
    return _show(request, visit, here, made=made)


@router.post("/connections/tokens/revoke")
def revoke(request: Request, visit: Managing, clinic: Text, token: Text) -> Response:
    """End a token at once, for good."""
    here = visit.at(ClinicId(clinic), Permission.MANAGE_CONNECTIONS)
    _tokens(visit).revoke(token, here, visit.visitor.person, visit.parts.wall.now())
    return go_to(request, "/connections")


@router.post("/connections/endpoints")
def add_endpoint(
    request: Request,
    visit: Managing,
    *,
    clinic: Text,
    click: Text,
    url: Annotated[str, Form(max_length=1000)] = "",
    event: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Tell another system what happens from now on; shows the signing secret, once."""
    here = visit.at(ClinicId(clinic), Permission.MANAGE_CONNECTIONS)
    events = frozenset(one for one in HookEvent if one.value in event)
    try:
        if not events:
            raise BadEndpointError("Choose at least one event.", "Nothing was added.")
        checked = check_url(url, private=visit.parts.base.settings.private_webhooks)
        new = NewEndpoint(here, checked, events, visit.visitor.person, click)
        _, secret = _endpoints(visit).add(new, visit.parts.wall.now())
    except CcmError as problem:
        typed = {"url": url, "event": event}
        return _show(request, visit, here, status=422, problem=problem, typed=typed)
    return _show(request, visit, here, hook_secret=secret)


@router.post("/connections/endpoints/end")
def end_endpoint(request: Request, visit: Managing, clinic: Text, endpoint: Text) -> Response:
    """Send nothing more there."""
    here = visit.at(ClinicId(clinic), Permission.MANAGE_CONNECTIONS)
    _endpoints(visit).end(endpoint, here, visit.visitor.person, visit.parts.wall.now())
    return go_to(request, "/connections")


@router.post("/connections/resend")
def resend(
    request: Request, visit: Managing, clinic: Text, endpoint: Text, message: Text
) -> Response:
    """Send a message once more."""
    here = visit.at(ClinicId(clinic), Permission.MANAGE_CONNECTIONS)
    _endpoints(visit).send_again(endpoint, message, here, visit.parts.wall.now())
    return go_to(request, "/connections")


@router.get("/api")
async def show_api(request: Request, visit: Signed) -> Response:
    """List the API's operations, from its own description."""
    api: FastAPI = request.app.state.api
    document = await run_in_threadpool(api.openapi)
    operations = [
        {"method": method.upper(), "path": path, "tag": operation["tags"][0], **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return page(request, "api", visit, operations=operations, about=document["info"])


def _clinic(visit: Visit) -> ClinicId:
    if visit.clinic is None:
        raise NotFoundError
    return visit.at(visit.clinic, Permission.MANAGE_CONNECTIONS)


def _show(
    request: Request,
    visit: Visit,
    clinic: ClinicId,
    *,
    status: int = 200,
    made: MadeToken | None = None,
    hook_secret: str = "",
    problem: CcmError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    parts, now = visit.parts, visit.parts.wall.now()
    endpoints = _endpoints(visit)
    view = parts.base.record.clinic(clinic)
    zone = clinic_zone(view.hours.time_zone)
    return page(
        request,
        "connections",
        visit,
        status=status,
        clinic=view,
        now=now,
        tokens=_tokens(visit).of(clinic),
        endpoints=endpoints.of(clinic),
        log=endpoints.log(clinic, _LOG_LINES),
        staff=[one for one in staff_of(parts.base.engine, clinic) if not _in_person(one)],
        scopes=[one for one in Scope if visit.visitor.may(PERMISSION_OF[one], clinic)],
        events=list(HookEvent),
        made=made,
        hook_secret=hook_secret,
        problem=problem,
        typed=typed or {},
        when=lambda at: day_and_time(at, zone, now),
    )


def _in_person(member: StaffMember) -> bool:
    """Tell whether no token may act for somebody."""
    held = {STAFF_ACCESS[role] for role in member.roles if role in STAFF_ACCESS}
    return acts_in_person(held)


def _tokens(visit: Visit) -> SqlTokens:
    return SqlTokens(visit.parts.base.engine, sealer(visit.parts.base.settings))


def _endpoints(visit: Visit) -> SqlEndpoints:
    return SqlEndpoints(visit.parts.base.engine, sealer(visit.parts.base.settings))
