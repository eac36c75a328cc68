"""What a patient's month came to is counted by the same rules wherever it comes from."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from ccm_flow.core.events import AttemptMade, StepCompleted
from ccm_flow.core.ids import OutcomeId, PersonId, RoleId, StepKey
from ccm_flow.core.plan import Disposition, Outcome, PlaybookKind
from ccm_flow.rehearsal.comparing import Effect
from ccm_flow.rehearsal.measures import (
    Fired,
    Metric,
    PatientMonth,
    Totals,
    Worked,
    count_fired,
    measure,
)
from ccm_flow.rehearsal.words import wording
from tests.support.plans import attempts, plan, step
from tests.support.pure_runner import PureCycle
from tests.support.scenario import scenario


def _month() -> PatientMonth:
    """Play a month in which one step is late, one missed and one on time."""
    reached = Outcome(OutcomeId("done"), "Reached", contact=True)
    three = attempts(3, "1 business day")
    escalate = ["when due: remind", "1 business day late: reassign lead"]
    made = plan(
        step("call", "3 business days", reached, "unreachable", tries=three),
        step("file", "2 business days", owner="nurse", ladder=escalate),
        step("ask", "1 business day", ladder=["when due: expire"]),
    )
    table = scenario("a month", made, month="2026-12")
    cycle = PureCycle(table.start)
    cycle.let_time_pass(table.instant("Dec 1 10:00"))
    ann, nurse = (PersonId("ann"), RoleId("coordinator")), (PersonId("lee"), RoleId("lead"))
    cycle.take(AttemptMade(StepKey("call"), OutcomeId("no_answer"), *ann))
    cycle.let_time_pass(table.instant("Dec 2 10:00"))
    cycle.take(StepCompleted(StepKey("call"), OutcomeId("done"), *ann))
    cycle.let_time_pass(table.instant("Dec 8 10:00"))
    cycle.take(StepCompleted(StepKey("file"), OutcomeId("done"), *nurse))
    cycle.let_time_pass(table.instant("Jan 20 10:00"))
    fired: Counter[Fired] = Counter()
    count_fired(cycle.commands, fired)
    worked = [
        Worked(RoleId("coordinator"), table.instant("Dec 1 10:00"), timedelta(minutes=2)),
        Worked(RoleId("coordinator"), table.instant("Dec 1 23:00"), timedelta(minutes=4)),
        Worked(RoleId("lead"), table.instant("Dec 8 10:00"), timedelta(minutes=9)),
    ]
    return measure(cycle.layout.plan, cycle.state, fired, worked, cycle.layout.calendar)


def test_a_month_is_counted_as_people_saw_it() -> None:
    month = _month()

    assert (month.on_time, month.late, month.missed) == (1, 1, 1)
    assert month.fired == {Fired.REMINDED: 1, Fired.HANDED_OVER: 1, Fired.EXPIRED: 1}
    assert (month.attempts, month.contacts) == (2, 1)
    by_day = {(role, day.day): time for (role, day), time in month.work.items()}
    assert by_day == {
        ("coordinator", 1): timedelta(minutes=6),
        ("lead", 8): timedelta(minutes=9),
    }
    assert month.seconds == 15 * 60


def test_totals_may_be_added_up_in_parts() -> None:
    month = _month()
    lost = replace(month, disposition=Disposition.NOT_READY, because="minutes", contacts=0)
    together, first, second = Totals(), Totals(), Totals()
    for one in (month, lost, lost):
        together.add(one)
    first.add(month)
    second.add(lost)
    second.add(lost)
    first.merge(second)

    assert first == together
    assert first.value(Metric.READY) == 1 / 3
    assert first.value(Metric.REACHED) == 1 / 3
    assert first.value(Metric.ON_TIME) == 3 / 9
    assert first.value(Metric.MINUTES) == 15
    assert first.endings[Disposition.NOT_READY, "minutes"] == 2
    assert Totals().value(Metric.READY) is None


@pytest.mark.parametrize(
    ("kind", "counted", "told", "title"),
    [
        (
            PlaybookKind.MONTHLY,
            "1 closed month of 2026-11",
            "Of 9 patients 2 who were ready would not be and 1 who was not ready would be.",
            "Patients ready to bill",
        ),
        (
            PlaybookKind.ENROLLMENT,
            "1 ended enrollment that began in 2026-11",
            "Of 9 patients 2 who were enrolled would not be and 1 who was not enrolled would be.",
            "Patients enrolled",
        ),
        (
            PlaybookKind.EPISODE,
            "1 ended episode that began in 2026-11",
            "Of 9 patients 2 who were ready would not be and 1 who was not ready would be.",
            "Patients ready to bill",
        ),
    ],
)
def test_each_kind_of_playbook_is_spoken_of_in_its_own_words(
    kind: PlaybookKind, counted: str, told: str, title: str
) -> None:
    words, effects = wording(kind), {Effect.LOST: 2, Effect.GAINED: 1, Effect.OTHERWISE: 0}
    assert words.counted(1, "2026-11") == counted
    assert words.sentence(9, effects, is_thin=False) == told
    assert words.titles[Metric.READY] == title
