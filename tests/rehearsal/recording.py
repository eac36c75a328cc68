"""Records a month of a small clinic, for the tests of what is made of it."""

from dataclasses import replace

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.care_team import team_of
from ccm_flow.adapters.db.engine import reading
from ccm_flow.core.behaviour import Behaviour
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.demo.happenings import happenings
from ccm_flow.demo.staff import MONTHLY_STAFF
from tests.support.played_month import keep_months, play_month, start_of
from tests.support.set_up import CLINIC, MONTH, person, set_up_clinic

PATIENTS = 24
STAFF = replace(MONTHLY_STAFF, forgotten=0.2, late=0.2, reach=0.4)


def record_month(
    engine: Engine, staff: Behaviour = STAFF, patients: int = PATIENTS
) -> WorkCalendar:
    """Record a month with late steps, escalations, a hospital stay and a death."""
    enrollments = set_up_clinic(engine, patients)
    record = SqlCareRecord(engine)
    calendar = month_calendar(record.clinic(CLINIC).hours, MONTH, PlaybookKind.MONTHLY)
    plan = record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    stories = happenings(MONTH, calendar, person("lee"))
    played = []
    for number, enrollment in enumerate(enrollments):
        with reading(engine) as session:
            team = team_of(session, enrollment)
        story = stories[number] if number < len(stories) else ()
        start = start_of(enrollment, plan, MONTH, calendar=calendar, team=team)
        told = [(one.at, one.event) for one in story]
        played.append(play_month(start, staff, f"1|{number}", told))
    keep_months(engine, played)
    return calendar
