"""Turning a page's values into HTML."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.view_text import why_text, words
from ccm_flow.core.access import Permission
from ccm_flow.web.static_files import OwnFiles
from ccm_flow.web.visit import Visit
from ccm_flow.web.words import PLACES, day_and_time, left

STATIC: Final = Path(__file__).parent / "static"


def make_environment(files: OwnFiles) -> Environment:
    """Set Jinja up: everything is escaped, and an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates") / "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = files.address
    environment.globals["Permission"] = Permission
    environment.globals["new_id"] = lambda: uuid.uuid4().hex
    environment.globals["why_text"] = why_text
    environment.globals["places"] = PLACES
    environment.filters["words"] = words
    environment.filters["left"] = left
    environment.globals["day_and_time"] = day_and_time
    return environment


def page(
    request: Request,
    name: str,
    visit: Visit | None = None,
    *,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Show a page from `templates/web/`; `visit` is who looks at it."""
    environment: Environment = request.app.state.environment
    context: Mapping[str, Any] = {
        "visit": visit,
        "path": request.url.path,
        "form_token": visit.form_token if visit else "",
        "demo_time": _demo_time(visit) if visit else None,
        **values,
    }
    return HTMLResponse(environment.get_template(f"{name}.html.j2").render(context), status)


def _demo_time(visit: Visit) -> str | None:
    """Write the demo's time for the bar that moves it; None outside a demo."""
    if not visit.parts.settings.demo or visit.clinic is None:
        return None
    hours = visit.parts.base.record.clinic(visit.clinic).hours
    local = visit.parts.base.clock.now().astimezone(clinic_zone(hours.time_zone))
    return f"{local:%A}, {local:%B} {local.day}, {local.year}, {local:%H:%M}"


def go_to(request: Request, path: str, **query: str) -> Response:
    """Send the browser on after a form; htmx loads the page in place."""
    target = f"{path}?{urlencode(query)}" if query else path
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)
