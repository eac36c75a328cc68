"""What the playbook pages share: their use cases, the clinic's months, pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final

from fastapi import Form
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone, closed_days, month_calendar
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.playbook_library import PlaybookLibrary
from ccm_flow.app.care import ClinicView
from ccm_flow.app.drafts import Draft, NoSuchDraftError
from ccm_flow.app.publish_playbook import DraftDesk
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import BadMonthError
from ccm_flow.core.ids import ClinicId, DraftId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.drawing.calendar_svg import month_calendar_svg
from ccm_flow.drawing.flow_svg import draw_svg
from ccm_flow.web.visit import NotFoundError, Visit

MONTHS_OFFERED: Final = 6
PICTURE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A picture is a file of its own with its own style; nothing in it is loaded or run."""
Note = Annotated[str, Form(max_length=2_000)]


@dataclass(frozen=True)
class Place:
    """A clinic as the playbook pages need it."""

    clinic: ClinicView
    running: Month
    """The month that runs there now."""

    @property
    def months(self) -> tuple[Month, ...]:
        """The running month and those after it, as far as calendars are offered."""
        return months_from(self.running)

    def month(self, text: str) -> Month:
        """Read a month from an address; the next one when there is none."""
        try:
            return Month.parse(text) if text else self.running.next
        except BadMonthError:
            raise NotFoundError from None


def months_from(first: Month) -> tuple[Month, ...]:
    """Give a month and those after it, as far as calendars are offered."""
    return tuple(islice(_from(first), MONTHS_OFFERED))


def _from(month: Month) -> Iterator[Month]:
    while True:
        yield month
        month = month.next


def place_of(visit: Visit, clinic: ClinicId) -> Place:
    """Give a clinic with its running month."""
    view = visit.parts.base.record.clinic(clinic)
    now = visit.parts.base.clock.now()
    return Place(view, Month.of(now.astimezone(clinic_zone(view.hours.time_zone)).date()))


def here(visit: Visit, permission: Permission) -> ClinicId:
    """Give the clinic that the person works on; raises `NotFoundError` when there is none."""
    if visit.clinic is None:
        raise NotFoundError
    return visit.at(visit.clinic, permission)


def library_of(visit: Visit) -> PlaybookLibrary:
    """Give what checks texts."""
    return PlaybookLibrary(visit.parts.base.engine, visit.parts.templates)


def desk_of(visit: Visit) -> DraftDesk:
    """Give what the use cases of drafts work with."""
    base = visit.parts.base
    return DraftDesk(SqlDrafts(base.engine), library_of(visit), base.clock)


def draft_at(visit: Visit, draft: str, permission: Permission) -> Draft:
    """Give a draft of a clinic where the person may do something; raises `NotFoundError`."""
    try:
        found = SqlDrafts(visit.parts.base.engine).draft(DraftId(draft))
    except NoSuchDraftError:
        raise NotFoundError from None
    visit.at(found.clinic, permission)
    return found


def flow_picture(plan: Plan) -> Response:
    """Answer with the drawing of a playbook."""
    return _picture(draw_svg(plan))


def month_picture(plan: Plan, clinic: ClinicView, month: Month) -> Response:
    """Answer with a month's page, with the clinic's own dates."""
    days = month_calendar(clinic.hours, month, plan.kind)
    closed = closed_days(clinic.hours, month.first_day, month.last_day)
    return _picture(month_calendar_svg(plan, month, days, closed))


def _picture(svg: str) -> Response:
    headers: Mapping[str, str] = {"content-security-policy": PICTURE_POLICY}
    return Response(svg, headers=headers, media_type="image/svg+xml")
