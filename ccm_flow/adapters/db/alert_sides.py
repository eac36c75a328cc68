"""The two organizations of a clinic as alerts see them: their rules, their hours, their people."""

from datetime import datetime, time, timedelta
from typing import Final

from sqlmodel import Session, select

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.pool import clinic_pool_of
from ccm_flow.adapters.db.tables import ClinicClosureRow, ClinicRow
from ccm_flow.app.alert_rules import hours_of, rule_of, side_of
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.alerts import AlertRule, Around
from ccm_flow.core.ids import ClinicId, OrganizationId

_BACK: Final = timedelta(days=3)
_AHEAD: Final = timedelta(days=200)
"""How far a reply's clock may reach: half a year is the longest amount a file may name."""


class Sides:
    """What decides about a clinic's alerts at an instant."""

    def __init__(self, session: Session, clinic: ClinicId, now: datetime) -> None:
        row = session.get_one(ClinicRow, clinic)
        closures = session.exec(
            select(ClinicClosureRow).where(ClinicClosureRow.clinic_id == clinic)
        )
        self.pool = clinic_pool_of(session, clinic, now)
        self._now = now
        self._profile = row.profile
        self._hours = ClinicHours(
            time_zone=row.time_zone,
            opens=time.fromisoformat(row.opens),
            closes=time.fromisoformat(row.closes),
            working_days=frozenset(row.working_days.split()),
            closures={one.day: one.reason for one in closures},
        )

    def rule(self, organization: OrganizationId) -> AlertRule:
        """Give how an organization takes alerts here."""
        side = side_of(self._profile, self.pool, organization)
        return rule_of(side, self.pool, organization)

    def around(self, organization: OrganizationId) -> Around:
        """Give who there is, and when an organization works."""
        hours = hours_of(side_of(self._profile, self.pool, organization), self._hours)
        today = self._now.astimezone(clinic_zone(hours.time_zone)).date()
        calendar = build_calendar(hours, today - _BACK, today + _AHEAD)
        return Around(self.pool, calendar, self._now)
