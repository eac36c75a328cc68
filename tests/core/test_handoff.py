"""How a line stands, what changed since, and what may leave the house in a table file."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.canonical import canonical, chain, fingerprint, plain
from ccm_flow.core.changes import differences
from ccm_flow.core.claim_lines import safe_cell
from ccm_flow.core.handoff import (
    Decision,
    HandoffStep,
    LineAct,
    LineState,
    MonthAct,
    is_closed,
    line_state,
)
from ccm_flow.core.ids import OutcomeId, PersonId, StepKey
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus

AT = datetime(2027, 1, 4, 15, tzinfo=UTC)


def step(outcome: str | None) -> HandoffStep:
    status = StepStatus.OPEN if outcome is None else StepStatus.DONE
    return HandoffStep(StepKey("billing_handoff"), status, OutcomeId(outcome) if outcome else None)


@pytest.mark.parametrize(
    ("acts", "handoff", "state"),
    [
        ([], None, "draft"),
        ([], step(None), "draft"),
        ([], step("accepted"), "draft"),
        ([], step("returned"), "returned"),
        (["approved"], step(None), "approved"),
        (["approved"], step("accepted"), "accepted"),
        (["approved"], step("returned"), "returned"),
        (["approved", "returned"], step(None), "approved"),
    ],
)
def test_a_line_follows_its_decisions_and_the_hand_off_step(
    acts: list[str], handoff: HandoffStep | None, state: str
) -> None:
    """Nothing is accepted that nobody approved; an answered question leaves it approved."""
    decisions = [Decision(LineAct(act), PersonId("bea"), AT) for act in acts]
    assert line_state(decisions, handoff) is LineState(state)


@pytest.mark.parametrize(
    ("acts", "closed"),
    [([], False), (["closed"], True), (["closed", "reopened"], False)],
)
def test_the_latest_act_says_whether_a_month_is_closed(acts: list[str], closed: bool) -> None:
    assert is_closed([MonthAct(act) for act in acts]) is closed


def test_equal_content_has_one_text_and_one_hash() -> None:
    one = {"b": [1, 2], "a": {"y": None, "x": "Łukasz"}}
    other = {"a": {"x": "Łukasz", "y": None}, "b": [1, 2]}
    assert canonical(one) == canonical(other) == '{"a":{"x":"Łukasz","y":null},"b":[1,2]}'
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint({**one, "b": [2, 1]})


def test_values_become_plain_data() -> None:
    assert plain((Month(2026, 12), Decimal("66.13"), AT, date(2027, 1, 4), frozenset("ba"))) == [
        "2026-12",
        "66.13",
        "2027-01-04T15:00:00Z",
        "2027-01-04",
        ["a", "b"],
    ]
    with pytest.raises(TypeError):
        plain(object())


@given(st.lists(st.integers(), min_size=2, max_size=6, unique=True), st.data())
def test_a_chain_shows_every_removal_and_swap(links: list[int], data: st.DataObject) -> None:
    def end(items: list[int]) -> str:
        before = ""
        for item in items:
            before = chain(before, item)
        return before

    place = data.draw(st.integers(0, len(links) - 2))
    swapped = [*links]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert end(swapped) != end(links)
    assert end(links[:place] + links[place + 1 :]) != end(links)


TIME = {"id": "a", "seconds": 600}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"consent": True}, {"consent": True}, []),
        ({"consent": True}, {"consent": False}, ["consent: was yes, is no now"]),
        (
            {"conditions": 3},
            {"conditions": 1},
            ["chronic condition groups: was 3, is 1 now"],
        ),
        (
            {"time": [TIME]},
            {"time": [TIME, {"id": "b", "seconds": 75}]},
            ["counted time: was 10 min 00 s, is 11 min 15 s now (entries: 1 added)"],
        ),
        (
            {"time": [TIME]},
            {"time": [{**TIME, "seconds": 300}]},
            ["counted time: was 10 min 00 s, is 5 min 00 s now (entries: 1 changed)"],
        ),
        (
            {"services": []},
            {"services": [{"code": "99490", "on": "2026-12-03"}]},
            ["services billed elsewhere: code 99490 on 2026-12-03 added"],
        ),
        (
            {"care_plan": {"shared_on": "2026-12-01"}},
            {"care_plan": {"shared_on": None}},
            ["care plan, shared on: was 2026-12-01, is none now"],
        ),
        (
            {"care_plan": None},
            {"care_plan": {"shared_on": "2026-12-01"}},
            ["care plan: was none, is shared on 2026-12-01 now"],
        ),
    ],
)
def test_what_changed_is_said_in_plain_words(
    before: dict[str, object], after: dict[str, object], said: list[str]
) -> None:
    assert list(differences(before, after)) == said


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "yes"),
        ("O'Keefe", "O'Keefe"),
        ("=1+1", "'=1+1"),
        ("+1 555", "'+1 555"),
        ("-2", "'-2"),
        ("@cmd", "'@cmd"),
        ("\tx", "'\tx"),
        (("E11.9", "I10"), "E11.9 I10"),
        (Decimal("66.13"), "66.13"),
    ],
)
def test_no_cell_is_a_formula(value: object, cell: str) -> None:
    assert safe_cell(value) == cell
