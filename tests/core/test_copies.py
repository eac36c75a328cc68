"""Copies of frozen values with some of them changed."""

from dataclasses import dataclass, replace
from functools import cached_property

import pytest

from ccm_flow.core.copies import copier


@dataclass(frozen=True)
class Purse:
    """Some coins."""

    owner: str
    coins: tuple[int, ...] = ()

    @cached_property
    def worth(self) -> int:
        """Their worth, worked out once."""
        return sum(self.coins)


PURSE = Purse("Ann", (1, 2))
changed = copier(Purse)


def test_a_copy_is_what_replace_gives() -> None:
    """With the same values, and the one it was made from unchanged."""
    assert changed(PURSE, coins=(5,)) == replace(PURSE, coins=(5,))
    assert changed(PURSE) == PURSE
    assert PURSE.coins == (1, 2)


def test_what_was_worked_out_once_is_worked_out_anew() -> None:
    """A copy never keeps what followed from other values, but takes it from who knows it."""
    assert PURSE.worth == 3
    assert changed(PURSE, coins=(5,)).worth == 5
    assert changed(PURSE, coins=(5, 5), worth=10).worth == 10


def test_a_value_it_does_not_have_is_not_taken() -> None:
    """A misspelt name never passes unseen."""
    with pytest.raises(KeyError):
        changed(PURSE, coin=5)
