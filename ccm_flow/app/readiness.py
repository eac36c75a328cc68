"""
Readiness all month long: what stops each patient's month, and what is done about it next.

Blockers are found on the record's live facts, not only when the playbook's own check is due.
Field names are the keys of `ccm readiness --json`, so they do not change lightly.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    PersonId,
    RoleId,
    StepId,
)
from ccm_flow.core.minutes_at_risk import MinutesOutlook, Planned, Week, minutes_by_week
from ccm_flow.core.month import Month
from ccm_flow.core.outlook import (
    Ahead,
    Course,
    NextAction,
    Opened,
    next_actions,
    steps_ahead,
)
from ccm_flow.core.plan import Phase, Plan, Requirement
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import Blocker, CycleStatus

_NOT_CARE = (Phase.READINESS, Phase.REPORTING)
"""Work for the bill is no care: its time never counts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One patient's running month, as the record has it now."""

    enrollment: EnrollmentId
    patient_name: str
    mrn: str
    cycle: CycleId
    status: CycleStatus
    opened_at: datetime
    plan: Plan
    facts: Facts


@dataclass(frozen=True, slots=True)
class Way:
    """What looking ahead in a running month needs beside the facts."""

    handle: str
    """What a person types for the patient."""
    team: Mapping[RoleId, PersonId]
    opened: Mapping[StepId, Opened]


class MonthRecord(Protocol):
    """The port to what is known of a clinic's running month."""

    def standings(self, clinic: ClinicId, month: Month, now: datetime) -> Sequence[Standing]:
        """Give every running or paused monthly cycle with its live facts."""
        ...

    def ways(
        self, clinic: ClinicId, month: Month, standings: Sequence[Standing]
    ) -> Mapping[CycleId, Way]:
        """Give how far these cycles have come, and who works on them."""
        ...

    def documented(self, clinic: ClinicId, month: Month) -> Mapping[date, int]:
        """Give the counted seconds of the month by the clinic's days."""
        ...

    def names(self, people: set[PersonId]) -> Mapping[PersonId, str]:
        """Give people's names."""
        ...


@dataclass(frozen=True, slots=True)
class BlockerLine:
    """One blocker and its next action."""

    requirement: Requirement
    detail: str
    step: str | None
    """What a person types to name the step when it is open."""
    title: str
    """Of the step; words for a person when there is none."""
    open: bool
    owner: PersonId
    owner_name: str
    role: RoleId
    role_title: str
    due_at: datetime | None
    late: bool
    opens_at: datetime | None
    """When the readiness check will open the step, for one that waits for it."""


@dataclass(frozen=True, slots=True)
class PatientReadiness:
    """One patient's month: empty `blockers` mean that nothing stops it today."""

    handle: str
    enrollment: EnrollmentId
    patient_name: str
    mrn: str
    cycle: CycleId
    paused: bool
    minutes: int
    minimum_minutes: int
    missing_minutes: int
    expected_minutes: int
    """Of the steps still to come in the month, as the playbook expects them."""
    will_make_it: bool
    """Whether those steps bring what is missing, if all are done."""
    uncovered_minutes: int
    """Missing minutes that no step ahead brings."""
    blockers: tuple[BlockerLine, ...]


@dataclass(frozen=True, slots=True)
class PatientBlockers:
    """What stops one patient's month today, without the look at the minutes ahead."""

    enrollment: EnrollmentId
    minimum_minutes: int
    missing: tuple[Blocker, ...]
    next: BlockerLine | None
    """What is done about the first of them; None where an open step comes first."""


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """A clinic's running month: the patients with something missing first."""

    clinic: ClinicId
    clinic_name: str
    time_zone: str
    month: Month
    as_of: datetime
    patients: tuple[PatientReadiness, ...]
    weeks: tuple[Week, ...]
    by_requirement: Mapping[str, int] = field(default_factory=dict)

    @property
    def ready(self) -> int:
        """How many have nothing missing."""
        return sum(not one.blockers for one in self.patients)


@dataclass(frozen=True, slots=True)
class Place:
    """The clinic that is looked at, and its calendar for the month."""

    clinic: ClinicId
    name: str
    time_zone: str
    calendar: WorkCalendar


def look_at_month(
    record: MonthRecord, place: Place, month: Month, now: datetime
) -> ReadinessReport:
    """Find every blocker of every running month, and the minutes at risk by week."""
    standings = record.standings(place.clinic, month, now)
    ways = record.ways(place.clinic, month, standings)
    course = _Courses(place, month, now)
    looks = [
        _Look.at(standing, ways[standing.cycle], course.of(standing, ways[standing.cycle]))
        for standing in standings
    ]
    names = _names(record, (look.actions for look in looks))
    patients = sorted((look.patient(names) for look in looks), key=_order)
    counts = dict[str, int]()
    for line in (line for patient in patients for line in patient.blockers):
        counts[line.requirement.value] = counts.get(line.requirement.value, 0) + 1
    documented = record.documented(place.clinic, month)
    return ReadinessReport(
        clinic=place.clinic,
        clinic_name=place.name,
        time_zone=place.time_zone,
        month=month,
        as_of=now,
        patients=tuple(patients),
        weeks=minutes_by_week(month, [look.outlook for look in looks], documented),
        by_requirement=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
    )


