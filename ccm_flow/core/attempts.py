"""When the next attempt at contact is planned."""

from datetime import datetime

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.contact import within_window
from ccm_flow.core.deadlines import spaced
from ccm_flow.core.plan import AttemptPlan, Plan


def next_attempt_at(
    plan: Plan, attempts: AttemptPlan, made: int, now: datetime, calendar: WorkCalendar
) -> datetime:
    """Say when the attempt after the `made`-th is planned: spaced, at an hour that suits."""
    spaced_at = spaced(attempts.every, now, calendar)
    return within_window(plan.contact, attempts.channel(made + 1), spaced_at, calendar)
