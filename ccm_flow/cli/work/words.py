"""Reading the words and amounts that people type."""

from enum import StrEnum
from typing import TypeVar

from ccm_flow.core.errors import CcmError

Word = TypeVar("Word", bound=StrEnum)


class BadWordError(CcmError):
    """A word that is not one of the known ones, or an amount of time that is none."""

    exit_code = 2


def parse_word(kind: type[Word], what: str, text: str) -> Word:
    """Read one of a closed list of words; raises `BadWordError`."""
    try:
        return kind(text.strip().lower())
    except ValueError:
        known = ", ".join(word.value for word in kind)
        raise BadWordError(f"'{text}' is not a {what}.", f"Choose one of: {known}.") from None
