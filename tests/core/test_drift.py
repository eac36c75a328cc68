"""Figures that can be compared from month to month, and none where there is nothing to count."""

import pytest

from ccm_flow.core.drift import VALUE, Measure, MonthFigures, alarms, change, last_months
from ccm_flow.core.month import Month


def figures(month: str, patients: int = 10, **values: int) -> MonthFigures:
    known = {
        "ended": 10,
        "ready": 8,
        "steps_due": 40,
        "steps_on_time": 30,
        "contacts": 15,
        "seconds": 15_000,
        "escalations": 3,
    }
    return MonthFigures(Month.parse(month), patients, **{**known, **values})


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (Measure.READY, 80.0),
        (Measure.ON_TIME, 75.0),
        (Measure.CONTACTS, 1.5),
        (Measure.MINUTES, 25.0),
        (Measure.ESCALATIONS, 3.0),
    ],
)
def test_what_a_month_comes_to(measure: Measure, value: float) -> None:
    assert VALUE[measure](figures("2026-12")) == value


@pytest.mark.parametrize("measure", list(Measure))
def test_a_month_without_patients_has_no_figures(measure: Measure) -> None:
    empty = MonthFigures(Month(2026, 12), 0, 0, 0, 0, 0, 0, 0, 0)
    assert VALUE[measure](empty) is None
    assert change([empty, figures("2027-01")], measure) is None
    assert not empty.is_over


def test_what_changed_since_the_month_before() -> None:
    months = [figures("2026-11", ready=6), figures("2026-12")]
    assert change(months, Measure.READY) == 20.0
    assert change(months, Measure.CONTACTS) == 0.0
    assert change(months[:1], Measure.READY) is None


def test_the_months_up_to_one_cross_the_year() -> None:
    found = last_months(Month(2027, 1), 3)
    assert [str(month) for month in found] == ["2026-11", "2026-12", "2027-01"]


@pytest.mark.parametrize(
    ("last", "fell"),
    [
        ({}, set()),
        ({"ready": 7}, set()),
        ({"ready": 6}, {Measure.READY}),
        ({"steps_on_time": 26}, set()),
        ({"steps_on_time": 25}, {Measure.ON_TIME}),
        ({"contacts": 12}, set()),
        ({"contacts": 11}, {Measure.CONTACTS}),
        ({"seconds": 11_999}, {Measure.MINUTES}),
        ({"escalations": 0}, set()),
        ({"ended": 0, "ready": 0}, set()),
    ],
)
def test_a_measure_that_falls_too_far_below_the_three_months_before_is_an_alarm(
    last: dict[str, int], fell: set[Measure]
) -> None:
    before = [figures("2026-09"), figures("2026-10"), figures("2026-11")]
    assert {one.measure for one in alarms([*before, figures("2026-12", **last)])} == fell


def test_one_month_before_is_no_mean_and_older_ones_do_not_matter() -> None:
    bad = figures("2026-12", ready=0)
    empty = MonthFigures(Month(2026, 10), 0, 0, 0, 0, 0, 0, 0, 0)
    assert alarms([empty, empty, figures("2026-11"), bad]) == ()
    assert alarms([]) == ()
    (alarm,) = alarms([figures("2026-08", ready=0), *([figures("2026-11")] * 3), bad])
    assert (alarm.value, alarm.mean, alarm.fell_by) == (0.0, 80.0, 80.0)
