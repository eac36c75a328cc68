"""Simulated months: nobody does two things at once, and nothing is lost on the way to the sums."""

import json
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm_flow.adapters.processes.pods import run_pods
from ccm_flow.core.ids import PersonId, RoleId
from ccm_flow.core.plain_data import plain
from ccm_flow.core.staffing import Absence, Staff, StaffPerson
from ccm_flow.core.words import Responsibility
from ccm_flow.rehearsal.life import play_unbounded
from ccm_flow.rehearsal.pod import Lives, Pod, Question, Teams
from ccm_flow.rehearsal.pod_events import Laid
from ccm_flow.rehearsal.queues import play_pod
from ccm_flow.rehearsal.report import report
from ccm_flow.rehearsal.simulate import fold, simulate
from tests.rehearsal.questions import in_house, monthly_plan, question

ROLES = tuple(role.id for role in monthly_plan().roles)


@st.composite
def people(draw: st.DrawFn, number: int) -> StaffPerson:
    """Draw somebody with any hours, few minutes or many, and perhaps an absence."""
    starts = draw(st.sampled_from([0, 450, 510, 600]))
    length = draw(st.sampled_from([60, 240, 510]))
    # The first person holds every role, so that no step is without somebody.
    roles = (
        ROLES if number == 0 else draw(st.lists(st.sampled_from(ROLES), min_size=1, unique=True))
    )
    minutes = draw(st.sampled_from([3, 10, 45]))
    begins = draw(st.integers(1, 20))
    days = draw(st.integers(0, 9))
    absence = Absence(date(2026, 12, begins), date(2026, 12, begins + days))
    return StaffPerson(
        id=PersonId(f"person-{number}"),
        name="Somebody",
        organization=Responsibility.CLINIC,
        weekdays=draw(st.sampled_from([frozenset(range(5)), frozenset([1, 5]), frozenset([6])])),
        starts=starts,
        ends=starts + length,
        protected={RoleId(role): min(minutes, length // len(roles)) for role in roles},
        absences=draw(st.sampled_from([(), (absence,)])),
    )


staffs = st.integers(1, 3).flatmap(
    lambda count: st.builds(
        lambda *members: Staff("drawn", "Drawn", members), *(people(n) for n in range(count))
    )
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(staff=staffs, patients=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_whoever_the_team_is_nobody_is_overworked_and_every_month_ends(
    staff: Staff, patients: int, seed: int
) -> None:
    asked = question(patients, staff=staff, seed=seed)
    (pod,) = asked.pods()
    laid: list[Laid] = []
    tally = play_pod(pod, laid.append)
    look_at_people(asked, laid)
    totals = tally.months[0].totals
    assert totals.patients == patients, "each simulated cycle ends"
    assert all(disposition is not None for disposition, _ in totals.endings)
    by_role = sum(tally.work_by_day().values())
    by_patient = Counter[int]()
    for one in laid:
        by_patient[one.patient] += sum(end - start for start, end in one.spans)
    assert by_role == by_patient.total() == sum(tally.worked.values())


def look_at_people(asked: Question, laid: Iterable[Laid]) -> None:
    """Nobody works two steps at once, outside their hours, or beyond the minutes that are kept."""
    assert asked.staff is not None
    people = {one.id: one for one in asked.staff.people}
    spans: dict[PersonId, list[tuple[int, int]]] = defaultdict(list)
    for one in laid:
        spans[one.person] += one.spans
    for id_, worked in spans.items():
        person, by_day = people[id_], Counter[date]()
        worked.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(worked))
        for start, end in worked:
            begins, ends = (datetime.fromtimestamp(second, UTC) for second in (start, end))
            day = asked.calendar.date_of(begins)
            assert person.works_on(day)
            assert asked.calendar.is_business_day(day) or day.weekday() >= 5
            assert asked.calendar.at_minute(day, person.starts) <= begins
            assert ends <= asked.calendar.at_minute(day, person.ends)
            by_day[day] += end - start
        assert max(by_day.values()) <= 60 * sum(person.protected.values())


def test_two_processes_give_the_same_bytes_as_one() -> None:
    asked = question(60, staff=replace(in_house(), panel=20), months=2)

    def told(processes: int) -> bytes:
        result = report(asked, fold(run_pods(asked.pods(), processes), asked))
        return json.dumps(plain(result)).encode()

    assert told(1) == told(2)


def test_no_patient_is_kept_so_five_times_as_many_need_hardly_more_memory() -> None:
    def most(patients: int) -> int:
        asked = question(patients, staff=replace(in_house(), panel=4))
        tracemalloc.start()
        simulate(asked)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(4)  # what is worked out once, such as calendars, is there now
    assert most(50) < 1.5 * most(10), "one patient's month alone takes a good part of it"


def test_patients_are_shared_out_by_the_panel_alone() -> None:
    asked = question(50, staff=replace(in_house(), panel=20))
    pods = list(asked.pods())
    assert sorted(number for pod in pods for number in pod.patients(0)) == list(range(50))
    assert [len(pod.patients(0)) for pod in pods] == [17, 17, 16]


def test_too_little_time_is_seen_and_the_sentence_says_where() -> None:
    few = in_house()
    slow = replace(
        few, people=tuple(replace(one, protected=_a_tenth(one.protected)) for one in few.people)
    )
    ample = report(question(40), simulate(question(40)))
    asked = question(40, staff=slow)
    short = report(asked, simulate(asked))
    assert ample.failure is None
    assert short.failure is not None
    assert (short.months[0].on_time or 0) < (ample.months[0].on_time or 0) - 0.2
    assert short.sentence.startswith("It fails first on December ")
    assert short.failure.role_title in short.sentence
    assert any(one.waiting for one in short.days)


def _a_tenth(protected: object) -> dict[RoleId, int]:
    assert isinstance(protected, dict)
    return {role: max(6, minutes // 10) for role, minutes in protected.items()}


def test_a_second_month_has_nobody_who_left_in_the_first() -> None:
    asked = question(150, months=2)
    tally = simulate(asked)
    first, second = (month.totals for month in tally.months)
    left = sum(
        count
        for (disposition, _), count in first.endings.items()
        if disposition in ("withdrawn", "deceased")
    )
    assert left > 0
    assert second.patients == 150 - left


@pytest.mark.parametrize("number", [0, 1])
def test_a_pod_comes_out_the_same_beside_other_pods(number: int) -> None:
    asked = question(24, staff=replace(in_house(), panel=12))
    alone = play_pod(Pod(asked, number, 2))
    beside = [play_pod(pod) for pod in asked.pods()][number]
    assert alone == beside


def test_what_was_put_on_record_in_one_month_is_there_in_the_next() -> None:
    usual = question(1).assumptions
    nobody_has_a_plan = replace(usual, chart=replace(usual.chart, care_plan=0.0, coverage=1.0))
    asked = question(12, months=2, assumptions=nobody_has_a_plan)
    lives = Lives(Pod(asked, 0, 1), teams := Teams(asked.plan, None, asked.assumptions))
    done = {}
    for patient, life in lives.of_month(0):
        assert life.record.facts()["care_plan"] is False
        play_unbounded(life, teams.credentials)
        done[patient] = life.record.facts()["care_plan"]
    assert sum(done.values()) > 6
    for patient, life in lives.of_month(1):
        assert life.record.facts()["care_plan"] == done[patient]
        assert life.record.facts()["minutes"] == 0
