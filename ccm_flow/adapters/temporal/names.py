"""Every name that lives on the Temporal server, once."""

from typing import Final

TASK_QUEUE: Final = "ccm-flow"
CYCLE_WORKFLOW: Final = "Cycle"
OPENING_WORKFLOW: Final = "OpenMonth"
CLICK_UPDATE: Final = "click"
STATE_QUERY: Final = "state"
PROJECT_ACTIVITY: Final = "project"
FACTS_ACTIVITY: Final = "gather_facts"
OPEN_ACTIVITY: Final = "open_month"
