"""Copies of frozen values with some of them changed."""

from dataclasses import replace

import pytest

from ccm_flow.core.copies import copier
from ccm_flow.core.deadlines import Budget, Unit

BUDGET = Budget(3, Unit.DAYS)
changed = copier(Budget)


def test_a_copy_is_what_replace_gives() -> None:
    """With the same values, and the one it was made from unchanged."""
    assert changed(BUDGET, count=5) == replace(BUDGET, count=5)
    assert changed(BUDGET) == BUDGET
    assert BUDGET.count == 3


def test_a_value_it_does_not_have_is_not_taken() -> None:
    """A misspelt name never passes unseen."""
    with pytest.raises(KeyError):
        changed(BUDGET, counts=5)
