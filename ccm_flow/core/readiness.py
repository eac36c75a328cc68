"""
Readiness: what still stops a month from being billed.

The requirements are those of Medicare's chronic care management services: consent before
billing, a comprehensive care plan, at least 20 minutes of countable time in the calendar month,
two or more chronic conditions, and no service in the month that excludes it (CMS MLN 909188;
42 CFR 410.26). Each unmet one is a blocker; all are listed, never just the first.
"""

from typing import assert_never

from ccm_flow.core.facts import Facts
from ccm_flow.core.plan import ReadinessPlan, Requirement
from ccm_flow.core.state import Blocker

MINIMUM_CONDITIONS = 2


def find_blockers(readiness: ReadinessPlan | None, facts: Facts) -> tuple[Blocker, ...]:
    """List everything that stops the month, in the playbook's order; empty means ready."""
    if readiness is None:
        return ()
    found = []
    for requirement in readiness.requires:
        missing = _missing(requirement, readiness.minimum_minutes, facts)
        if missing is not None:
            found.append(Blocker(requirement, missing))
    return tuple(found)


def _missing(requirement: Requirement, minimum: int, facts: Facts) -> str | None:
    """Say what is missing for one requirement; None when it is met."""
    match requirement:
        case Requirement.MINUTES:
            minutes = int(facts["minutes"])
            return None if minutes >= minimum else f"{minutes} of {minimum} minutes"
        case Requirement.SIGNED_NOTES:
            count = int(facts["unsigned_notes"])
            return None if count == 0 else f"{count} unsigned note{'s' if count > 1 else ''}"
        case Requirement.CONDITIONS:
            count = int(facts["conditions"])
            enough = count >= MINIMUM_CONDITIONS
            return None if enough else f"{count} of {MINIMUM_CONDITIONS} chronic conditions"
        case Requirement.NO_CONFLICTS:
            count = int(facts["conflicts"])
            return None if count == 0 else f"{count} conflicting service{'s' if count > 1 else ''}"
        case Requirement.CONTACT:
            return None if int(facts["contacts"]) > 0 else "patient not reached this month"
        case Requirement.CONSENT:
            return None if facts["consent"] else "no consent in force"
        case Requirement.CARE_PLAN:
            return None if facts["care_plan"] else "no shared care plan"
        case Requirement.COVERAGE:
            return None if facts["coverage"] else "no Medicare Part B coverage"
        case Requirement.INITIATING_VISIT:
            return None if facts["initiating_visit"] else "no initiating visit"
        case _ as never:
            assert_never(never)
