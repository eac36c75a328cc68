"""
Who may do what, and at which clinics: everything is denied unless a role allows it.

A person holds access roles at single clinics, at all clinics of an organization, or everywhere.
What a role allows is the one table below; pages and the API only name the permission they need.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId

Named = TypeVar("Named", ClinicId, OrganizationId)


class AccessRole(StrEnum):
    """What a person is to the application."""

    COORDINATOR = "coordinator"
    NURSE = "nurse"
    PRACTITIONER = "practitioner"
    BILLER = "biller"
    OPERATIONS_LEAD = "operations_lead"
    CLINIC_OWNER = "clinic_owner"
    """Reads everything of the clinic and changes nothing."""
    VENDOR_MANAGER = "vendor_manager"
    ADMINISTRATOR = "administrator"
    """Looks after accounts and settings; sees no patient."""


class Permission(StrEnum):
    """One kind of thing that can be done."""

    SEE_WORK = "see_work"
    DO_WORK = "do_work"
    """Complete steps, run timers, write notes, escalate."""
    HAND_OVER_WORK = "hand_over_work"
    """Give other people's steps to others, extend deadlines, pause, withdraw."""
    SEE_PATIENTS = "see_patients"
    SEE_MONTH = "see_month"
    CLOSE_MONTH = "close_month"
    HAND_OFF_BILLING = "hand_off_billing"
    SEE_PLAYBOOKS = "see_playbooks"
    EDIT_PLAYBOOKS = "edit_playbooks"
    APPROVE_PLAYBOOKS = "approve_playbooks"
    REHEARSE_PLAYBOOKS = "rehearse_playbooks"
    """Held by whoever edits or approves: approval rests on the forecast that is kept."""
    MANAGE_PEOPLE = "manage_people"
    MANAGE_CONNECTIONS = "manage_connections"
    """
    API tokens and webhooks.

    Leads have it at their clinics, because only they may give away what a token can do: nobody
    gives a token a scope for something they may not do themselves. Administrators have it
    everywhere, so that they can look after endpoints and revoke any token; they see no patient,
    and so they can make no token that does.
    """
    SEE_ACCESS_LOG = "see_access_log"
    SEE_CAPACITY = "see_capacity"
    """What the months ahead take, bring and cost; no patient is in it."""
    SEE_REVIEW = "see_review"
    """The readiness review of a clinic; no patient is in it."""
    ANSWER_REVIEW = "answer_review"
    """Answer what the review asks, and say who sees to a gap until when."""
    LET_GO_LIVE = "let_go_live"
    """Let a clinic's first month begin although something required is missing."""


_CARE = frozenset(
    {
        Permission.SEE_WORK,
        Permission.DO_WORK,
        Permission.SEE_PATIENTS,
        Permission.SEE_MONTH,
        Permission.SEE_PLAYBOOKS,
        Permission.SEE_REVIEW,
    }
)
_LEAD = _CARE | {
    Permission.HAND_OVER_WORK,
    Permission.CLOSE_MONTH,
    Permission.EDIT_PLAYBOOKS,
    Permission.APPROVE_PLAYBOOKS,
    Permission.REHEARSE_PLAYBOOKS,
    Permission.MANAGE_CONNECTIONS,
    Permission.SEE_ACCESS_LOG,
    Permission.SEE_CAPACITY,
    Permission.ANSWER_REVIEW,
    Permission.LET_GO_LIVE,
}

