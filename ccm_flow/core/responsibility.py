"""
Which organization does which role, or which step, at a clinic, and from which day.

The map is a list of dated lines in the order in which they were written down. Nothing is ever
struck out: a later line takes the place of an earlier one from its first day on, so what was in
force on any day of the past can be told for good.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ccm_flow.core.ids import OrganizationId, RoleId, StepId
from ccm_flow.core.words import Responsibility

PRACTITIONER = RoleId("practitioner")
BILLER = RoleId("biller")
COORDINATOR = RoleId("coordinator")


class OperatingModel(StrEnum):
    """How a clinic and a vendor share the program."""

    IN_HOUSE = "in_house"
    """The clinic's own staff does all of it."""
    HYBRID = "hybrid"
    """The vendor coordinates and calls; nurses and everybody else are the clinic's."""
    MANAGED = "managed"
    """The vendor does all but what practitioners and billers do."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One line of the map: a role, or one step of it, is an organization's from a day on."""

    from_day: date
    organization: OrganizationId | None
    """None leaves it open again: anybody with the role; of a step, what holds for its role."""
    role: RoleId | None = None
    step: StepId | None = None
    """A line for a step goes before those for roles."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides of an agreement."""

    clinic: OrganizationId
    """The organization that the clinic belongs to."""
    vendor: OrganizationId | None = None

    def side(self, who: Responsibility) -> OrganizationId | None:
        """Give the organization that a word of the playbook means; None without a vendor."""
        return self.clinic if who is Responsibility.CLINIC else self.vendor


def responsible(
    agreed: Iterable[Agreed], role: RoleId, day: date, step: StepId | None = None
) -> OrganizationId | None:
    """Name the organization that does a role, or a step in it, on a day; None for anybody."""
    of_step: Agreed | None = None
    of_role: Agreed | None = None
    for line in agreed:
        if line.from_day > day:
            continue
        if step is not None and line.step == step:
            of_step = _later(of_step, line)
        elif line.step is None and line.role == role:
            of_role = _later(of_role, line)
    if of_step is not None and of_step.organization is not None:
        return of_step.organization
    return None if of_role is None else of_role.organization


def _later(one: Agreed | None, other: Agreed) -> Agreed:
    """Give the line that holds: from the later day, of the same day the one written down later."""
    return other if one is None or other.from_day >= one.from_day else one


def preset(
    model: OperatingModel, roles: Iterable[RoleId], parties: Parties, owner: RoleId
) -> dict[RoleId, OrganizationId | None]:
    """
    Say who does each role under a model.

    What practitioners and billers do stays with the clinic under each of them: the billing
    practitioner's general supervision is the clinic's own (42 CFR 410.26). The program owner's
    role stays with whoever the clinic names.
    """
    return {role: _under(model, role, parties) for role in roles if role != owner}


def _under(model: OperatingModel, role: RoleId, parties: Parties) -> OrganizationId | None:
    vendors = {
        OperatingModel.IN_HOUSE: False,
        OperatingModel.HYBRID: role == COORDINATOR,
        OperatingModel.MANAGED: role not in (PRACTITIONER, BILLER),
    }[model]
    return parties.vendor if vendors else parties.clinic


def lines_to_reach(
    agreed: Iterable[Agreed],
    roles: Mapping[RoleId, OrganizationId | None],
    steps: Mapping[StepId, OrganizationId | None],
    from_day: date,
) -> tuple[Agreed, ...]:
    """
    Give the lines that bring the map to what is wanted from a day on; none when it is there.

    Lines that name a later day are taken back by these too: what is wanted holds from then on.
    """
    agreed = tuple(agreed)
    days = sorted({from_day, *(line.from_day for line in agreed if line.from_day > from_day)})
    named = {line.step for line in agreed if line.step is not None}
    all_steps: dict[StepId, OrganizationId | None] = {**dict.fromkeys(named), **steps}
    found = []
    for day in days:
        for role, organization in sorted(roles.items()):
            if responsible(agreed, role, day) != organization:
                found.append(Agreed(day, organization, role=role))
        for step, organization in sorted(all_steps.items()):
            if _of_step(agreed, step, day) != organization:
                found.append(Agreed(day, organization, step=step))
    return tuple(found)


def _of_step(agreed: Iterable[Agreed], step: StepId, day: date) -> OrganizationId | None:
    held: Agreed | None = None
    for line in agreed:
        if line.step == step and line.from_day <= day:
            held = _later(held, line)
    return None if held is None else held.organization
