"""The rules for what a clinic's first month cannot do without."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ccm_flow.core.review import Finding, Item, Standing
from ccm_flow.core.review_items import REQUIRED
from ccm_flow.core.review_seen import SetUp


def met(detail: str) -> Finding:
    """Say that an item is met."""
    return Finding(Standing.MET, detail)


def partly(detail: str) -> Finding:
    """Say that an item is partly met."""
    return Finding(Standing.PARTLY, detail)


def gap(detail: str) -> Finding:
    """Say that something is missing."""
    return Finding(Standing.GAP, detail)


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Write names one after another."""
    return ", ".join(names)


def _playbook(seen: SetUp) -> Finding:
    if seen.unpublished:
        return gap(f"No playbook is published for: {listed(seen.unpublished)}.")
    return met(f"In force: {listed(seen.published)}.")


def _roles(seen: SetUp) -> Finding:
    if not seen.roles:
        return gap("Without a playbook nobody knows which roles there are.")
    empty = [role.title for role in seen.roles if role.held == 0]
    if empty:
        return gap(f"Nobody holds the role: {listed(empty)}.")
    away = [role.title for role in seen.roles if role.present == 0]
    if away:
        return partly(f"Nobody who holds it is here today: {listed(away)}.")
    return met(f"{len(seen.roles)} roles, each with somebody who is here.")


def _owner(seen: SetUp) -> Finding:
    if not seen.owner:
        return gap("No program owner is named.")
    if not seen.owner_is_here:
        return gap(f"{seen.owner} is named and has left or may not work here any more.")
    return met(f"{seen.owner} answers for what nobody else can have.")


def _wording(seen: SetUp) -> Finding:
    if not seen.wording:
        return gap("No version of the four statements is in force today.")
    return met(f"Version '{seen.wording}' of the four statements is in force.")


def _practitioner(seen: SetUp) -> Finding:
    if not seen.practitioners:
        return gap("Nobody who is here has the role practitioner.")
    return met(f"On the staff: {listed([one.name for one in seen.practitioners])}.")


RULES: Final[Mapping[str, Callable[[SetUp], Finding]]] = MappingProxyType(
    {
        "playbook": _playbook,
        "roles": _roles,
        "program_owner": _owner,
        "consent_wording": _wording,
        "billing_practitioner": _practitioner,
    }
)


def what_stops(seen: SetUp) -> tuple[tuple[Item, Finding], ...]:
    """List what keeps a first month from being opened; nothing when it may be."""
    found = ((item, RULES[item.id](seen)) for item in REQUIRED)
    return tuple((item, finding) for item, finding in found if finding.standing is Standing.GAP)
