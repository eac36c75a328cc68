"""What a happening means for a cycle, rule by rule."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.happening import (
    HappeningKind,
    Standing,
    Stay,
    is_in_hospital,
    what_follows,
    what_is_put_right,
)
from ccm_flow.core.ids import PersonId
from ccm_flow.core.plan import PlaybookKind, Trigger

ANN = PersonId("ann")
NOON = datetime(2026, 12, 7, 12, tzinfo=UTC)
MONTH = Standing(PlaybookKind.MONTHLY, paused=False, takes=frozenset({Trigger.DISCHARGE}))
STILL = Standing(PlaybookKind.MONTHLY, paused=True, takes=frozenset({Trigger.DISCHARGE}))
EPISODE = Standing(PlaybookKind.EPISODE, paused=False, takes=frozenset({Trigger.ADMISSION}))
KINDS = list(HappeningKind)


def stays(*told: str) -> list[Stay]:
    """Read `admission 3 told 5`: it happened on day 3 and was told on day 5."""
    found = []
    for text in told:
        kind, day, _, told_on = text.split()
        at, received = (NOON + timedelta(days=int(number)) for number in (day, told_on))
        found.append(Stay(HappeningKind(kind), at, received))
    return found


@pytest.mark.parametrize(
    ("told", "there"),
    [
        ((), False),
        (("admission 1 told 1",), True),
        (("transfer 1 told 1",), True),
        (("admission 1 told 1", "discharge 3 told 3"), False),
        (("discharge 3 told 3", "admission 1 told 5"), False),
        (("admission 1 told 1", "discharge 3 told 3", "admission 4 told 4"), True),
        (("admission 4 told 4", "discharge 3 told 5"), True),
        (("admission 1 told 1", "discharge 1 told 2"), False),
    ],
)
def test_where_somebody_is_follows_from_what_happened_last(
    told: tuple[str, ...], there: bool
) -> None:
    assert is_in_hospital(stays(*told)) is there


@given(st.permutations(stays("admission 1 told 9", "transfer 2 told 3", "discharge 4 told 4")))
def test_the_order_of_telling_does_not_matter(told: list[Stay]) -> None:
    assert not is_in_hospital(told)


@pytest.mark.parametrize(
    ("kind", "cycle", "in_hospital", "events"),
    [
        ("admission", MONTH, True, ["cycle_paused"]),
        ("admission", STILL, True, []),
        ("admission", MONTH, False, []),
        ("admission", EPISODE, True, ["triggered"]),
        ("transfer", MONTH, True, ["cycle_paused"]),
        ("transfer", EPISODE, True, []),
        ("discharge", STILL, False, ["cycle_resumed", "triggered"]),
        ("discharge", MONTH, False, ["triggered"]),
        ("discharge", STILL, True, ["triggered"]),
        ("discharge", EPISODE, False, []),
        ("lab_result", MONTH, False, []),
        ("death", STILL, True, ["patient_died"]),
        ("death", EPISODE, False, ["patient_died"]),
        ("withdrawal", MONTH, False, ["patient_withdrew"]),
    ],
)
def test_what_a_cycle_is_told(
    kind: str, cycle: Standing, in_hospital: bool, events: list[str]
) -> None:
    told = what_follows(
        HappeningKind(kind), cycle, in_hospital=in_hospital, by=ANN, because="said so"
    )
    assert [event.kind for event in told] == events


@pytest.mark.parametrize(
    ("kind", "cycle", "in_hospital", "its_own", "events"),
    [
        ("admission", STILL, False, True, ["cycle_resumed"]),
        ("admission", STILL, False, False, []),
        ("admission", STILL, True, True, []),
        ("discharge", MONTH, True, False, ["cycle_paused"]),
        ("discharge", EPISODE, True, True, ["month_closed"]),
        ("discharge", EPISODE, True, False, []),
        ("admission", EPISODE, False, True, []),
        ("death", MONTH, False, True, []),
        ("callback", MONTH, False, True, []),
    ],
)
def test_what_a_cycle_is_told_when_it_is_taken_back(
    kind: str, cycle: Standing, in_hospital: bool, its_own: bool, events: list[str]
) -> None:
    told = what_is_put_right(
        HappeningKind(kind),
        cycle,
        in_hospital=in_hospital,
        its_own=its_own,
        by=ANN,
        because="mistake",
    )
    assert [event.kind for event in told] == events


@given(
    kind=st.sampled_from(KINDS),
    paused=st.booleans(),
    cycle=st.sampled_from(list(PlaybookKind)),
    takes=st.frozensets(st.sampled_from(list(Trigger))),
    in_hospital=st.booleans(),
)
def test_clocks_never_stop_twice_nor_start_while_somebody_is_in_hospital(
    kind: HappeningKind,
    paused: bool,
    cycle: PlaybookKind,
    takes: frozenset[Trigger],
    in_hospital: bool,
) -> None:
    standing = Standing(cycle, paused, takes)
    told = [
        event.kind
        for event in what_follows(kind, standing, in_hospital=in_hospital, by=ANN, because="")
    ]
    assert not ("cycle_paused" in told and (paused or not in_hospital))
    assert not ("cycle_resumed" in told and (not paused or in_hospital))
    assert len(told) == len(set(told))