def look_at_blockers(
    record: MonthRecord, place: Place, month: Month, now: datetime, busy: Collection[CycleId]
) -> list[PatientBlockers]:
    """Find the blockers alone; what comes next is looked for where no step is open (`busy`)."""
    standings = record.standings(place.clinic, month, now)
    missing = {one.cycle: tuple(find_blockers(one.plan.readiness, one.facts)) for one in standings}
    asked = [one for one in standings if missing[one.cycle] and one.cycle not in busy]
    ways = record.ways(place.clinic, month, asked) if asked else {}
    course = _Courses(place, month, now)
    actions: dict[CycleId, NextAction] = {}
    for one in asked:
        mine = course.of(one, ways[one.cycle])
        (actions[one.cycle],) = next_actions(mine, steps_ahead(mine), missing[one.cycle][:1])
    names = _names(record, [actions.values()])
    return [
        PatientBlockers(
            one.enrollment,
            _minimum(one.plan),
            missing[one.cycle],
            _line(one, ways[one.cycle], actions[one.cycle], names, now)
            if one.cycle in actions
            else None,
        )
        for one in standings
    ]


@dataclass(frozen=True)
class _Courses:
    """Lays out running months, those of the same plan and opening once."""

    place: Place
    month: Month
    now: datetime
    layouts: dict[tuple[str, datetime], MonthPlan] = field(default_factory=dict)

    def of(self, standing: Standing, way: Way) -> Course:
        key = standing.plan.sha256, standing.opened_at
        if key not in self.layouts:
            calendar = self.place.calendar
            self.layouts[key] = MonthPlan(standing.plan, calendar, self.month, standing.opened_at)
        return Course(self.layouts[key], self.now, standing.facts, way.team, way.opened)


def _names(record: MonthRecord, actions: Iterable[Iterable[NextAction]]) -> Mapping[PersonId, str]:
    return record.names({action.owner.person for some in actions for action in some})


def _minimum(plan: Plan) -> int:
    return plan.readiness.minimum_minutes if plan.readiness is not None else 0


def _order(one: PatientReadiness) -> tuple[bool, bool, int, str]:
    return not one.blockers, one.will_make_it, -one.missing_minutes, one.patient_name


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found out about one patient's month."""

    standing: Standing
    way: Way
    now: datetime
    outlook: MinutesOutlook
    actions: tuple[NextAction, ...]

    @classmethod
    def at(cls, standing: Standing, way: Way, course: Course) -> "_Look":
        """Look ahead from now."""
        ahead = steps_ahead(course)
        blockers = find_blockers(standing.plan.readiness, standing.facts)
        return cls(
            standing,
            way,
            course.now,
            _outlook(standing, ahead, course.layout),
            next_actions(course, ahead, blockers),
        )

    def patient(self, names: Mapping[PersonId, str]) -> PatientReadiness:
        """Put names to it."""
        standing, outlook = self.standing, self.outlook
        return PatientReadiness(
            handle=self.way.handle,
            enrollment=standing.enrollment,
            patient_name=standing.patient_name,
            mrn=standing.mrn,
            cycle=standing.cycle,
            paused=standing.status is CycleStatus.PAUSED,
            minutes=int(standing.facts["minutes"]),
            minimum_minutes=outlook.minimum,
            missing_minutes=outlook.missing_minutes,
            expected_minutes=outlook.expected_minutes,
            will_make_it=outlook.will_make_it,
            uncovered_minutes=outlook.uncovered_minutes,
            blockers=tuple(
                _line(standing, self.way, action, names, self.now) for action in self.actions
            ),
        )


def _line(
    standing: Standing, way: Way, action: NextAction, names: Mapping[PersonId, str], now: datetime
) -> BlockerLine:
    step, owner = action.step, action.owner
    due = step.due_at if step else None
    role = next((role.title for role in standing.plan.roles if role.id == owner.role), owner.role)
    return BlockerLine(
        requirement=action.blocker.requirement,
        detail=action.blocker.detail,
        step=f"{way.handle}.{step.key}" if step and step.key else None,
        title=step.title if step else "no step of the playbook meets this: decide",
        open=step is not None and step.is_open,
        owner=owner.person,
        owner_name=names.get(owner.person, owner.person),
        role=owner.role,
        role_title=role,
        due_at=due,
        late=due is not None and due < now,
        opens_at=action.opens_at,
    )


def _outlook(standing: Standing, ahead: Sequence[Ahead], layout: MonthPlan) -> MinutesOutlook:
    """Weigh the minutes that are there against those that the steps of the month still bring."""
    planned = []
    for one in ahead:
        due_on = layout.calendar.date_of(one.due_at) if one.due_at is not None else None
        counts = standing.plan.by_id[one.step].phase not in _NOT_CARE
        if counts and (due_on is None or due_on <= layout.month.last_day):
            planned.append(Planned(due_on, int(one.expected.total_seconds())))
    have = int(standing.facts["minutes"]) * 60
    return MinutesOutlook(have, _minimum(standing.plan), tuple(planned))
