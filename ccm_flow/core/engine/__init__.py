"""
The interpreter: one pure function that moves a cycle on.

The Temporal workflow, the rehearsal, the proof of a playbook and the tests all run this one.
"""

from ccm_flow.core.engine.advance import Advance, advance, open_cycle
from ccm_flow.core.engine.month_plan import MonthPlan
from ccm_flow.core.engine.refusal import Refusal, cycle_ended, refuse
from ccm_flow.core.engine.wakes import CYCLE, Wake, wakes

__all__ = [
    "CYCLE",
    "Advance",
    "MonthPlan",
    "Refusal",
    "Wake",
    "advance",
    "cycle_ended",
    "open_cycle",
    "refuse",
    "wakes",
]
