"""What stops a month from being billed, requirement by requirement."""

from dataclasses import replace

import pytest

from ccm_flow.core.facts import DEFAULTS, FactValue
from ccm_flow.core.plan import Requirement
from ccm_flow.core.readiness import find_blockers
from tests.support.plans import readiness

READY: dict[str, FactValue] = {
    **DEFAULTS,
    "consent": True,
    "care_plan": True,
    "coverage": True,
    "initiating_visit": True,
    "minutes": 20,
    "practitioner_minutes": 30,
    "conditions": 2,
    "contacts": 1,
}
EVERYTHING = readiness(*(requirement.value for requirement in Requirement))


def test_a_complete_month_has_no_blockers() -> None:
    """Every requirement is met at its least."""
    assert find_blockers(EVERYTHING, READY) == ()


@pytest.mark.parametrize(
    ("fact", "value", "requirement", "detail"),
    [
        ("minutes", 19, "minutes", "19 of 20 minutes"),
        ("minutes", 0, "minutes", "0 of 20 minutes"),
        (
            "practitioner_minutes",
            29,
            "practitioner_minutes",
            "29 of 30 minutes of the practitioner's own",
        ),
        ("unsigned_notes", 1, "signed_notes", "1 unsigned note"),
        ("unsigned_notes", 2, "signed_notes", "2 unsigned notes"),
        ("conditions", 1, "conditions", "1 of 2 chronic conditions"),
        ("conflicts", 1, "no_conflicts", "1 conflicting service"),
        ("conflicts", 3, "no_conflicts", "3 conflicting services"),
        ("contacts", 0, "contact", "patient not reached this month"),
        ("consent", False, "consent", "no consent in force"),
        ("care_plan", False, "care_plan", "no shared care plan"),
        ("coverage", False, "coverage", "no Medicare Part B coverage"),
        ("initiating_visit", False, "initiating_visit", "no initiating visit"),
    ],
)
def test_what_is_missing_is_said(
    fact: str, value: FactValue, requirement: str, detail: str
) -> None:
    """One fact off is one blocker."""
    (blocker,) = find_blockers(EVERYTHING, {**READY, fact: value})
    assert (blocker.requirement, blocker.detail) == (requirement, detail)


def test_a_month_of_which_nothing_is_known_has_every_blocker_that_needs_something() -> None:
    """All are listed, in the playbook's order, never just the first."""
    found = [blocker.requirement for blocker in find_blockers(EVERYTHING, DEFAULTS)]
    free = {Requirement.SIGNED_NOTES, Requirement.NO_CONFLICTS}
    assert found == [requirement for requirement in Requirement if requirement not in free]


@pytest.mark.parametrize(
    ("conditions", "found"), [(0, ["0 of 1 chronic condition"]), (1, []), (2, [])]
)
def test_principal_care_asks_for_one_condition(conditions: int, found: list[str]) -> None:
    """Its playbook says so; chronic care asks for two."""
    rules = replace(readiness("conditions"), minimum_conditions=1)
    blockers = find_blockers(rules, {**READY, "conditions": conditions})
    assert [blocker.detail for blocker in blockers] == found


def test_minutes_of_others_are_not_the_practitioners_own() -> None:
    """However many there are (CPT 99491)."""
    rules = replace(readiness("practitioner_minutes"), minimum_practitioner_minutes=30)
    (blocker,) = find_blockers(rules, {**READY, "minutes": 90, "practitioner_minutes": 5})
    assert blocker.requirement is Requirement.PRACTITIONER_MINUTES


def test_a_playbook_without_a_readiness_check_has_no_blockers() -> None:
    """An enrollment has nothing to bill."""
    assert find_blockers(None, DEFAULTS) == ()