ALLOWS: Mapping[AccessRole, frozenset[Permission]] = MappingProxyType(
    {
        AccessRole.COORDINATOR: _CARE,
        AccessRole.NURSE: _CARE,
        AccessRole.PRACTITIONER: _CARE
        | {Permission.APPROVE_PLAYBOOKS, Permission.REHEARSE_PLAYBOOKS},
        AccessRole.BILLER: _CARE | {Permission.HAND_OFF_BILLING, Permission.CLOSE_MONTH},
        AccessRole.OPERATIONS_LEAD: _LEAD,
        AccessRole.CLINIC_OWNER: frozenset(
            {
                Permission.SEE_WORK,
                Permission.SEE_PATIENTS,
                Permission.SEE_MONTH,
                Permission.SEE_PLAYBOOKS,
                Permission.SEE_ACCESS_LOG,
                Permission.SEE_CAPACITY,
                Permission.SEE_REVIEW,
            }
        ),
        AccessRole.VENDOR_MANAGER: _LEAD | {Permission.MANAGE_PEOPLE},
        AccessRole.ADMINISTRATOR: frozenset(
            {
                Permission.MANAGE_PEOPLE,
                Permission.MANAGE_CONNECTIONS,
                Permission.SEE_ACCESS_LOG,
                Permission.SEE_PLAYBOOKS,
                Permission.SEE_CAPACITY,
                Permission.SEE_REVIEW,
                Permission.LET_GO_LIVE,
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role and where it holds: one clinic, an organization's clinics, or everywhere."""

    role: AccessRole
    clinic: ClinicId | None = None
    organization: OrganizationId | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is signed in, with the clinics that each of their roles reaches."""

    person: PersonId
    name: str
    roles: Mapping[ClinicId, frozenset[AccessRole]]
    """Clinics beyond these do not exist for this person."""
    everywhere: frozenset[AccessRole] = frozenset()
    clinic_names: Mapping[ClinicId, str] = field(default_factory=dict)
    """What these clinics are called; two of one name are told apart by their ids."""

    def may(self, permission: Permission, clinic: ClinicId | None = None) -> bool:
        """Tell whether something is allowed at a clinic; without one, anywhere at all."""
        if _any_allows(self.everywhere, permission):
            return True
        if clinic is not None:
            return _any_allows(self.roles.get(clinic, frozenset()), permission)
        return any(_any_allows(held, permission) for held in self.roles.values())

    def clinics(self, permission: Permission) -> tuple[ClinicId, ...]:
        """List the clinics at which something is allowed."""
        return tuple(clinic for clinic in sorted(self.roles) if self.may(permission, clinic))


def told_apart(names: Mapping[Named, str]) -> dict[Named, str]:
    """Give each name, with the id behind it where another one has the same name."""
    often = Counter(names.values())
    return {id_: f"{name} ({id_})" if often[name] > 1 else name for id_, name in names.items()}


def reach(
    grants: Iterable[Grant],
    clinics: Mapping[ClinicId, OrganizationId],
    vendors: Mapping[ClinicId, frozenset[OrganizationId]] = MappingProxyType({}),
) -> tuple[dict[ClinicId, frozenset[AccessRole]], frozenset[AccessRole]]:
    """
    Work out which roles hold at which clinic, and which hold everywhere.

    `clinics` gives each clinic's organization, `vendors` those that work at it now: of a vendor's
    people only its managers reach the clinics it works at, whatever else was given for it. A
    grant for a clinic that is not there reaches nothing.
    """
    everywhere: set[AccessRole] = set()
    roles: dict[ClinicId, set[AccessRole]] = {}
    for grant in grants:
        if grant.clinic is None and grant.organization is None:
            everywhere.add(grant.role)
        for clinic, organization in clinics.items():
            works_here = grant.organization in vendors.get(clinic, frozenset())
            manages = works_here and grant.role is AccessRole.VENDOR_MANAGER
            if grant.clinic == clinic or grant.organization == organization or manages:
                roles.setdefault(clinic, set()).add(grant.role)
    for clinic in clinics if everywhere else ():
        roles.setdefault(clinic, set()).update(everywhere)
    return {clinic: frozenset(held) for clinic, held in roles.items()}, frozenset(everywhere)


def _any_allows(roles: Iterable[AccessRole], permission: Permission) -> bool:
    return any(permission in ALLOWS[role] for role in roles)
