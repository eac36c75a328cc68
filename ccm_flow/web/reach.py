"""Which clinics and organizations may be named to a visitor."""

from ccm_flow.app.people import places
from ccm_flow.core.access import AccessRole, Permission
from ccm_flow.web.visit import Visit


def places_within(visit: Visit, permission: Permission) -> frozenset[str] | None:
    """
    Give where roles may be said to hold, in the words of `where_text`; None for anywhere.

    These are the clinics at which the visitor has a permission, the organizations that own them
    or work at them, and those for which the visitor holds a role.
    """
    if AccessRole.ADMINISTRATOR in visit.visitor.everywhere:
        return None
    people, here = visit.parts.people, visit.visitor.clinics(permission)
    grants = people.grants(visit.visitor.person)
    held = {one.organization for one in grants if one.organization is not None}
    return places(here, people.organizations_at(here) | held)
