"""How far emergency access reaches."""

import pytest

from ccm_flow.core.access import AccessRole, Visitor
from ccm_flow.core.emergency import SHORTEST_REASON, reason_problem, within_reach
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId

NORTH, SOUTH, FAR = ClinicId("north"), ClinicId("south"), ClinicId("far")
ELM, OAK, CARE = OrganizationId("elm"), OrganizationId("oak"), OrganizationId("care")
CLINICS = {NORTH: ELM, SOUTH: ELM, FAR: OAK}
VENDORS = {FAR: frozenset({CARE})}
NURSE, OWNER = frozenset({AccessRole.NURSE}), frozenset({AccessRole.CLINIC_OWNER})


@pytest.mark.parametrize(
    ("roles", "everywhere", "employer", "reached"),
    [
        ({NORTH: NURSE}, [], None, {SOUTH}),
        ({NORTH: OWNER, SOUTH: OWNER}, [], None, set()),
        ({}, [], None, set()),
        ({}, [], CARE, {FAR}),
        ({NORTH: NURSE}, [], CARE, {FAR}),
        ({FAR: NURSE}, [], CARE, set()),
        ({}, [], OrganizationId("other"), set()),
        ({}, [AccessRole.ADMINISTRATOR], None, {NORTH, SOUTH, FAR}),
        ({NORTH: NURSE}, [AccessRole.ADMINISTRATOR], None, {SOUTH, FAR}),
    ],
)
def test_an_emergency_reaches_only_related_clinics(
    roles: dict[ClinicId, frozenset[AccessRole]],
    everywhere: list[AccessRole],
    employer: OrganizationId | None,
    reached: set[ClinicId],
) -> None:
    visitor = Visitor(PersonId("ann"), "Ann", roles, frozenset(everywhere))
    assert within_reach(visitor, employer, CLINICS, VENDORS) == reached


@pytest.mark.parametrize(
    ("because", "is_one"),
    [
        ("", False),
        (" " * 40, False),
        ("x" * (SHORTEST_REASON - 1), False),
        ("x" * 501, False),
        ("She is in the emergency room.", True),
    ],
)
def test_a_reason_is_a_sentence(because: str, is_one: bool) -> None:
    assert (reason_problem(because) is None) is is_one
