"""What the record says about a clinic's capacity: its staff's time, and who is about to join."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ccm_flow.app.capacity_inputs import ON_RECORD
from ccm_flow.app.clinic_hours import WEEKDAYS, ClinicHours
from ccm_flow.core.errors import CcmError
from ccm_flow.core.funnel import Stage, StageCount
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, Responsibility
from ccm_flow.core.staffing import Staff, StaffPerson

_LOOKED_BACK: Final = 3
"""Whole months of which the mean is taken: older ones say little of how patients join now."""


class NoTeamError(CcmError):
    """Nobody's time is known."""

    exit_code = 2
    hint = "Write a staff file and name it with --staff, or give the playbook `protected_time`."

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"Nobody at the clinic has time that is kept for '{plan.playbook}'.")


def team_on_record(
    plan: Plan, members: Iterable[tuple[PersonId, str, Collection[RoleId]]], hours: ClinicHours
) -> Staff:
    """
    Make a team of the clinic's staff and of the time that the playbook says they keep for it.

    Raises:
        NoTeamError: the playbook names no protected time, or nobody holds a role that has some.
    """
    kept = _kept_for(plan, len(hours.working_days))
    people = tuple(
        _person(person, name, {role: kept[role] for role in sorted(roles) if role in kept}, hours)
        for person, name, roles in members
        if any(role in kept for role in roles)
    )
    if not people:
        raise NoTeamError(plan)
    return Staff(ON_RECORD, "The clinic's staff, with the playbook's protected time", people)


def _kept_for(plan: Plan, days: int) -> dict[RoleId, int]:
    """Give the minutes of a day that the playbook wants kept, by role."""
    return {
        one.role: int(one.amount.total_seconds() / (1 if one.per == "business day" else days)) // 60
        for one in plan.protected_time
    }


def _person(
    person: PersonId, name: str, protected: dict[RoleId, int], hours: ClinicHours
) -> StaffPerson:
    return StaffPerson(
        id=person,
        name=name,
        organization=Responsibility.CLINIC,
        weekdays=frozenset(WEEKDAYS.index(day) for day in hours.working_days),
        starts=hours.opens.hour * 60 + hours.opens.minute,
        ends=hours.closes.hour * 60 + hours.closes.minute,
        protected=protected,
    )


def with_every_role(staff: Staff, plan: Plan) -> Staff:
    """
    Give the team with somebody for each role that nobody of it holds, who has the whole day.

    A month cannot be played without them; a search for what limits a team leaves them aside.
    """
    like = staff.people[0]
    added = tuple(
        replace(
            like,
            id=PersonId(f"whole-day-{role.id}"),
            name=role.title,
            protected={role.id: like.ends - like.starts},
            credential=None,
            absences=(),
        )
        for role in plan.roles
        if not staff.with_role(role.id)
    )
    return replace(staff, people=(*staff.people, *added))


def expected_to_join(stages: Sequence[StageCount]) -> float | None:
    """
    Say how many of those on the way into the program will come to its end.

    By the share that came from each stage to the next so far; None when one is not known yet.
    """
    total, chance = 0.0, 1.0
    for one in reversed(stages):
        if one.stage is not Stage.ACTIVE:
            if one.here and chance < 0:
                return None
            total += one.here * max(chance, 0.0)
        chance = -1.0 if one.share is None or chance < 0 else chance * one.share
    return round(total, 1)


@dataclass(frozen=True, slots=True)
class Joined:
    """How many patients joined in the whole months that were counted."""

    patients: int
    first: Month
    last: Month
    months: int

    @property
    def a_month(self) -> float:
        """Give the mean."""
        return round(self.patients / self.months, 1)


def joined_lately(joined: Sequence[Month], running: Month) -> Joined | None:
    """
    Count who joined in the last whole months; None while there is no month to go by.

    The month in which a program's first patients join is left out: a program begins with many at
    once, and no later month is like it.

    Args:
        joined: for each patient the month in which they joined.
        running: the clinic's month, which is not over.
    """
    if not joined:
        return None
    month = running.previous
    whole: list[Month] = []
    while month > min(joined) and len(whole) < _LOOKED_BACK:
        whole.append(month)
        month = month.previous
    if not whole:
        return None
    return Joined(sum(one in whole for one in joined), whole[-1], whole[0], len(whole))
