"""Did you mean: the nearest known word."""

import itertools
from collections.abc import Iterable
from difflib import get_close_matches

PLACEHOLDER = "?"
"""Stands for a text that was reported already; never suggested."""

_MOST_LISTED = 12
_MOST_COMPARED = 500


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that `word` was probably meant to be."""
    words = list(itertools.islice(known, _MOST_COMPARED))
    lowered = word.strip().lower().replace("-", "_").replace(" ", "_")
    if lowered in words:
        return lowered
    found = get_close_matches(word[:80], words, n=3, cutoff=0.6)
    # A first letter is rarely mistyped: `unreachd` is `unreachable` rather than `reached`.
    found.sort(key=lambda known: known[:1] != word[:1])
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], what: str = "Known") -> str:
    """Suggest the nearest word, or list the known ones."""
    words = sorted(word for word in known if word != PLACEHOLDER)
    near = nearest(word, words)
    if near is not None:
        return f"Did you mean '{near}'?"
    if not words:
        return f"{what}: none yet."
    rest = len(words) - _MOST_LISTED
    more = f" and {rest} more" if rest > 0 else ""
    return f"{what}: {', '.join(words[:_MOST_LISTED])}{more}."
