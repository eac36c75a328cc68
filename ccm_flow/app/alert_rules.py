"""How an organization takes alerts at a clinic, from the clinic's file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.app.clinic_setup import AlertsFile, AlertSideFile, ClocksFile
from ccm_flow.core.alerts import ACKNOWLEDGE, AlertRule, OnCall, OutOfHours
from ccm_flow.core.assignment import Pool
from ccm_flow.core.deadlines import Budget
from ccm_flow.core.ids import OrganizationId, RoleId
from ccm_flow.core.words import Urgency
from ccm_flow.language.phrases import parse_budget


def side_of(
    profile: Mapping[str, Any] | None, pool: Pool, organization: OrganizationId
) -> AlertSideFile:
    """Give what the clinic's file says of one of the two organizations."""
    alerts = AlertsFile.model_validate((profile or {}).get("alerts") or {})
    return alerts.vendor if organization != pool.parties.clinic else alerts.clinic


def rule_of(side: AlertSideFile, pool: Pool, organization: OrganizationId) -> AlertRule:
    """Give the rule; on-call people who are no longer on the staff are left out."""
    on_call = tuple(
        found for one in side.on_call if (found := _on_call(one, pool, organization)) is not None
    )
    urgent = side.closed.urgent or (OutOfHours.ON_CALL if on_call else OutOfHours.OPENING)
    return AlertRule(
        acknowledge={**ACKNOWLEDGE, **_budgets(side.acknowledge)},
        closed={Urgency.URGENT: urgent, Urgency.ROUTINE: side.closed.routine},
        reply=_budgets(side.reply),
        on_call=on_call,
        then=tuple(RoleId(role) for role in side.then),
    )


def hours_of(side: AlertSideFile, clinic: ClinicHours) -> ClinicHours:
    """Give when an organization works: its own hours, and the clinic's where it says nothing."""
    if side.hours is None and side.days is None and side.time_zone is None:
        return clinic
    own = replace(
        clinic,
        time_zone=side.time_zone or clinic.time_zone,
        working_days=frozenset(side.days) if side.days else clinic.working_days,
        closures={},  # the other organization's days off are not its own
    )
    return replace(own, opens=side.hours.start, closes=side.hours.end) if side.hours else own


def _budgets(clocks: ClocksFile) -> dict[Urgency, Budget]:
    said = {Urgency.URGENT: clocks.urgent, Urgency.ROUTINE: clocks.routine}
    return {urgency: parse_budget(text) for urgency, text in said.items() if text is not None}


def _on_call(one: object, pool: Pool, organization: OrganizationId) -> OnCall | None:
    if not isinstance(one, str):
        return OnCall(name=getattr(one, "name", ""), phone=getattr(one, "phone", ""))
    for person in pool.people:
        mine = any(held.organization == organization for held in person.memberships)
        if mine and person.person.partition(".")[2] == one:
            return OnCall(person=person.person, name=person.name)
    return None
