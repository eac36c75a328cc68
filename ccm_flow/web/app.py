"""The application, put together from its parts."""

from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from ccm_flow.core.access import Permission
from ccm_flow.web.api.app import PREFIX, build_api
from ccm_flow.web.errors import add_error_pages
from ccm_flow.web.pages import STATIC, make_environment
from ccm_flow.web.parts import Parts
from ccm_flow.web.routes import (
    access_log,
    account,
    alerts,
    capacity,
    care_plan,
    closing,
    connections,
    demo_clock,
    digest,
    draft_decisions,
    drafts,
    emergency,
    leaks,
    lines,
    messages,
    metrics,
    month,
    moving_months,
    other_work,
    patients,
    people,
    playbook_after,
    playbooks,
    probes,
    record,
    record_flow,
    record_notes,
    record_time,
    rehearsals,
    review,
    scorecard,
    sign_in,
    single_sign_on,
    step,
    step_more,
    time,
    vendor,
    work,
)
from ccm_flow.web.security import SecurityLayer
from ccm_flow.web.static_files import OwnFiles
from ccm_flow.web.visit import Need
from ccm_flow.web.watching import WatchLayer


class OpenRouteError(RuntimeError):
    """A route says neither what it needs nor that it is public."""


WORK: Final = (work.router, other_work.router, step.router, step_more.router, time.router)
PATIENTS: Final = (
    patients.router,
    record.router,
    record_notes.router,
    record_time.router,
    care_plan.router,
    record_flow.router,
)
MONTH: Final = (month.router, leaks.router, closing.router, lines.router, capacity.router)
CLINICS: Final = (vendor.router, review.router, scorecard.router)
PLAYBOOKS: Final = (
    playbooks.router,
    drafts.router,
    draft_decisions.router,
    rehearsals.router,
    playbook_after.router,
    moving_months.router,
)
PEOPLE: Final = (people.router, access_log.router, emergency.router, connections.router)
GROUPS: Final = (
    probes.router,
    metrics.router,
    sign_in.router,
    single_sign_on.router,
    account.router,
    *WORK,
    messages.router,
    alerts.router,
    digest.router,
    *PATIENTS,
    *MONTH,
    *CLINICS,
    *PLAYBOOKS,
    *PEOPLE,
)
"""Every page of the application."""


def build(parts: Parts) -> FastAPI:
    """
    Put the application together.

    Raises:
        OpenRouteError: a route was left open by mistake.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, title="CCM Flow")
    app.state.parts = parts
    files = OwnFiles(STATIC)
    app.state.environment = make_environment(files)
    for group in (*GROUPS, demo_clock.router) if parts.settings.demo else GROUPS:
        tuple(needs_of(group))
        app.include_router(group)
    app.state.api = build_api(parts)
    app.mount(PREFIX, app.state.api, name="api")
    app.mount("/static", files, name="static")
    add_error_pages(app)
    app.add_middleware(SecurityLayer, secure=parts.settings.secure)
    if parts.metrics is not None or parts.tracer is not None:
        app.add_middleware(WatchLayer, metrics=parts.metrics, tracer=parts.tracer)
    return app


def needs_of(group: APIRouter) -> Iterator[tuple[APIRoute, Need, Permission | None]]:
    """
    Give what each route of a group needs.

    Raises:
        OpenRouteError: one of them names nothing.
    """
    for route in group.routes:
        if isinstance(route, APIRoute):
            found = list(_named(route.dependant))
            if len(found) != 1:
                raise OpenRouteError(f"{route.path} names {len(found)}")
            yield route, *found[0]


def _named(dependant: Dependant) -> Iterator[tuple[Need, Permission | None]]:
    need = getattr(dependant.call, "need", None)
    if need is not None:
        yield need
    for inner in dependant.dependencies:
        yield from _named(inner)
