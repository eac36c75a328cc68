"""The application's metrics, for Prometheus; there is no such page unless it was asked for."""

import hmac

from fastapi import APIRouter, Request
from starlette.responses import Response

from ccm_flow.web.loopback import is_loopback
from ccm_flow.web.parts import Parts, parts_of
from ccm_flow.web.visit import NotFoundError, public

router = APIRouter()
_BEARER = "Bearer "


@router.get("/metrics", dependencies=[public()])
def show(request: Request) -> Response:
    """Give all metrics to whoever may read them."""
    parts = parts_of(request)
    if parts.metrics is None or not _may_read(parts, request):
        raise NotFoundError
    from ccm_flow.adapters.telemetry.metrics import CONTENT_TYPE  # noqa: PLC0415 - switched on

    return Response(parts.metrics.text(), headers={"content-type": CONTENT_TYPE})


def _may_read(parts: Parts, request: Request) -> bool:
    """Take the token; or this machine's own programs, where nothing stands in front of us."""
    wanted = parts.base.settings.telemetry
    given = request.headers.get("authorization", "")
    if wanted.metrics_token is not None and given.startswith(_BEARER):
        shown = given.removeprefix(_BEARER).encode()
        return hmac.compare_digest(shown, wanted.metrics_token.encode())
    client = request.client.host if request.client is not None else ""
    return wanted.metrics_on_loopback and not parts.settings.secure and is_loopback(client)
