"""Trying a draft before it runs: the tests of its playbook, and the proof, within a time."""

import time
from datetime import date
from typing import Final

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.playbook_library import shipped_tests
from ccm_flow.app.care import ClinicView
from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.language.overlay import Resolved
from ccm_flow.proof import PlaybookTests, Proof, Setting, TestClinic, prove, run_playbook_tests
from ccm_flow.web.parts import Parts

PROVE_SECONDS: Final = 40.0


class BusyProvingError(CcmError):
    """Another proof runs."""

    exit_code = 4
    hint = "Try again in a moment."

    def __init__(self) -> None:
        super().__init__("Another playbook is being proved just now.")


def tests_of(result: Resolved) -> PlaybookTests | None:
    """Run the tests that come with a draft's playbook on the draft; None when there are none."""
    file = shipped_tests(result.plan.playbook) if result.plan is not None else None
    if file is None:
        return None
    text = file.read_text(encoding="utf-8")
    return run_playbook_tests(text, file.name, lambda _name: result, _test_calendar)


def proof_of(parts: Parts, plan: Plan, clinic: ClinicView, month: Month) -> Proof:
    """
    Prove a playbook on a clinic's calendar, for so long at most.

    Raises:
        BusyProvingError: another proof runs; one fills a processor.
    """
    if not parts.proving.acquire(blocking=False):
        raise BusyProvingError
    try:
        end = time.monotonic() + PROVE_SECONDS
        setting = Setting(month, month_calendar(clinic.hours, month, plan.kind))
        return prove(plan, setting, goes_on=lambda: time.monotonic() < end)
    finally:
        parts.proving.release()


def _test_calendar(clinic: TestClinic, month: Month, kind: PlaybookKind) -> WorkCalendar:
    closures: dict[date, str] = dict.fromkeys(clinic.closures, "closed")
    hours = ClinicHours(
        clinic.time_zone, clinic.opens, clinic.closes, frozenset(clinic.working_days), closures
    )
    return month_calendar(hours, month, kind)
