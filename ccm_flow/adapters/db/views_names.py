"""What all views need to put names to ids: people, playbooks, and handles that can be typed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.plan_rows import moved_from, plans_of
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
)
from ccm_flow.app.care import NoSuchClinicError
from ccm_flow.core.ids import SYSTEM, EnrollmentId, StepId
from ccm_flow.core.plan import Plan, PlanStep

SHORTEST = 4
"""Characters of the shortest handle."""


def clinic_row(session: Session, clinic: str) -> ClinicRow:
    """Give a clinic; raises `NoSuchClinicError`."""
    row = session.get(ClinicRow, clinic)
    if row is None:
        raise NoSuchClinicError(clinic)
    return row


def patient_name(patient: PatientRow) -> str:
    """Write a patient's name the way lists are sorted."""
    return listed_name(patient.family_name, patient.given_name)


def listed_name(family_name: str, given_name: str) -> str:
    """Write a name that was read without its patient the same way."""
    return ", ".join(part for part in (family_name, given_name) if part)


class People:
    """The names of people, read once."""

    def __init__(self, session: Session, ids: Collection[str]) -> None:
        query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(ids))
        self._names: Mapping[str, str] = dict(session.exec(query).all())

    def name(self, person: str | None) -> str:
        """Give a person's name; the id of somebody unknown, and words for the program itself."""
        if person is None or person == SYSTEM:
            return "the playbook"
        return self._names.get(person, person)


class Plans:
    """The playbook versions that some cycles run on, and ran on before, read once."""

    def __init__(self, session: Session, sha256s: Collection[str]) -> None:
        self._plans = plans_of(session, {*sha256s, *moved_from(session, sha256s)})

    def plan(self, sha256: str) -> Plan:
        """Give a version's plan."""
        return self._plans[sha256]

    def words(self, sha256: str) -> "PlanWords":
        """Give a version's words."""
        plan = self._plans[sha256]
        others = (one for one in self._plans.values() if one.playbook == plan.playbook)
        return PlanWords(plan, tuple(one for one in others if one is not plan))


@dataclass(frozen=True)
class PlanWords:
    """A playbook's words for its own ids."""

    plan: Plan
    others: tuple[Plan, ...] = ()
    """Versions that months on this one ran on before, for steps that it does not know."""

    def role(self, role: str) -> str:
        """Give a role's title; a role of another playbook has none."""
        roles = (item for one in (self.plan, *self.others) for item in one.roles)
        known = (item.title for item in roles if item.id == role)
        return next(known, role.replace("_", " ").capitalize())

    def title(self, key: str | None) -> str:
        """Give a step's title by its key."""
        step = self.step(key)
        return step.title if step else key or "the month"

    def outcome(self, key: str, outcome: str | None) -> str | None:
        """Give an outcome's title."""
        step = self.step(key)
        found = next((one for one in step.outcomes if one.id == outcome), None) if step else None
        return found.title if found else outcome and outcome.replace("_", " ")

    def choices(self, key: str) -> tuple[str, ...]:
        """List what a person may give as a step's outcome: the results of an attempt too."""
        step = self.step(key)
        if step is None:
            return ()
        results = step.attempts.results if step.attempts else ()
        return (*(outcome.id for outcome in step.outcomes), *results)

    def step(self, key: str | None) -> PlanStep | None:
        """Find a step by the key of one of its openings."""
        id_ = StepId((key or "").partition("~")[0])
        known = (one.by_id.get(id_) for one in (self.plan, *self.others))
        return next((step for step in known if step is not None), None)

    def knowing(self, key: str) -> "PlanWords":
        """Give the words of the newest version that has a step, for one that was withdrawn."""
        id_ = StepId(key.partition("~")[0])
        plans = (self.plan, *self.others)
        plan = next((one for one in plans if id_ in one.by_id), self.plan)
        return PlanWords(plan, tuple(one for one in plans if one is not plan))


def enrollment_handles(session: Session, scope: ColumnElement[bool]) -> Mapping[EnrollmentId, str]:
    """
    Give the handles of the enrollments that `scope` chooses.

    A handle is the shortest start of an id that no other enrollment has, in whatever clinic:
    only the ids right before and after it have to be looked at, however many there are.
    """
    other = aliased(EnrollmentRow)
    mine = col(EnrollmentRow.id)
    before = select(func.max(other.id)).where(col(other.id) < mine).scalar_subquery()
    after = select(func.min(other.id)).where(col(other.id) > mine).scalar_subquery()
    rows = session.exec(select(EnrollmentRow.id, before, after).where(scope))
    return {EnrollmentId(id_): _handle(id_, neighbours) for id_, *neighbours in rows}


def handles_of(
    session: Session, enrollments: Collection[EnrollmentId]
) -> Mapping[EnrollmentId, str]:
    """Give the handles of some enrollments."""
    return enrollment_handles(session, col(EnrollmentRow.id).in_(set(enrollments)))


def short_ids(ids: Iterable[EnrollmentId]) -> Mapping[EnrollmentId, str]:
    """Cut ids to what tells them apart, but no shorter than `SHORTEST`."""
    ordered = sorted(ids)
    handles = {}
    for place, id_ in enumerate(ordered):
        neighbours = ordered[max(0, place - 1) : place] + ordered[place + 1 : place + 2]
        handles[id_] = _handle(id_, neighbours)
    return handles


def _handle(id_: str, neighbours: Iterable[str | None]) -> str:
    length = SHORTEST
    for other in neighbours:
        while other and length < len(id_) and other.startswith(id_[:length]):
            length += 1
    return id_[:length]
