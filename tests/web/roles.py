"""Somebody of each access role, and the ids that stand in addresses."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.testclient import TestClient

from ccm_flow.adapters.db.people_store import SqlPeople
from ccm_flow.core.access import AccessRole, Grant
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId
from tests.web.conftest import Site
from tests.web.records import Records

OWN = "elm"
STAFF: Mapping[AccessRole, str] = {
    AccessRole.COORDINATOR: "maria",
    AccessRole.NURSE: "nat",
    AccessRole.PRACTITIONER: "pat",
    AccessRole.BILLER: "bill",
    AccessRole.OPERATIONS_LEAD: "lee",
}
"""Who of the clinic's file has the role; the other roles are given."""

FILLERS: Mapping[str, Callable[[Records], str]] = {
    "cycle": lambda there: there.cycle,
    "key": lambda there: there.step,
    "step": lambda there: there.step,
    "enrollment": lambda there: there.enrollment,
    "patient": lambda there: there.patient,
    "person": lambda there: there.person,
    "clinic": lambda there: there.clinic,
    "month": lambda there: there.month,
    "token": lambda _: "no-such-token",
    "note": lambda there: there.note,
    "entry": lambda there: there.entry,
    "told": lambda there: there.told,
    "sha256": lambda there: there.sha256,
    "draft": lambda there: there.draft,
    "revision": lambda _: "1",
    "rehearsal": lambda _: "no-such-rehearsal",
    "order": lambda _: "no-such-order",
    "search": lambda _: "no-such-search",
    "count": lambda _: "missed",
    "alert_id": lambda there: there.alert,
}
"""
What stands for a path parameter, by its name, from one clinic's records (`tests/web/records.py`).

A route with a parameter that is not here fails `test_every_parameter_can_be_filled`.
"""


def sign_in_as(
    site: Site,
    role: AccessRole,
    staff: Mapping[AccessRole, str] = STAFF,
    application: Any = None,
) -> TestClient:
    """Sign somebody in who holds this role at the own clinic and no other."""
    if role in staff:
        return site.signed_in(f"{OWN}.{staff[role]}", application)
    store, now = SqlPeople(site.parts.base.engine), site.clock.now()
    person = store.new_person(f"One {role}", "", ClinicId(OWN), now)
    grants = {
        AccessRole.CLINIC_OWNER: Grant(role, clinic=ClinicId(OWN)),
        AccessRole.VENDOR_MANAGER: Grant(role, organization=OrganizationId(OWN)),
        AccessRole.ADMINISTRATOR: Grant(role),
    }
    store.grant(PersonId(person), grants[role], now)
    return site.signed_in(person, application)
