"""Where a playbook is tried out: a month, a clinic's calendar, a team and what the record says."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import CycleStart

_NAMES = ("Ann", "Nat", "Dr Lee", "Bob", "Dana", "Eve", "Finn", "Gus", "Hana", "Ivy", "Jon", "Kay")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Setting:
    """One month at one clinic."""

    month: Month
    calendar: WorkCalendar
    team: Mapping[RoleId, PersonId] | None = None
    """The named person for each role; when None, every role of the playbook has one."""
    opens_at: datetime | None = None
    """The cycle's first instant; by default the month's first (see `opening`)."""

    def opening(self, plan: Plan) -> datetime:
        """Give the cycle's first instant: the month's, or an enrollment's on a working morning."""
        if self.opens_at is not None:
            return self.opens_at
        first = self.month.first_day
        if plan.kind is PlaybookKind.MONTHLY:
            return self.calendar.start_of(first)
        return self.calendar.opening(self.calendar.business_day_after(first, 0))

    def people(self, plan: Plan) -> Mapping[RoleId, PersonId]:
        """Name the person for each role."""
        if self.team is not None:
            return self.team
        return {role.id: PersonId(_name(place)) for place, role in enumerate(plan.roles)}

    def start(self, plan: Plan, facts: Facts) -> CycleStart:
        """Give all that a cycle of this plan starts with here."""
        return CycleStart(
            cycle=CycleId(f"proof:{plan.playbook}:{self.month}"),
            clinic=ClinicId("proof"),
            enrollment=EnrollmentId("proof"),
            month=self.month,
            opens_at=self.opening(plan),
            team=self.people(plan),
            facts=facts,
            calendar=self.calendar,
            plan=plan,
        )

    def staffed(self, team: Mapping[RoleId, PersonId]) -> "Setting":
        """Give the same month with another team."""
        return replace(self, team=team)


def _name(place: int) -> str:
    return _NAMES[place] if place < len(_NAMES) else f"Person {place + 1}"


def next_open(calendar: WorkCalendar, instant: datetime) -> datetime:
    """Give the first instant from `instant` on at which somebody is at work."""
    if calendar.is_open(instant):
        return instant
    day = calendar.date_of(instant)
    try:
        if calendar.is_business_day(day) and calendar.opening(day) > instant:
            return calendar.opening(day)
        return calendar.opening(calendar.business_day_after(day, 1))
    except CalendarTooShortError:
        return instant


def clock(calendar: WorkCalendar, instant: datetime) -> timedelta:
    """Give the time of day at the clinic; on days of 23 or 25 hours, after the change at night."""
    day = calendar.date_of(instant)
    midnight = calendar.start_of(day)
    passed = instant - midnight
    if day < calendar.last and passed >= timedelta(hours=3):
        passed += _DAY - (calendar.start_of(day + _DAY) - midnight)
    return passed


def local_text(calendar: WorkCalendar, instant: datetime) -> str:
    """Write clinic time: `Dec 2 09:00`."""
    day = calendar.date_of(instant)
    minutes = int(clock(calendar, instant).total_seconds()) // 60
    return f"{day:%b} {day.day} {minutes // 60:02d}:{minutes % 60:02d}"
