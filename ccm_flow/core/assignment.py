"""
Who gets a step, and why: never silently, and never nobody.

First the person who is named for the patient; then whoever covers for them; then the pool, by
licence, language, working hours and load; at last the program owner, who is told.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256

from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import OrganizationId, PersonId, RoleId, StepId
from ccm_flow.core.responsibility import Agreed, Parties, responsible
from ccm_flow.core.words import Responsibility

NAMED = "named for this patient"
"""The reason for which most steps have their owner."""
NOBODY_NAMED = "nobody is named for this patient"
LAST_RESORT = "so the program owner has it"
"""How the reason ends for which the program owner has what nobody else can have."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A person works for an organization, both days included."""

    organization: OrganizationId
    from_day: date
    until_day: date | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@dataclass(frozen=True, slots=True)
class Absence:
    """A person does not work, both days included."""

    from_day: date
    until_day: date | None = None
    """None until somebody says when it ends."""
    cover: PersonId | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the person is away on a day."""
        return self.from_day <= day and (self.until_day is None or day <= self.until_day)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on a clinic's staff, as far as it matters for who gets a step."""

    person: PersonId
    name: str
    roles: tuple[RoleId, ...]
    credential: Credential | None = None
    languages: tuple[str, ...] = ()
    """Short tags, e.g. `en`, `es`."""
    licensed_in: tuple[str, ...] = ()
    """States, e.g. `MA`; empty when nothing is said."""
    memberships: tuple[Membership, ...] = ()
    absences: tuple[Absence, ...] = ()
    load: int = 0
    """Open steps now."""
    limit: int | None = None
    """The most steps at a time; None for no limit."""
    works: tuple[int, int] | None = None
    """First and last minute of the working day; the clinic's hours when None."""
    until_day: date | None = None
    """The last day on the staff; None without an end."""

    @property
    def has_room(self) -> bool:
        """Tell whether one more step fits."""
        return self.limit is None or self.load < self.limit

    def absence(self, day: date) -> Absence | None:
        """Give the absence that holds on a day."""
        return next((one for one in self.absences if one.holds_on(day)), None)

    def works_for(self, organization: OrganizationId, day: date) -> bool:
        """Tell whether the person belongs to an organization on a day."""
        return any(
            one.organization == organization and one.holds_on(day) for one in self.memberships
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has a step, in which way it was found, and the reason as people read it."""

    person: PersonId
    because: str
    last_resort: bool = False
    """The program owner has it because nobody else can."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Everybody who may get a patient's steps, as the record knew it at an instant."""

    people: tuple[Candidate, ...]
    program_owner: PersonId
    """Gets what nobody else can have, absent or not."""
    named: Mapping[RoleId, PersonId]
    """Who has which role for this patient."""
    parties: Parties
    agreed: tuple[Agreed, ...] = ()
    organizations: Mapping[OrganizationId, str] = field(default_factory=dict)
    """Names, for the reasons."""
    patient_state: str = ""
    """Where the patient lives; empty when it is not known."""
    decided: Mapping[str, Assignment] = field(default_factory=dict)
    """By `Wanted.question`, what is known already, as it is of a month that is replayed."""

    def find(self, person: PersonId) -> Candidate | None:
        """Give somebody of the staff."""
        return next((one for one in self.people if one.person == person), None)

    def name(self, person: PersonId) -> str:
        """Give a person's name; the id of somebody who is gone."""
        found = self.find(person)
        return person if found is None else found.name


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a step asks of its owner."""

    role: RoleId
    step: StepId | None = None
    responsibility: Responsibility | None = None
    """Whose step the playbook says it is, whatever was agreed."""
    window: tuple[int, int] | None = None
    """The minutes of the day in which the patient is called; None for a step without calls."""

    @property
    def question(self) -> str:
        """Name what is asked at an instant: whose a step is, or who has a role."""
        return f"role:{self.role}" if self.step is None else f"step:{self.step}"


@dataclass(frozen=True, slots=True)
class ForWhom:
    """What speaks for one person rather than another, of the patient."""

    language: str = "en"
    spread: str = ""
    """The cycle's id: where nothing else decides, people take turns over the patients."""


class ObstacleKind(StrEnum):
    """What kind of thing keeps somebody from having a step."""

    LEFT = "left"
    ROLE = "role"
    ORGANIZATION = "organization"
    LICENCE = "licence"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why somebody cannot have a step."""

    kind: ObstacleKind
    text: str


def choose_owner(pool: Pool, step: Wanted, patient: ForWhom, day: date) -> Assignment:
    """Give a step to one person; there always is one."""
    if step.question in pool.decided:
        return pool.decided[step.question]
    named = pool.find(pool.named[step.role]) if step.role in pool.named else None
    if named is None:
        return _from_pool(pool, step, patient, day, NOBODY_NAMED)
    obstacle = why_not(pool, named, step, day)
    problem = obstacle.text if obstacle is not None else _why_full(named)
    if problem is None:
        return Assignment(named.person, NAMED)
    away = named.absence(day)
    cover = pool.find(away.cover) if away is not None and away.cover is not None else None
    if cover is not None and why_not(pool, cover, step, day) is None and cover.has_room:
        return Assignment(cover.person, f"{problem}; {cover.name} covers")
    return _from_pool(pool, step, patient, day, problem)


def _from_pool(pool: Pool, step: Wanted, patient: ForWhom, day: date, problem: str) -> Assignment:
    able = [one for one in pool.people if why_not(pool, one, step, day) is None]
    free = [one for one in able if one.has_room]
    if not free:
        last = pool.program_owner
        why = "nobody else has room" if able else f"nobody else can do it as {_plain(step.role)}"
        return Assignment(last, f"{problem}; {why}, {LAST_RESORT}", last_resort=True)
    best = min(free, key=lambda one: _rank(one, step, patient))
    merits = _merits(best, step, patient.language)
    return Assignment(best.person, f"{problem}; {best.name} {merits}")


def why_not(pool: Pool, one: Candidate, step: Wanted, day: date) -> Obstacle | None:
    """Say why somebody cannot have a step on a day, whatever their load; None when they can."""
    if one.until_day is not None and day > one.until_day:
        return Obstacle(ObstacleKind.LEFT, f"{one.name} has left")
    if step.role not in one.roles:
        return Obstacle(ObstacleKind.ROLE, f"{one.name} is not {_plain(step.role)} here")
    whose = who_does(pool, step, day)
    if whose is not None and not one.works_for(whose, day):
        name = pool.organizations.get(whose, whose)
        return Obstacle(ObstacleKind.ORGANIZATION, f"{name} does this work, not {one.name}")
    state = pool.patient_state
    if state and one.licensed_in and state not in one.licensed_in:
        return Obstacle(ObstacleKind.LICENCE, f"{one.name} has no licence in {state}")
    away = one.absence(day)
    if away is not None:
        until = f" until {away.until_day:%Y-%m-%d}" if away.until_day is not None else ""
        return Obstacle(ObstacleKind.AWAY, f"{one.name} is away{until}")
    return None


def who_does(pool: Pool, step: Wanted, day: date) -> OrganizationId | None:
    """Name the organization whose people may have a step; None for anybody's."""
    if step.responsibility is not None:
        side = pool.parties.side(step.responsibility)
        if side is not None:
            return side
    return responsible(pool.agreed, step.role, day, step.step)


def _why_full(one: Candidate) -> str | None:
    return None if one.has_room else f"{one.name} has {one.load} of {one.limit} steps already"


def _rank(one: Candidate, step: Wanted, patient: ForWhom) -> tuple[bool, bool, float, str, str]:
    """Put the patient's language first, then hours, then the lighter load, then turns."""
    load = one.load / one.limit if one.limit else float(one.load)
    turn = sha256(f"{patient.spread}:{step.role}:{one.person}".encode()).hexdigest()
    return not _speaks(one, patient.language), not _in_hours(one, step), load, turn, one.person


def _speaks(one: Candidate, language: str) -> bool:
    return not one.languages or language in one.languages


def _in_hours(one: Candidate, step: Wanted) -> bool:
    if step.window is None or one.works is None:
        return True
    return one.works[0] < step.window[1] and step.window[0] < one.works[1]


def _merits(one: Candidate, step: Wanted, language: str) -> str:
    """Say what speaks for somebody of the pool."""
    said = [f"is {_plain(step.role)}"]
    if language in one.languages:
        said.append(f"speaks {language}")
    full = "" if one.limit is None else f" of {one.limit}"
    steps = "step" if one.load == 1 and one.limit is None else "steps"
    said.append(f"has {one.load}{full} {steps}")
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else said[0]


def _plain(role: RoleId) -> str:
    return role.replace("_", " ")


def with_load(pool: Pool, moved: Iterable[tuple[PersonId, int]]) -> Pool:
    """Give the pool with some people's loads changed, e.g. by what was just given to them."""
    extra = Counter[PersonId]()
    for person, steps in moved:
        extra[person] += steps
    people = tuple(
        replace(one, load=max(0, one.load + extra[one.person])) if extra[one.person] else one
        for one in pool.people
    )
    return replace(pool, people=people)
