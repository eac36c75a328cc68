"""
A pod: a team's worth of patients, simulated month after month by itself.

Pods share nothing, so they may run at the same time; which patients are in which pod depends on
the panel and their number alone. That is why a simulation comes out the same to the byte however
many processes it runs on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.credentials import Credential
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition, Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.core.state import CycleStart
from ccm_flow.rehearsal.life import Life
from ccm_flow.rehearsal.record import Record, starting_facts
from ccm_flow.rehearsal.stories import draw_story

UNBOUNDED_PANEL: Final = 500
"""Patients in a pod when nobody's time is limited; they meet nobody, so any number would do."""
_GONE: Final = frozenset([Disposition.WITHDRAWN, Disposition.DECEASED])
_CLINIC: Final = ClinicId("simulated")


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be simulated."""

    plan: Plan
    months: tuple[tuple[Month, WorkCalendar], ...]
    """Each month with the calendar that its cycles carry."""
    calendar: WorkCalendar
    """All days from the first month to the last cycle's end, for people's own calendars."""
    assumptions: Assumptions
    staff: Staff | None
    """Nobody's time is limited when None."""
    seed: int
    patients: int
    joining: int = 0
    """Patients who join with each month after the first."""

    def pods(self) -> Iterator["Pod"]:
        """Share the patients out: evenly over as many teams as it takes."""
        if self.staff is None:
            teams = max(1, -(-self.patients // UNBOUNDED_PANEL))
        else:
            teams = self.staff.teams(self.patients)
        for number in range(teams):
            yield Pod(self, number, teams)


@dataclass(frozen=True, slots=True)
class Pod:
    """One part of a simulation: every `of`-th patient, from the `number`-th on."""

    question: Question
    number: int
    of: int

    def patients(self, month: int) -> range:
        """Give the numbers of the patients who are there when the `month`-th month (0) begins."""
        question = self.question
        return range(self.number, question.patients + month * question.joining, self.of)


class Lives:
    """
    Makes the cycles of one pod.

    Patients who left do not come back; what was put on record in one month is there in the next.
    """

    def __init__(self, pod: Pod, team: "Teams") -> None:
        question = pod.question
        self._pod = pod
        self._question = question
        self._team = team
        self._gone: set[int] = set()
        self._records: dict[int, Record] = {}
        self._layouts: Final = [
            MonthPlan(question.plan, calendar, month, calendar.start_of(month.first_day))
            for month, calendar in question.months
        ]

    def opens_at(self, month: int) -> int:
        """Say when a month begins, in UTC epoch seconds."""
        return int(self._layouts[month].opens_at.timestamp())

    def of_month(self, month: int) -> Iterator[tuple[int, Life]]:
        """Make the cycle of everybody who is in the program as a month begins."""
        for patient in self._pod.patients(month):
            if patient not in self._gone:
                yield patient, self._life(patient, month)

    def ended(self, patient: int, life: Life) -> None:
        """Remember who is gone."""
        if life.state.ending is not None and life.state.ending.disposition in _GONE:
            self._gone.add(patient)

    def _life(self, patient: int, month: int) -> Life:
        question, layout = self._question, self._layouts[month]
        assumptions, plan = question.assumptions, question.plan
        team = self._team.of(patient)
        key = f"{question.seed}|{patient}"
        start = CycleStart(
            cycle=CycleId(f"simulated:{patient}:{layout.month}"),
            clinic=_CLINIC,
            enrollment=EnrollmentId(str(patient)),
            month=layout.month,
            opens_at=layout.opens_at,
            team=team,
            facts=self._facts(patient, key),
            calendar=layout.calendar,
            plan=plan,
        )
        story = draw_story(
            assumptions.happenings,
            plan,
            layout.month,
            layout.calendar,
            key=key,
            by=team.get(plan.owner, PersonId(plan.owner)),
        )
        monthly = f"{question.seed}|{layout.month}|{patient}"
        life = Life(start, layout, assumptions.behaviour, key=monthly, story=story)
        self._records[patient] = life.record
        return life

    def _facts(self, patient: int, key: str) -> Facts:
        before = self._records.get(patient)
        if before is not None:
            return before.standing()
        return starting_facts(self._question.plan, self._question.assumptions.chart, key)


class Teams:
    """Names the person for each role of each patient, by the time they have."""

    def __init__(self, plan: Plan, staff: Staff | None, assumptions: Assumptions) -> None:
        self._staff = staff
        self._roles = tuple(role.id for role in plan.roles)
        self._dealt: dict[RoleId, dict[PersonId, int]] = {}
        self._known: dict[int, Mapping[RoleId, PersonId]] = {}
        self.credentials: Final = self._credentials(assumptions)

    def of(self, patient: int) -> Mapping[RoleId, PersonId]:
        """Give a patient's team; it stays the same from month to month."""
        if self._staff is None:
            return {role: PersonId(role) for role in self._roles}
        if patient not in self._known:
            self._known[patient] = {
                role: self._deal(self._staff, role)
                for role in self._roles
                if self._staff.with_role(role)
            }
        return self._known[patient]

    def _deal(self, staff: Staff, role: RoleId) -> PersonId:
        """Choose the person who has the most time for each patient they have; else the first."""
        people = staff.with_role(role)
        dealt = self._dealt.setdefault(role, {one.id: 0 for one in people})
        chosen = min(people, key=lambda one: (dealt[one.id] + 1) / one.protected[role])
        dealt[chosen.id] += 1
        return chosen.id

    def _credentials(self, assumptions: Assumptions) -> Mapping[PersonId, Credential | None]:
        by_role = assumptions.credentials
        if self._staff is None:
            return {PersonId(role): by_role.get(role) for role in self._roles}
        return {
            one.id: one.credential or by_role.get(next(iter(one.protected)))
            for one in self._staff.people
        }
