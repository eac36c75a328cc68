"""
Readiness: what still stops a month from being billed.

The requirements are those of Medicare's care management services: consent before billing, a
comprehensive care plan, enough countable time in the calendar month (20 minutes for chronic care,
30 of the practitioner's own for 99491), enough chronic conditions (two; one for principal care),
and no service in the month that excludes it (CMS MLN 909188; 42 CFR 410.26). Each unmet one is a
blocker; all are listed, never just the first.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ccm_flow.core.facts import Facts
from ccm_flow.core.plan import ReadinessPlan, Requirement
from ccm_flow.core.state import Blocker

_Check = Callable[[ReadinessPlan, Facts], str | None]
"""Says what is missing for one requirement; None when it is met."""


def find_blockers(readiness: ReadinessPlan | None, facts: Facts) -> tuple[Blocker, ...]:
    """List everything that stops the month, in the playbook's order; empty means ready."""
    if readiness is None:
        return ()
    found = []
    for requirement in readiness.requires:
        missing = _CHECKS[requirement](readiness, facts)
        if missing is not None:
            found.append(Blocker(requirement, missing))
    return tuple(found)


def _minutes(readiness: ReadinessPlan, facts: Facts) -> str | None:
    minutes, least = int(facts["minutes"]), readiness.minimum_minutes
    return None if minutes >= least else f"{minutes} of {least} minutes"


def _practitioner_minutes(readiness: ReadinessPlan, facts: Facts) -> str | None:
    minutes, least = int(facts["practitioner_minutes"]), readiness.minimum_practitioner_minutes
    return None if minutes >= least else f"{minutes} of {least} minutes of the practitioner's own"


def _conditions(readiness: ReadinessPlan, facts: Facts) -> str | None:
    count, least = int(facts["conditions"]), readiness.minimum_conditions
    return None if count >= least else f"{count} of {_counted(least, 'chronic condition')}"


def _signed_notes(_: ReadinessPlan, facts: Facts) -> str | None:
    count = int(facts["unsigned_notes"])
    return None if count == 0 else _counted(count, "unsigned note")


def _no_conflicts(_: ReadinessPlan, facts: Facts) -> str | None:
    count = int(facts["conflicts"])
    return None if count == 0 else _counted(count, "conflicting service")


def _contact(_: ReadinessPlan, facts: Facts) -> str | None:
    return None if int(facts["contacts"]) > 0 else "patient not reached this month"


def _is_so(fact: str, missing: str) -> _Check:
    return lambda _, facts: None if facts[fact] else missing


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


_CHECKS: Mapping[Requirement, _Check] = MappingProxyType(
    {
        Requirement.CONSENT: _is_so("consent", "no consent in force"),
        Requirement.CARE_PLAN: _is_so("care_plan", "no shared care plan"),
        Requirement.MINUTES: _minutes,
        Requirement.PRACTITIONER_MINUTES: _practitioner_minutes,
        Requirement.SIGNED_NOTES: _signed_notes,
        Requirement.CONDITIONS: _conditions,
        Requirement.NO_CONFLICTS: _no_conflicts,
        Requirement.CONTACT: _contact,
        Requirement.COVERAGE: _is_so("coverage", "no Medicare Part B coverage"),
        Requirement.INITIATING_VISIT: _is_so("initiating_visit", "no initiating visit"),
    }
)
