"""
What a token may do: each scope stands for one permission that the person behind it must hold.

A token acts for one named person of one clinic and never beyond them: when they lose a role,
so does the token. It acts for no practitioner, because what a practitioner decides and signs is
theirs to do in person, and it signs nothing.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from ccm_flow.core.access import AccessRole, Permission


class Scope(StrEnum):
    """One thing that a token was given."""

    READ_WORK = "read:work"
    WRITE_WORK = "write:work"
    """Complete, escalate and skip steps."""
    MANAGE_WORK = "manage:work"
    """Hand steps over and extend deadlines."""
    WRITE_TIME = "write:time"
    READ_PATIENTS = "read:patients"
    READ_MONTH = "read:month"
    WRITE_MONTH = "write:month"
    """Open a month."""
    WRITE_HAPPENINGS = "write:happenings"
    READ_PLAYBOOKS = "read:playbooks"


PERMISSION_OF: Mapping[Scope, Permission] = MappingProxyType(
    {
        Scope.READ_WORK: Permission.SEE_WORK,
        Scope.WRITE_WORK: Permission.DO_WORK,
        Scope.MANAGE_WORK: Permission.HAND_OVER_WORK,
        Scope.WRITE_TIME: Permission.DO_WORK,
        Scope.READ_PATIENTS: Permission.SEE_PATIENTS,
        Scope.READ_MONTH: Permission.SEE_MONTH,
        Scope.WRITE_MONTH: Permission.CLOSE_MONTH,
        Scope.WRITE_HAPPENINGS: Permission.DO_WORK,
        Scope.READ_PLAYBOOKS: Permission.SEE_PLAYBOOKS,
    }
)
"""The permission that a scope needs, of who makes the token and of who it acts for."""


def acts_in_person(roles: Iterable[AccessRole]) -> bool:
    """Tell whether no token may act for somebody with these roles."""
    return AccessRole.PRACTITIONER in roles
