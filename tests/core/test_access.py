"""Everything is denied unless a role allows it, where it holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.access import ALLOWS, AccessRole, Grant, Permission, Visitor, reach, told_apart
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId

ELM, OAK, FAR = ClinicId("elm"), ClinicId("oak"), ClinicId("far")
CARE = OrganizationId("care")
CLINICS = {ELM: CARE, OAK: CARE, FAR: OrganizationId("other")}


VENDOR = OrganizationId("vendor")


@given(
    grants=st.lists(
        st.builds(
            Grant,
            st.sampled_from(list(AccessRole)),
            st.none() | st.sampled_from([ELM, OAK]),
            st.sampled_from([CARE, VENDOR]),
        ),
        max_size=4,
    ),
    works_at=st.sets(st.sampled_from([ELM, OAK])),
)
def test_nothing_reaches_a_clinic_that_no_grant_names(
    grants: list[Grant], works_at: set[ClinicId]
) -> None:
    vendors = {clinic: frozenset({VENDOR}) for clinic in works_at}
    roles, everywhere = reach(grants, CLINICS, vendors)
    assert everywhere == frozenset()
    assert FAR not in roles
    for clinic, held in roles.items():
        for role in held:
            assert any(
                one.role is role
                and (
                    one.clinic == clinic
                    or one.organization == CLINICS[clinic]
                    or (
                        one.organization == VENDOR
                        and clinic in works_at
                        and role is AccessRole.VENDOR_MANAGER
                    )
                )
                for one in grants
            )


def visitor(*grants: Grant) -> Visitor:
    roles, everywhere = reach(grants, CLINICS)
    return Visitor(PersonId("p"), "P", roles, everywhere)


def test_every_role_has_a_line_in_the_table() -> None:
    assert set(ALLOWS) == set(AccessRole)


def test_somebody_without_a_role_may_nothing() -> None:
    nobody = visitor()
    for permission in Permission:
        assert not nobody.may(permission)
        assert not nobody.may(permission, ELM)


@pytest.mark.parametrize("role", AccessRole)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_at_one_clinic_reaches_no_other(role: AccessRole, permission: Permission) -> None:
    one = visitor(Grant(role, clinic=ELM))
    assert one.may(permission, ELM) == (permission in ALLOWS[role])
    assert not one.may(permission, OAK)
    assert not one.may(permission, ClinicId("not there"))


def test_an_organizations_role_reaches_its_clinics_and_no_others() -> None:
    manager = visitor(Grant(AccessRole.VENDOR_MANAGER, organization=CARE))
    assert manager.clinics(Permission.SEE_MONTH) == (ELM, OAK)
    assert not manager.may(Permission.SEE_MONTH, FAR)


def test_an_administrator_manages_people_everywhere_and_sees_no_patient() -> None:
    admin = visitor(Grant(AccessRole.ADMINISTRATOR))
    assert admin.may(Permission.MANAGE_PEOPLE)
    assert admin.may(Permission.MANAGE_PEOPLE, FAR)
    assert not admin.may(Permission.SEE_PATIENTS)
    assert not admin.may(Permission.SEE_WORK, ELM)


def test_a_clinic_owner_reads_and_changes_nothing() -> None:
    changing = {permission for permission in Permission if not permission.value.startswith("see_")}
    assert not changing & ALLOWS[AccessRole.CLINIC_OWNER]


def test_a_grant_for_a_clinic_that_is_gone_reaches_nothing() -> None:
    assert visitor(Grant(AccessRole.NURSE, clinic=ClinicId("gone"))).roles == {}


def test_two_of_one_name_are_told_apart_by_their_ids() -> None:
    names = {ClinicId("elm"): "Family Care", ClinicId("oak"): "Family Care", ClinicId("ash"): "Ash"}
    assert list(told_apart(names).values()) == ["Family Care (elm)", "Family Care (oak)", "Ash"]
