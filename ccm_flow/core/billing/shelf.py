"""The rule files of all years, and the one that holds for a month."""

from dataclasses import dataclass

from ccm_flow.core.billing.rules import RuleBook
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month


class NoRulesError(CcmError):
    """No rule file covers a month."""

    exit_code = 4
    hint = "`ccm rules list` shows the months there are rules for; add a file for this one."

    def __init__(self, month: Month) -> None:
        super().__init__(f"There are no billing rules for {month}.")
        self.month = month


@dataclass(frozen=True, slots=True)
class RuleShelf:
    """Rule files without overlaps, in the order of their months."""

    books: tuple[RuleBook, ...]

    def book(self, month: Month) -> RuleBook:
        """
        Give the rules for a month.

        Raises:
            NoRulesError: no file covers it.
        """
        for book in self.books:
            if book.covers(month):
                return book
        raise NoRulesError(month)
