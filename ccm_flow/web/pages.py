"""Turning a page's values into HTML."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.views_timer import page_head
from ccm_flow.adapters.ehr.condition_groups import condition_title
from ccm_flow.adapters.shipped import shipped
from ccm_flow.app.records import plain_display
from ccm_flow.app.view_text import why_text, words
from ccm_flow.core.access import Permission
from ccm_flow.core.time_audit import length
from ccm_flow.web.spoken import clinic_times, plain_hint
from ccm_flow.web.static_files import OwnFiles
from ccm_flow.web.visit import Visit
from ccm_flow.web.words import (
    PLACES,
    clock,
    day_and_time,
    day_only,
    day_words,
    language_name,
    left,
    month_name,
    without_handle,
    written_day,
)

KEYS_COOKIE: Final = "ccm_keys"
"""Whether single keys walk the lists in this browser."""
KEYS_OFF: Final = "off"
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
    environment.filters["plain_hint"] = plain_hint
    environment.filters["clinic_times"] = clinic_times
    environment.filters["span"] = length
    environment.filters["clock"] = clock
    environment.filters["month_name"] = month_name
    environment.filters["written_day"] = written_day
    environment.filters["language_name"] = language_name
    environment.filters["without_handle"] = without_handle
    environment.filters["plain_display"] = plain_display
    environment.filters["condition_title"] = condition_title
    environment.globals["clinic_zone"] = clinic_zone
    environment.globals["day_and_time"] = day_and_time
    environment.globals["day_words"] = day_words
    environment.globals["day_only"] = day_only
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
        "keys_off": request.cookies.get(KEYS_COOKIE) == KEYS_OFF,
        "form_token": visit.form_token if visit else "",
        "demo_time": _demo_time(visit) if visit else None,
        "moment": _Moments(visit) if visit else None,
        **_head(visit),
        **values,
    }
    return HTMLResponse(environment.get_template(f"{name}.html.j2").render(context), status)


class _Moments:
    """Writes instants of the machine's clock, as signing in has, in the clinic's time."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    @cached_property
    def _zone(self) -> ZoneInfo:
        clinic, record = self._visit.clinic, self._visit.parts.base.record
        return clinic_zone(record.clinic(clinic).hours.time_zone if clinic else "UTC")

    def __call__(self, at: datetime) -> str:
        return day_and_time(at, self._zone, self._visit.parts.wall.now())


def _head(visit: Visit | None) -> Mapping[str, Any]:
    """Give what stands above every page; who sees no work has no new messages."""
    if visit is None:
        return {"unread": 0, "timer": None, "alerts_waiting": 0, "has_vendor": False}
    base, clinics = visit.parts.base, visit.visitor.clinics(Permission.SEE_WORK)
    head = page_head(base.engine, visit.visitor.person, clinics, base.clock.now())
    return {
        "unread": head.unread,
        "timer": head.timer,
        "alerts_waiting": head.alerts,
        "has_vendor": head.has_vendor,
    }


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
