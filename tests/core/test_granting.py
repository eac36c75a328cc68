"""Nobody gives more than they hold, nor takes an account over that reaches further."""

import pytest

from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.granting import may_give, may_look_after, scope_problem
from ccm_flow.core.ids import ClinicId, OrganizationId

ELM, OAK = ClinicId("elm"), ClinicId("oak")
CLINICS = {ELM: OrganizationId("one"), OAK: OrganizationId("two")}
ADMINISTRATOR = Grant(AccessRole.ADMINISTRATOR)
VENDOR = Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId("one"))
OWNER = Grant(AccessRole.CLINIC_OWNER, clinic=ELM)
NURSE = Grant(AccessRole.NURSE, clinic=ELM)
LEAD = Grant(AccessRole.OPERATIONS_LEAD, clinic=ELM)


@pytest.mark.parametrize(
    ("held", "wanted", "may"),
    [
        (ADMINISTRATOR, ADMINISTRATOR, True),
        (ADMINISTRATOR, VENDOR, True),
        (VENDOR, OWNER, True),
        (VENDOR, VENDOR, True),
        (VENDOR, ADMINISTRATOR, False),
        (VENDOR, Grant(AccessRole.CLINIC_OWNER, clinic=OAK), False),
        (VENDOR, Grant(AccessRole.VENDOR_MANAGER, organization=OrganizationId("two")), False),
        (OWNER, OWNER, False),
        (LEAD, OWNER, False),
        (Grant(AccessRole.VENDOR_MANAGER, clinic=ELM), VENDOR, False),
    ],
)
def test_what_can_be_given_is_what_is_held(held: Grant, wanted: Grant, may: bool) -> None:
    assert may_give([held], wanted, CLINICS) is may


def test_a_vendor_looks_after_its_own_people_and_nobody_of_a_clinic() -> None:
    vendor = OrganizationId("carebridge")
    manager = Grant(AccessRole.VENDOR_MANAGER, organization=vendor)
    assert may_look_after([manager], [NURSE], CLINICS, employer=vendor)
    assert not may_look_after([manager], [NURSE], CLINICS, employer=None)
    assert not may_look_after([manager], [OWNER], CLINICS, employer=vendor)
    assert not may_give([manager], OWNER, CLINICS)


@pytest.mark.parametrize(
    ("held", "theirs", "may"),
    [
        (ADMINISTRATOR, [ADMINISTRATOR, NURSE], True),
        (VENDOR, [NURSE], True),
        (VENDOR, [], True),
        (VENDOR, [NURSE, ADMINISTRATOR], False),
        (VENDOR, [NURSE, Grant(AccessRole.NURSE, clinic=OAK)], False),
        (LEAD, [NURSE], False),
    ],
)
def test_an_account_that_reaches_further_is_left_alone(
    held: Grant, theirs: list[Grant], may: bool
) -> None:
    assert may_look_after([held], theirs, CLINICS) is may


@pytest.mark.parametrize(
    ("grant", "good"),
    [
        (ADMINISTRATOR, True),
        (VENDOR, True),
        (OWNER, True),
        (Grant(AccessRole.ADMINISTRATOR, clinic=ELM), False),
        (Grant(AccessRole.VENDOR_MANAGER), False),
        (Grant(AccessRole.CLINIC_OWNER), False),
        (NURSE, False),
    ],
)
def test_each_role_holds_only_where_it_means_something(grant: Grant, good: bool) -> None:
    assert (scope_problem(grant) is None) is good
