"""What happens to four of the demo's patients: life does not follow the playbook."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.events import (
    CyclePaused,
    CycleResumed,
    PatientDied,
    PatientWithdrew,
    PersonEvent,
    Triggered,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Trigger, Urgency


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a person enters at a certain instant."""

    at: datetime
    by: PersonId
    event: PersonEvent
    title: str


def happenings(month: Month, calendar: WorkCalendar, by: PersonId) -> list[tuple[Happening, ...]]:
    """Give the stories, one for each of the first patients of a shuffled list."""

    def on(business_day: int, hours: float) -> datetime:
        day = calendar.business_day_after(month.previous.last_day, business_day)
        return calendar.opening(day) + timedelta(hours=hours)

    hospital = (
        Happening(on(5, 2), by, CyclePaused(by, "hospital stay"), "goes to hospital"),
        Happening(on(10, 1), by, CycleResumed(by), "comes home from hospital"),
        Happening(
            on(10, 1.25),
            by,
            Triggered(Trigger.DISCHARGE, by, "discharged home"),
            "was discharged",
        ),
    )
    withdraws = (
        Happening(on(8, 3), by, PatientWithdrew(by, "prefers no calls"), "leaves the program"),
    )
    dies = (Happening(on(12, 1), by, PatientDied(by), "dies"),)
    symptom = (
        Happening(
            on(6, 4),
            by,
            Triggered(Trigger.ESCALATION, by, "new swelling of the legs", Urgency.URGENT),
            "reports a new symptom, escalated at once",
        ),
    )
    return [hospital, withdraws, dies, symptom]
