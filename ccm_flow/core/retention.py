"""
How long patients' data are kept, and what removing them leaves of the ledger.

Six years are the least for documentation (HIPAA, 45 CFR 164.316(b)(2)(i)); Medicare asks for seven
of who bills or orders (42 CFR 424.516(f)) and for ten of a Medicare Advantage organization's
contractors (42 CFR 422.504(d)). So ten years are kept unless somebody says otherwise.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from ccm_flow.core.canonical import Plain, fingerprint
from ccm_flow.core.ids import PatientId

USUAL_YEARS: Final = 10
LEAST_YEARS: Final = 6
REMOVED: Final = "(removed)"
"""Stands where somebody had typed something about a patient whose data were removed."""
REMOVAL_KIND: Final = "patient_removed"
_TYPED: Final = "because"
"""What people typed, as lines of the ledger call it."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a patient's retention hangs on."""

    patient: PatientId
    is_in_program: bool
    """In the program, on the way into it, or with a month that runs."""
    last_at: datetime
    """When the last thing happened that is to be kept."""
    is_removed: bool = False


def kept_until(last: date, years: int) -> date:
    """Give the first day on which something may be removed; February 29 becomes March 1."""
    try:
        return last.replace(year=last.year + years)
    except ValueError:
        return date(last.year + years, 3, 1)


def is_due(keeping: Keeping, today: date, years: int) -> bool:
    """Tell whether the time for which a patient's data are kept is over."""
    over = today >= kept_until(keeping.last_at.date(), years)
    return over and not keeping.is_in_program and not keeping.is_removed


def without_texts(detail: Mapping[str, Any]) -> Plain:
    """Give a line's content without what somebody typed; ids, instants and words stay."""
    return {name: _cleaned(name, value) for name, value in detail.items()}


def _cleaned(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {inner: _cleaned(inner, one) for inner, one in value.items()}
    if isinstance(value, list):
        return [_cleaned(name, one) for one in value]
    return REMOVED if name == _TYPED and isinstance(value, str) and value else value


def removal_proof(lines: Mapping[int, str]) -> str:
    """Give the hash that a removal's own line holds over the lines that it left without texts."""
    return fingerprint(sorted([number, sha256] for number, sha256 in lines.items()))


class Removals:
    """
    Follows a chain of lines some of which were left without texts.

    The hash of such a line can no longer be worked out; the chain goes on from the one that was
    kept. What it holds now has a hash of its own, and the line that tells of the removal, whole
    and in the chain, holds one over all of those. So nothing can pass as removed that was not.
    """

    def __init__(self) -> None:
        self._left: dict[str, dict[int, str]] = defaultdict(dict)
        self._said: dict[str, str] = {}

    def left(self, removal: str, number: int, content: Plain) -> None:
        """Note a line that is said to have been left without texts."""
        self._left[removal][number] = fingerprint(content)

    def whole(self, content: Plain) -> None:
        """Note a line that is what its hash stands for."""
        if content["kind"] == REMOVAL_KIND:
            self._said[content["detail"]["removal"]] = content["detail"]["sha256"]

    def unproved(self) -> list[int]:
        """Give the numbers of lines that no removal accounts for as they are."""
        return sorted(
            number
            for removal, lines in self._left.items()
            if self._said.get(removal) != removal_proof(lines)
            for number in lines
        )
