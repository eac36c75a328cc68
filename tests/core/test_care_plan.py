"""A care plan says what it lacks, and two versions say what changed."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.care_plan import (
    TITLES,
    CarePlan,
    Goal,
    Intervention,
    differences,
    is_current,
    lines_of,
    problems_of,
)
from ccm_flow.core.care_plan_text import draft_plan, plain_plan, read_plan, revise

DAY = date(2026, 12, 1)
GOAL = Goal("Blood pressure under control", "systolic", "below 130", DAY)
PLAN = CarePlan(
    problems=("hypertension", "diabetes"),
    outcome="Stable.",
    goals=(GOAL,),
    symptoms=("Call for swelling.",),
    interventions=(Intervention("Monthly call", "coordinator"),),
    medicines=("lisinopril 10 mg",),
    services=("none needed",),
    coordination=("cardiologist",),
    function="Independent.",
    caregiver="None needed.",
    environment="Safe.",
    prevention=("influenza vaccination",),
    review_on=DAY,
)
WORDS = st.text("abcdefgh ", min_size=1, max_size=12).map(str.strip).filter(bool)
PARTS = WORDS | st.just("")
LISTS = st.lists(WORDS, max_size=3).map(tuple)
DAYS = st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1))
PLANS = st.builds(
    CarePlan,
    problems=LISTS,
    outcome=WORDS | st.just(""),
    goals=st.lists(st.builds(Goal, WORDS, PARTS, PARTS, DAYS), max_size=3).map(tuple),
    interventions=st.lists(st.builds(Intervention, WORDS, PARTS), max_size=3).map(tuple),
    medicines=LISTS,
    function=WORDS | st.just(""),
    review_on=DAYS,
)


def test_a_plan_with_every_element_lacks_nothing() -> None:
    assert problems_of(PLAN) == ()


@pytest.mark.parametrize("name", TITLES)
def test_every_element_is_required(name: str) -> None:
    without = replace(PLAN, **{name: type(getattr(PLAN, name))() if name != "review_on" else None})
    assert problems_of(without) == (f"'{TITLES[name]}' is missing.",)


@pytest.mark.parametrize(
    ("goal", "missing"),
    [
        (replace(GOAL, measure=""), "a measure"),
        (replace(GOAL, target=""), "a target"),
        (replace(GOAL, by=None), "a day"),
        (Goal(GOAL.goal), "a measure and a target and a day"),
    ],
)
def test_a_goal_needs_measure_target_and_day(goal: Goal, missing: str) -> None:
    said = f"The goal 'Blood pressure under control' is not measurable: {missing} missing."
    assert problems_of(replace(PLAN, goals=(GOAL, goal))) == (said,)


def test_every_intervention_needs_somebody() -> None:
    plan = replace(PLAN, interventions=(Intervention("Monthly call"),))
    assert problems_of(plan) == ("Nobody is responsible for 'Monthly call'.",)


def test_what_was_filled_in_beforehand_must_be_confirmed() -> None:
    draft = draft_plan(["asthma", "diabetes"], ["insulin"])
    plan = replace(PLAN, problems=draft.problems, medicines=draft.medicines)
    assert problems_of(plan) == (
        "'Problem list' has 2 to be confirmed.",
        "'Medication management' has 1 to be confirmed.",
    )


@given(PLANS)
def test_a_plan_is_the_same_after_it_was_kept(plan: CarePlan) -> None:
    read = read_plan(json.loads(json.dumps(plain_plan(plan))))
    assert read.plan == plan
    assert read.problems == ()


@given(PLANS)
def test_a_plan_is_the_same_after_it_was_a_note(plan: CarePlan) -> None:
    fields = {name: "\n".join(lines_of(plan, name)) for name in TITLES}
    read = read_plan(fields)
    assert read.problems == ()
    assert [lines_of(read.plan, name) for name in TITLES] == [lines_of(plan, n) for n in TITLES]


@given(PLANS, PLANS)
def test_differences_are_said_exactly_when_there_are_some(one: CarePlan, other: CarePlan) -> None:
    assert differences(one, one) == ()
    assert bool(differences(one, other)) == (one != other)


def test_differences_are_plain_sentences() -> None:
    new = replace(
        PLAN,
        problems=("hypertension", "asthma"),
        goals=(replace(GOAL, target="below 125"),),
        outcome="Getting better.",
        services=(),
    )
    assert differences(PLAN, new) == (
        "Problem list: added 'asthma'.",
        "Problem list: removed 'diabetes'.",
        "Expected outcome and prognosis: now 'Getting better.' (was 'Stable.').",
        "Measurable treatment goals: now 'Blood pressure under control | systolic | below 125 | "
        "by 2026-12-01' (was 'Blood pressure under control | systolic | below 130 | "
        "by 2026-12-01').",
        "Community and social services: removed 'none needed'.",
    )


def test_a_review_changes_only_what_it_names() -> None:
    given = {"summary": "Looked at all.", "medicines": "lisinopril 20 mg", "outcome": ""}
    read = revise(PLAN, given)
    assert read.plan == replace(PLAN, medicines=("lisinopril 20 mg",))
    assert read.problems == ()


def test_a_form_that_was_left_empty_says_nothing() -> None:
    empty = {"goal": "", "measure": None, "target": "", "by": ""}
    read = read_plan({"problems": [""], "goals": [empty], "interventions": [{"what": ""}]})
    assert (read.plan, read.problems) == (CarePlan(), ())


def test_everything_that_cannot_be_read_is_named() -> None:
    read = read_plan(
        {
            "gols": "x",
            "problems": 3,
            "goals": [{"gaol": "x"}],
            "interventions": ["a | b | c"],
            "review_on": "soon",
            "outcome": ["x"],
        }
    )
    assert read.plan == CarePlan()
    assert len(read.problems) == 6
    assert "no element 'gols'" in read.problems[0]


@pytest.mark.parametrize(
    ("written", "approved", "current"),
    [(0, None, True), (365, None, True), (366, None, False), (800, 30, True), (800, 400, False)],
)
def test_a_plan_is_current_for_twelve_months(
    written: int, approved: int | None, current: bool
) -> None:
    approval = None if approved is None else DAY - timedelta(days=approved)
    assert is_current(DAY - timedelta(days=written), approval, DAY) is current
