"""Who works for a program, when, for how long each day, and what an hour of theirs costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.words import Responsibility

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody does not work, both ends included."""

    first: date
    last: date
    because: str = ""


@dataclass(frozen=True, slots=True)
class StaffPerson:
    """One person of a team."""

    id: PersonId
    name: str
    organization: Responsibility
    weekdays: frozenset[int]
    """The days they work; Monday is 0."""
    starts: int
    """When their day begins, in minutes after the clinic's midnight."""
    ends: int
    """When it ends."""
    protected: Mapping[RoleId, int]
    """Minutes of each day that are kept for this program, by role."""
    credential: Credential | None = None
    """What the person is licensed as; as the behaviour file has it for the role when None."""
    cost_per_hour: Decimal | None = None
    """Dollars; None when it is not known."""
    absences: tuple[Absence, ...] = ()

    def is_absent(self, day: date) -> bool:
        """Tell whether an absence covers a day."""
        return any(one.first <= day <= one.last for one in self.absences)

    def works_on(self, day: date) -> bool:
        """Tell whether it is one of their days and they are not absent."""
        return day.weekday() in self.weekdays and not self.is_absent(day)


@dataclass(frozen=True, slots=True)
class Staff:
    """A team and how many patients it looks after."""

    id: str
    title: str
    people: tuple[StaffPerson, ...]
    panel: int | None = None
    """Patients for one such team; more patients get more teams. None: one team for all."""

    def with_role(self, role: RoleId) -> tuple[StaffPerson, ...]:
        """Give the people who hold a role, in the file's order."""
        return tuple(one for one in self.people if role in one.protected)

    def teams(self, patients: int) -> int:
        """Say how many such teams look after so many patients."""
        return 1 if self.panel is None else max(1, -(-patients // self.panel))

    def scaled(self, patients: int) -> "Staff":
        """
        Give the same teams with as many minutes as their share of the patients takes.

        So that a team for 300 that looks after 250 is not compared as if it had time to spare.
        """
        if self.panel is None:
            return self
        teams = self.teams(patients)
        people = tuple(
            replace(
                one,
                protected={
                    role: -(-minutes * patients // (teams * self.panel))
                    for role, minutes in one.protected.items()
                },
            )
            for one in self.people
        )
        return replace(self, people=people, panel=-(-patients // teams))

    def with_more(self, role: RoleId, count: int) -> "Staff":
        """
        Give the team with so many more people like the first who holds a role.

        Raises:
            KeyError: nobody holds it.
        """
        like = next(iter(self.with_role(role)), None)
        if like is None:
            raise KeyError(role)
        added = tuple(
            replace(
                like,
                id=PersonId(f"added-{role}-{number}"),
                name=f"Added {number}",
                protected={role: like.protected[role]},
                absences=(),
            )
            for number in range(1, count + 1)
        )
        return replace(self, people=(*self.people, *added))
