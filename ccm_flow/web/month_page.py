"""What all pages of a clinic's month share: the clinic, the month, and how charts are measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.responses import Response

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.views import months_of
from ccm_flow.app.care import ClinicView
from ccm_flow.core.access import Permission
from ccm_flow.core.errors import BadMonthError
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.web.pages import page
from ccm_flow.web.visit import NotFoundError, Visit
from ccm_flow.web.words import month_name


@dataclass(frozen=True)
class MonthPlace:
    """One clinic's month that somebody looks at."""

    clinic: ClinicView
    month: Month
    now: datetime
    known: tuple[Month, ...]
    """Months in which something was opened, newest first; the one looked at is among them."""

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return clinic_zone(self.clinic.hours.time_zone)

    @property
    def today(self) -> date:
        """The clinic's date."""
        return self.now.astimezone(self.zone).date()

    @property
    def tonight(self) -> datetime:
        """When the clinic's day ends."""
        midnight = datetime.combine(self.today + timedelta(days=1), time(), self.zone)
        return midnight.astimezone(UTC)

    @property
    def is_over(self) -> bool:
        """Tell whether the month's last day is over at the clinic."""
        return self.today > self.month.last_day

    @property
    def address(self) -> str:
        """Where the month's pages begin."""
        return f"/clinics/{self.clinic.clinic}/months/{self.month}"


def find_month(
    visit: Visit, clinic: str, text: str, permission: Permission = Permission.SEE_MONTH
) -> MonthPlace:
    """
    Give a clinic's month for somebody who may do something with it.

    Raises:
        NotFoundError: they may not, or there is no such clinic or month.
    """
    allowed = visit.at(ClinicId(clinic), permission)
    try:
        month = Month.parse(text)
    except BadMonthError:
        raise NotFoundError from None
    base = visit.parts.base
    known = months_of(base.engine, allowed, PlaybookKind.MONTHLY)
    listed = tuple(sorted({*known, month}, reverse=True))
    return MonthPlace(base.record.clinic(allowed), month, base.clock.now(), listed)


def usual_month(visit: Visit) -> MonthPlace:
    """Give the month that runs at the visitor's clinic, or the newest there is."""
    if visit.clinic is None:
        raise NotFoundError
    clinic = visit.at(visit.clinic, Permission.SEE_MONTH)
    base = visit.parts.base
    view, now = base.record.clinic(clinic), base.clock.now()
    running = Month.of(now.astimezone(clinic_zone(view.hours.time_zone)).date())
    known = tuple(months_of(base.engine, clinic, PlaybookKind.MONTHLY))
    return MonthPlace(view, running if running in known or not known else known[0], now, known)


def month_page(
    request: Request,
    name: str,
    visit: Visit,
    place: MonthPlace,
    *,
    status: int = 200,
    **values: Any,
) -> Response:
    """Show one of the month's pages."""
    return page(
        request,
        name,
        visit,
        status=status,
        place=place,
        month_name=month_name,
        day_name=day_name,
        **{"section": "/month", **values},
    )


def day_name(day: date) -> str:
    """Write a day: `Dec 31`."""
    return f"{day:%b} {day.day}"


def ceiling(values: Iterable[float]) -> float:
    """Give a round number that no value is above: 1, 2 or 5 times a power of ten."""
    most, step = max(values, default=0.0), 1.0
    while True:
        for factor in (1.0, 2.0, 5.0):
            if most <= factor * step:
                return factor * step
        step *= 10
