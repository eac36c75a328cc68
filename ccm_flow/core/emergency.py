"""
Emergency access: somebody who may not see a patient has to, now, and says why.

45 CFR 164.312(a)(2)(ii). It reaches one patient, to read alone, for an hour, and never into a
clinic that the person has nothing to do with.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from ccm_flow.core.access import Permission, Visitor
from ccm_flow.core.ids import ClinicId, OrganizationId

LASTS: Final = timedelta(hours=1)
"""How long somebody may read; whoever needs longer says again why."""
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500


def within_reach(
    visitor: Visitor,
    employer: OrganizationId | None,
    clinics: Mapping[ClinicId, OrganizationId],
    vendors: Mapping[ClinicId, frozenset[OrganizationId]],
) -> frozenset[ClinicId]:
    """
    Name the clinics at whose patients somebody may look in an emergency.

    These are the clinics of the organizations at whose clinics the person works; for a vendor's
    person (`employer`) those at which the vendor works now; all of them for an administrator of
    the set-up, who holds their role everywhere. Where the person sees patients anyway, there is
    no emergency to declare.
    """
    own = {clinics[clinic] for clinic in visitor.roles if clinic in clinics}
    return frozenset(
        clinic
        for clinic, organization in clinics.items()
        if not visitor.may(Permission.SEE_PATIENTS, clinic)
        and (
            bool(visitor.everywhere)
            or (
                employer in vendors.get(clinic, frozenset())
                if employer is not None
                else organization in own
            )
        )
    )


def reason_problem(because: str) -> str | None:
    """Say why a reason is none; None when it will do."""
    if len(because.strip()) < SHORTEST_REASON:
        return "Say in a sentence why you need it."
    if len(because) > LONGEST_REASON:
        return f"The reason is longer than {LONGEST_REASON} characters."
    return None
