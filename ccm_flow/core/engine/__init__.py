"""
The interpreter: one pure function that moves a cycle on.

The Temporal workflow, the rehearsal, the proof of a playbook and the tests all run this one.
"""

from ccm_flow.core.engine.advance import Advance, advance, open_cycle
from ccm_flow.core.engine.month_plan import MonthPlan, layout_after
from ccm_flow.core.engine.refusal import refuse
from ccm_flow.core.engine.refused import Refusal, cycle_ended
from ccm_flow.core.engine.wakes import CYCLE, Wake, wakes

__all__ = [
    "CYCLE",
    "Advance",
    "MonthPlan",
    "Refusal",
    "Wake",
    "advance",
    "cycle_ended",
    "layout_after",
    "open_cycle",
    "refuse",
    "wakes",
]
