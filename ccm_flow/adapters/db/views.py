"""
What people look at, read from the record and the projection in a fixed number of queries.

The number of queries depends on neither patients nor steps; `tests/cli` counts them.
"""

from ccm_flow.adapters.db.views_find import (
    AmbiguousError,
    NoSuchPatientError,
    NoSuchStepError,
    StepRef,
    find_cycles,
    find_patient,
    find_step,
)
from ccm_flow.adapters.db.views_month import NoSuchMonthError, month_report, months_of
from ccm_flow.adapters.db.views_patient import patient_month
from ccm_flow.adapters.db.views_queue import queue
from ccm_flow.adapters.db.views_staff import StaffMember, staff_of
from ccm_flow.adapters.db.views_timeline import transition_story

__all__ = [
    "AmbiguousError",
    "NoSuchMonthError",
    "NoSuchPatientError",
    "NoSuchStepError",
    "StaffMember",
    "StepRef",
    "find_cycles",
    "find_patient",
    "find_step",
    "month_report",
    "months_of",
    "patient_month",
    "queue",
    "staff_of",
    "transition_story",
]
