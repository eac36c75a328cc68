"""
Which open steps move to whom, when something beside the flow changes who may have them.

Nothing moves without a reason, and what somebody may keep, they keep: continuity for the patient
goes before an even load.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from ccm_flow.core.assignment import (
    NOBODY_NAMED,
    Candidate,
    ForWhom,
    Obstacle,
    ObstacleKind,
    Pool,
    Wanted,
    choose_owner,
    why_not,
    with_load,
)
from ccm_flow.core.ids import CycleId, EnrollmentId, PersonId, RoleId, StepKey
from ccm_flow.core.responsibility import PRACTITIONER


class MoveKind(StrEnum):
    """Why an open step moves beside the flow."""

    ABSENCE = "absence"
    RETURN = "return"
    """The person who was away has it again."""
    LEAVING = "leaving"
    RESPONSIBILITY = "responsibility"
    ROLE = "role"
    """The owner does not have the role any more."""
    LICENCE = "licence"
    POSSIBLE = "possible"
    """Somebody can do what the program owner had to take."""


_KINDS: Mapping[ObstacleKind, MoveKind] = {
    ObstacleKind.LEFT: MoveKind.LEAVING,
    ObstacleKind.ROLE: MoveKind.ROLE,
    ObstacleKind.ORGANIZATION: MoveKind.RESPONSIBILITY,
    ObstacleKind.LICENCE: MoveKind.LICENCE,
    ObstacleKind.AWAY: MoveKind.ABSENCE,
}
_FOR_GOOD = frozenset({ObstacleKind.LEFT, ObstacleKind.ROLE, ObstacleKind.ORGANIZATION})
"""After these a patient gets another named person; an absence passes."""


@dataclass(frozen=True, slots=True)
class Lent:
    """Who had a step before it went to somebody else because of their absence."""

    person: PersonId
    role: RoleId


@dataclass(frozen=True, slots=True)
class Held:
    """An open step and who has it."""

    cycle: CycleId
    enrollment: EnrollmentId
    key: StepKey
    title: str
    wanted: Wanted
    """In the role in which it is held."""
    owner: PersonId
    owner_role: RoleId
    """The program owner's, of the step's playbook."""
    patient: ForWhom
    lent: Lent | None = None
    instead_of: RoleId | None = None
    """The role of those who should do it, while the program owner has it as the last resort."""
    moves: int = 0
    """How often it was moved beside the flow."""


@dataclass(frozen=True, slots=True)
class Named:
    """Who has a role for a patient, and where the patient lives."""

    enrollment: EnrollmentId
    team: Mapping[RoleId, PersonId]
    patient: ForWhom
    state: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """An open step that goes to another person."""

    held: Held
    to: PersonId
    to_role: RoleId
    kind: MoveKind
    because: str
    last_resort: bool = False


@dataclass(frozen=True, slots=True)
class NewName:
    """Another person has a role for a patient from now on."""

    enrollment: EnrollmentId
    role: RoleId
    before: PersonId | None
    to: PersonId | None
    """None when nobody can have it: its steps go to the program owner, who is told."""
    because: str


def find_moves(
    pool: Pool, held: Iterable[Held], named: Mapping[EnrollmentId, Named], day: date
) -> tuple[Move, ...]:
    """List the open steps whose owner may not have them on a day, each with its new owner."""
    found: list[Move] = []
    for one in sorted(held, key=lambda one: (one.cycle, one.key)):
        own = _for_patient(pool, named.get(one.enrollment))
        move = _returned(own, one, day) or _moved(own, one, day)
        if move is not None:
            found.append(move)
            pool = with_load(pool, [(one.owner, -1), (move.to, 1)])
    return tuple(found)


def _returned(pool: Pool, one: Held, day: date) -> Move | None:
    if one.lent is None or one.lent.person == one.owner:
        return None
    back = pool.find(one.lent.person)
    wanted = replace(one.wanted, role=one.lent.role)
    if back is None or why_not(pool, back, wanted, day) is not None:
        return None
    because = f"{back.name} is back"
    return Move(one, back.person, one.lent.role, MoveKind.RETURN, because)


def _moved(pool: Pool, one: Held, day: date) -> Move | None:
    if one.wanted.role == one.owner_role:  # a former program owner's, too
        back = _taken_back(pool, one, day)
        if back is not None or one.owner == pool.program_owner:
            return back
    owner = pool.find(one.owner)
    obstacle = _gone(one.owner) if owner is None else why_not(pool, owner, one.wanted, day)
    if obstacle is None:
        return None
    rest = with_load(pool, [(one.owner, -1)])
    found = choose_owner(rest, one.wanted, one.patient, day)
    if found.person == one.owner:
        return None
    role = one.owner_role if found.last_resort else one.wanted.role
    said = found.because.removeprefix(f"{NOBODY_NAMED}; ")
    because = said if obstacle.text in said else f"{obstacle.text}; {said}"
    return Move(one, found.person, role, _KINDS[obstacle.kind], because, found.last_resort)


def _taken_back(pool: Pool, one: Held, day: date) -> Move | None:
    """Give what the program owner had to take to somebody, as soon as somebody can do it."""
    if one.instead_of is None:
        return None
    found = choose_owner(pool, replace(one.wanted, role=one.instead_of), one.patient, day)
    if found.last_resort or found.person == one.owner:
        return None
    return Move(one, found.person, one.instead_of, MoveKind.POSSIBLE, found.because)


def _gone(person: PersonId) -> Obstacle:
    return Obstacle(ObstacleKind.LEFT, f"{person} has left")


def _for_patient(pool: Pool, named: Named | None) -> Pool:
    if named is None:
        return pool
    return replace(pool, named=named.team, patient_state=named.state)


def find_new_names(
    pool: Pool, teams: Iterable[Named], roles: Iterable[RoleId], owner: RoleId, day: date
) -> tuple[NewName, ...]:
    """
    List for which patients somebody else is to have a role, and who.

    The pool's loads are patients here. A role that somebody has for good stays theirs; one that
    nobody has gets a person as soon as somebody can do it.
    """
    found: list[NewName] = []
    wanted_roles = sorted(role for role in roles if role != owner)
    for one in sorted(teams, key=lambda one: one.enrollment):
        for role in wanted_roles:
            new = _new_name(pool, one, role, day)
            if new is not None:
                found.append(new)
                moved = [(new.before, -1), (new.to, 1)]
                pool = with_load(pool, [(who, n) for who, n in moved if who is not None])
    return tuple(found)


def _new_name(pool: Pool, one: Named, role: RoleId, day: date) -> NewName | None:
    wanted, before = Wanted(role), one.team.get(role)
    own = replace(_for_patient(pool, one), named={})
    problem = "nobody had this role for the patient"
    if before is not None:
        person = own.find(before)
        obstacle = _gone(before) if person is None else why_not(own, person, wanted, day)
        if obstacle is None or obstacle.kind not in _FOR_GOOD:
            return None
        problem = obstacle.text
    able = [who for who in own.people if _for_good(own, who, wanted, day)]
    if not able:
        gone = before is not None and role != PRACTITIONER  # a bill always names somebody
        return NewName(one.enrollment, role, before, None, problem) if gone else None
    chosen = choose_owner(_only(own, able), wanted, one.patient, day)
    return NewName(one.enrollment, role, before, chosen.person, problem)


def _for_good(pool: Pool, one: Candidate, wanted: Wanted, day: date) -> bool:
    return why_not(pool, replace(one, absences=()), wanted, day) is None


def _only(pool: Pool, people: Iterable[Candidate]) -> Pool:
    """Give the pool of those alone, none away and none full: naming somebody is for good."""
    return replace(pool, people=tuple(replace(one, absences=(), limit=None) for one in people))
