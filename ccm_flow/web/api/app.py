"""The API, put together as an application of its own inside the pages' one."""

from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from ccm_flow.adapters.db.token_store import SqlTokens
from ccm_flow.bootstrap import sealer
from ccm_flow.core.scopes import Scope
from ccm_flow.web.api import alerts, happening, looking, playbooks, time, work
from ccm_flow.web.api.caller import RATE
from ccm_flow.web.api.problems import add_problems
from ccm_flow.web.limits import Limit
from ccm_flow.web.parts import Parts

PREFIX: Final = "/api/v1"
ROUTERS: Final = (
    work.router,
    alerts.router,
    looking.router,
    time.router,
    happening.router,
    playbooks.router,
)
_ABOUT: Final = """
Work with a clinic's chronic care management months: the same use cases as the pages.

A token stands for one clinic and one person; other clinics' ids do not exist for it. Every
request that changes something carries an `Idempotency-Key`, so sending it again is harmless.
"""


class OpenOperationError(RuntimeError):
    """An operation does not name its scope."""


def build_api(parts: Parts) -> FastAPI:
    """
    Put the API together.

    Raises:
        OpenOperationError: an operation was left open by mistake.
    """
    api = FastAPI(
        title="CCM Flow",
        version="1",
        description=_ABOUT.strip(),
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
    )
    api.state.parts = parts
    api.state.limit = Limit(RATE)
    api.state.tokens = SqlTokens(parts.base.engine, sealer(parts.base.settings))
    for router in ROUTERS:
        api.include_router(router)
    scopes_of(ROUTERS)
    add_problems(api)
    return api


def scopes_of(routers: Iterable[APIRouter]) -> dict[str, Scope]:
    """
    Give the scope that each operation needs, as `GET /queue`.

    Raises:
        OpenOperationError: one of them names none.
    """
    found = {}
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                scopes = _scopes(route.dependant)
                if len(scopes) != 1:
                    raise OpenOperationError(f"{route.path} names {len(scopes)}")
                found[f"{min(route.methods or ())} {route.path}"] = scopes[0]
    return found


def _scopes(dependant: Dependant) -> list[Scope]:
    scope: Any = getattr(dependant.call, "scope", None)
    own = [scope] if isinstance(scope, Scope) else []
    return own + [one for inner in dependant.dependencies for one in _scopes(inner)]
