"""Counting the way into the program, as tables."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.funnel import ORDER, Journey, Stage, count_stages

START = datetime(2026, 11, 1, tzinfo=UTC)


def journey(*days: float | None, left: bool = False) -> Journey:
    """Give a patient who reached the first stages after so many days; None where nobody knows."""
    reached = {
        stage: START + timedelta(days=day)
        for stage, day in zip(ORDER, days, strict=False)
        if day is not None
    }
    return Journey(reached, START if left else None)


def test_stages_are_counted_with_what_went_on_and_how_long_it_took() -> None:
    rows = count_stages([journey(0), journey(0, 2), journey(0, 4, 5), journey(0, 6, left=True)])
    by_stage = {row.stage: row for row in rows}
    assert [(row.reached, row.here, row.left) for row in rows[:3]] == [
        (4, 1, 0),
        (3, 1, 1),
        (1, 1, 0),
    ]
    assert by_stage[Stage.INTRODUCED].share == 3 / 4
    assert by_stage[Stage.INTRODUCED].median_days == 4.0
    assert by_stage[Stage.CONSENTED].median_days == 1.0
    assert by_stage[Stage.VISIT_DONE].share == 0
    assert by_stage[Stage.PLAN_SHARED].share is None


def test_whoever_came_further_has_passed_the_stages_before() -> None:
    rows = count_stages([journey(0, None, 3)])
    assert [row.reached for row in rows] == [1, 1, 1, 0, 0, 0]
    assert rows[1].median_days is None


def test_nobody_gives_no_numbers() -> None:
    rows = count_stages([])
    assert {(row.reached, row.share, row.median_days) for row in rows} == {(0, None, None)}


some = st.builds(
    lambda days, left: journey(*days, left=left),
    st.lists(st.none() | st.floats(0, 60), min_size=1, max_size=6),
    st.booleans(),
)


@given(st.lists(some, max_size=12))
def test_everybody_is_in_one_place_and_no_stage_grows(journeys: list[Journey]) -> None:
    rows = count_stages(journeys)
    assert sum(row.here + row.left for row in rows) == len(journeys)
    reached = [row.reached for row in rows]
    assert reached == sorted(reached, reverse=True)
