"""Small simulations for tests: the shipped playbook, December 2026 in New York."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from ccm_flow.adapters.calendars import build_calendar, month_calendar
from ccm_flow.adapters.shipped import shipped
from ccm_flow.adapters.simulation_files import default_behaviour, staff_file
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.demo.run import load_playbook
from ccm_flow.rehearsal.pod import Question

HOURS = ClinicHours("America/New_York")
FIRST = Month(2026, 12)


@cache
def monthly_plan() -> Plan:
    return load_playbook(shipped("playbooks") / "ccm_monthly.yaml")[0]


def in_house() -> Staff:
    staff = staff_file(Path("in_house"), monthly_plan()).value
    assert staff is not None
    return staff


def question(
    patients: int,
    *,
    months: int = 1,
    staff: Staff | None = None,
    seed: int = 1,
    assumptions: Assumptions | None = None,
) -> Question:
    laid, month = [], FIRST
    for _ in range(months):
        laid.append((month, month_calendar(HOURS, month, monthly_plan().kind)))
        month = month.next
    first = FIRST.first_day - timedelta(days=10)
    days = build_calendar(HOURS, first, month.previous.last_day + timedelta(days=62))
    return Question(
        plan=monthly_plan(),
        months=tuple(laid),
        calendar=days,
        assumptions=assumptions or default_behaviour(),
        staff=staff,
        seed=seed,
        patients=patients,
    )
