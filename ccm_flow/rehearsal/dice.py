"""Draws by lot that depend on names alone, so that the same seed gives the same result."""

import hashlib
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Even draws in [0, 1); what is drawn for one name does not hang on what was drawn before."""

    def __init__(self, key: str) -> None:
        self._key = key

    def roll(self, name: str) -> float:
        """Draw for a name."""
        digest = hashlib.blake2b(f"{self._key}|{name}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def pick(self, name: str, weights: Mapping[T, float]) -> T:
        """Choose one of several by weight; there must be one."""
        mark = self.roll(name) * sum(weights.values())
        for choice, weight in weights.items():
            mark -= weight
            if mark < 0:
                return choice
        return next(reversed(list(weights)))
