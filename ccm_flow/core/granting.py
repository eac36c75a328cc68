"""
Who may look after whose account, and who may give whom which access role.

Nobody gives more than they hold, and nobody takes over an account that reaches further than
their own: a new invitation sets a password, so looking after an account is as good as having it.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ccm_flow.core.access import ALLOWS, AccessRole, Grant, Permission
from ccm_flow.core.ids import ClinicId, OrganizationId

GRANTS: Mapping[AccessRole, frozenset[AccessRole]] = MappingProxyType(
    {
        AccessRole.ADMINISTRATOR: frozenset(
            {AccessRole.CLINIC_OWNER, AccessRole.VENDOR_MANAGER, AccessRole.ADMINISTRATOR}
        ),
        AccessRole.VENDOR_MANAGER: frozenset({AccessRole.CLINIC_OWNER, AccessRole.VENDOR_MANAGER}),
    }
)
"""Which roles the holder of a role may give. The other roles come from the clinic's file."""
GIVEN: frozenset[AccessRole] = frozenset().union(*GRANTS.values())

Clinics = Mapping[ClinicId, OrganizationId]
"""Each clinic's organization."""


def scope_problem(grant: Grant) -> str | None:
    """Say why a role cannot hold where it is wanted; None when it can."""
    if grant.role not in GIVEN:
        return "This role comes with the person's work and is given in the clinic's file."
    if grant.role is AccessRole.ADMINISTRATOR:
        here = grant.clinic is not None or grant.organization is not None
        return "An administrator is one everywhere." if here else None
    if grant.role is AccessRole.VENDOR_MANAGER:
        return None if grant.organization else "A vendor manager is one for an organization."
    one = (grant.clinic is None) != (grant.organization is None)
    return None if one else "A clinic owner is one at a clinic or for an organization."


def may_give(held: Iterable[Grant], wanted: Grant, clinics: Clinics) -> bool:
    """Tell whether the holder of some roles may give, or take back, another."""
    return any(
        wanted.role in GRANTS.get(grant.role, frozenset()) and covers(grant, wanted, clinics)
        for grant in held
    )


def may_look_after(
    held: Iterable[Grant],
    theirs: Iterable[Grant],
    clinics: Clinics,
    employer: OrganizationId | None = None,
) -> bool:
    """
    Tell whether the holder of some roles may invite, disable and unlock another person.

    Every role of the other has to lie where they manage people, or come with work for the
    organization (`employer`) whose people they manage: a vendor looks after its own people at
    every clinic, and after nobody of the clinics'. A role that is given by people has to be one
    that they could give themselves. Who has no role yet can be invited by whoever manages people
    anywhere.
    """
    managing = [grant for grant in held if Permission.MANAGE_PEOPLE in ALLOWS[grant.role]]
    return bool(managing) and all(
        may_give(managing, grant, clinics)
        if grant.role in GIVEN
        else any(
            covers(one, grant, clinics) or (one.organization and one.organization == employer)
            for one in managing
        )
        for grant in theirs
    )


def covers(outer: Grant, inner: Grant, clinics: Clinics) -> bool:
    """Tell whether everywhere that `inner` holds, `outer` holds too, now and later."""
    if outer.clinic is None and outer.organization is None:
        return True
    if outer.organization is not None:
        if inner.clinic is not None:
            return clinics.get(inner.clinic) == outer.organization
        return inner.organization == outer.organization
    return inner.clinic == outer.clinic
