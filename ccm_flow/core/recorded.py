"""What the record says once an outcome has put its evidence there."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ccm_flow.core.facts import Facts
from ccm_flow.core.plan import Recorded

# A care plan that was written but not shared changes no fact; revoking takes effect only at the
# end of the calendar month, so this month keeps its consent (NGS Care Management).
_AFTER: Mapping[Recorded, Facts] = MappingProxyType(
    {
        Recorded.CONSENT: {"consent": True},
        Recorded.REFUSAL: {"consent": False},
        Recorded.CARE_PLAN_SHARED: {"care_plan": True},
        Recorded.INITIATING_VISIT: {"initiating_visit": True},
        Recorded.SIGNATURE: {"unsigned_notes": 0},
    }
)


def facts_recorded(records: Iterable[Recorded]) -> Facts:
    """Give the facts that change when these are kept."""
    return {name: value for record in records for name, value in _AFTER.get(record, {}).items()}
