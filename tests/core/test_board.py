"""Everybody stands in one column, by rules that the page tells."""

import itertools
from dataclasses import fields

import pytest

from ccm_flow.core.board import RULES, TITLES, Column, MonthSeen, column_of

GOOD = {"reached": True, "documented": True}


@pytest.mark.parametrize(
    ("seen", "column"),
    [
        (MonthSeen(enrolling=True), Column.PENDING_ENROLLMENT),
        (MonthSeen(), Column.NEEDS_FOLLOW_UP),
        (MonthSeen(running=False, **GOOD), Column.NEEDS_FOLLOW_UP),
        (MonthSeen(late=True, **GOOD), Column.NEEDS_FOLLOW_UP),
        (MonthSeen(follow_up_open=True, **GOOD), Column.NEEDS_FOLLOW_UP),
        (MonthSeen(reached=True), Column.CONTACTED),
        (MonthSeen(reached=True, missing=2, open_steps=1), Column.CONTACTED),
        (MonthSeen(missing=1, **GOOD), Column.DOCUMENTED),
        (MonthSeen(open_steps=1, **GOOD), Column.DOCUMENTED),
        (MonthSeen(**GOOD), Column.BILLING_READY),
        (MonthSeen(ended=True, ended_ready=True), Column.BILLING_READY),
        (MonthSeen(ended=True), Column.LEFT),
        (MonthSeen(ended=True, **GOOD), Column.LEFT),
    ],
)
def test_a_patient_stands_where_the_rules_say(seen: MonthSeen, column: Column) -> None:
    assert column_of(seen) is column


def test_nobody_with_something_missing_is_ready_while_the_month_runs() -> None:
    names = [one.name for one in fields(MonthSeen)]
    for values in itertools.product((False, True), repeat=len(names)):
        seen = MonthSeen(**dict(zip(names, values, strict=True)))
        if column_of(seen) is Column.BILLING_READY and not seen.ended:
            assert seen.reached
            assert not any((seen.missing, seen.open_steps, seen.late))


def test_every_column_says_its_rule() -> None:
    assert set(RULES) == set(TITLES) == set(Column)
