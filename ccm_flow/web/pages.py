"""Turning a page's values into HTML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.view_text import words
from ccm_flow.core.access import Permission
from ccm_flow.web.visit import Visit

STATIC: Final = Path(__file__).parent / "static"


def make_environment() -> Environment:
    """Set Jinja up: everything is escaped, and an unknown name is an error."""
    environment = Environment(
        loader=FileSystemLoader(shipped("templates") / "web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["Permission"] = Permission
    environment.filters["words"] = words
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
        **values,
    }
    return HTMLResponse(environment.get_template(f"{name}.html.j2").render(context), status)


def go_to(request: Request, path: str, **query: str) -> Response:
    """Send the browser on after a form; htmx loads the page in place."""
    target = f"{path}?{urlencode(query)}" if query else path
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)
