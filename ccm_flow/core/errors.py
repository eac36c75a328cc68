"""What can go wrong, as types: a sentence for the person and facts for the program."""

from datetime import date
from typing import ClassVar


class CcmError(Exception):
    """Something a person can put right; `str()` says what is wrong, `hint` what to do."""

    exit_code: ClassVar[int] = 1
    hint: str = ""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        if hint:
            self.hint = hint


class BadMonthError(CcmError):
    """A text that should name a month does not."""

    exit_code = 2
    hint = "Write the year and the month's number, as in 2026-11."

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is not a month.")
        self.text = text


class CalendarTooShortError(CcmError):
    """A date lies outside the calendar that was worked out for a cycle."""

    hint = "Deadlines may not lie further ahead than the cycle's calendar reaches."

    def __init__(self, first: date, last: date, wanted: int) -> None:
        super().__init__(f"The working calendar covers {first} to {last}; a date lies outside it.")
        self.first, self.last, self.wanted = first, last, wanted


class PlanError(CcmError):
    """A compiled playbook contradicts itself; the checker should have refused it."""

    exit_code = 2
    hint = "Run the playbook's check and publish it again."
