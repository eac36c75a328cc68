"""
How alike two notes are.

Notes that repeat each other word for word are a red flag in an audit of chronic care management
("cloned documentation": medicare-rules section 3, red flags). They are shown to people and never
stop anything: two quiet months may honestly read alike.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

FLAG_FROM: Final = 0.9
"""From this share on a note is flagged."""
MINIMUM_WORDS: Final = 20
"""Shorter notes are stock answers; their likeness says nothing."""
_SHINGLE: Final = 3
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """The note that is most like another one."""

    note: str
    percent: int
    """Whole percent, rounded down: 100 only when nothing differs."""


def words_of(text: str) -> tuple[str, ...]:
    """Give the words of a text without case, accents and punctuation; numbers are words too."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return tuple(_WORD.findall(bare))


def is_long_enough(text: str) -> bool:
    """Tell whether a text says enough to be compared."""
    return len(words_of(text)) >= MINIMUM_WORDS


def similarity(one: str, other: str) -> float:
    """
    Give the share of three-word sequences that two texts have in common, from 0 to 1.

    It is the Jaccard index of the two sets: 1 for the same words, whatever the order of repeated
    sentences; 0 for texts that share no sequence, and for a text without words.
    """
    return _jaccard(_shingles(one), _shingles(other))


def most_alike(text: str, others: Iterable[tuple[str, str]]) -> Likeness | None:
    """
    Find the note that a text repeats, among `(id, text)`; None when it repeats none.

    Of several equally alike the first one is given.
    """
    if not is_long_enough(text):
        return None
    mine = _shingles(text)
    best: tuple[float, str] | None = None
    for id_, other in others:
        share = _jaccard(mine, _shingles(other)) if is_long_enough(other) else 0.0
        if share >= FLAG_FROM and (best is None or share > best[0]):
            best = (share, id_)
    return None if best is None else Likeness(best[1], int(best[0] * 100))


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = words_of(text)
    if len(words) < _SHINGLE:
        return frozenset([words]) if words else frozenset()
    return frozenset(words[at : at + _SHINGLE] for at in range(len(words) - _SHINGLE + 1))


def _jaccard(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    if not one or not other:
        return 0.0
    return len(one & other) / len(one | other)
