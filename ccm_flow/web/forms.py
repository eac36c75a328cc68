"""Values that forms send, read strictly."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.app.care import ClinicView
from ccm_flow.core.errors import CcmError

Word = TypeVar("Word", bound=StrEnum)
LONGEST_TEXT: Final = 4000
_MINUTES: Final = re.compile(r"\d{1,3}")


class BadFormError(CcmError):
    """A form cannot be taken as it is; the message names everything that is wrong."""

    exit_code = 2
    hint = "Nothing was recorded yet."

    def __init__(self, problems: Iterable[str]) -> None:
        super().__init__(" ".join(problems))


def in_clinic_time(clinic: ClinicView, moment: datetime) -> datetime:
    """Read a date and a time without a zone as the clinic's; give the instant in UTC."""
    return moment.replace(tzinfo=clinic_zone(clinic.hours.time_zone)).astimezone(UTC)


class Typed:
    """What a person typed into a form. Reads field by field and collects what is wrong."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    @classmethod
    async def of(cls, request: Request) -> "Typed":
        """Read a request's form; files are left out."""
        form = await request.form()
        return cls({name: value for name, value in form.items() if isinstance(value, str)})

    @property
    def click(self) -> str:
        """The form's own id, made when the page was shown."""
        return self.text("click", "The form's id", most=64)

    def text(self, name: str, what: str, *, needed: bool = True, most: int = LONGEST_TEXT) -> str:
        """Read a text without blanks around it; empty when it is not needed."""
        text = self.values.get(name, "").strip()
        if needed and not text:
            self.problems.append(f"{what} is missing.")
        if len(text) > most:
            self.problems.append(f"{what} is longer than {most} characters.")
        return text

    def word(self, name: str, what: str, kind: type[Word]) -> Word | None:
        """Read one of a closed list of words."""
        text = self.values.get(name, "")
        if text in set(kind):
            return kind(text)
        self.problems.append(f"{what} is missing.")
        return None

    def minutes(self, name: str, what: str) -> int:
        """Read whole minutes."""
        text = self.values.get(name, "").strip()
        if _MINUTES.fullmatch(text):
            return int(text)
        self.problems.append(f"{what} must be whole minutes, e.g. 12.")
        return 0

    def moment(self, name: str, what: str, zone: ZoneInfo, otherwise: datetime) -> datetime:
        """Read the clinic's time; `otherwise` where nothing was typed."""
        text = self.values.get(name, "").strip()
        if not text:
            return otherwise
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            self.problems.append(f"{what} is not a date and a time.")
            return otherwise
        at = local.replace(tzinfo=zone) if local.tzinfo is None else local
        try:
            there = at.astimezone(UTC)
            if there.astimezone(zone).replace(tzinfo=None) != local and local.tzinfo is None:
                self.problems.append(f"{what} was skipped at the clinic: the clocks went forward.")
        except OverflowError:
            self.problems.append(f"{what} is not a date and a time.")
            return otherwise
        return there

    def check(self) -> None:
        """
        Refuse the form when anything is wrong.

        Raises:
            BadFormError: with everything that is.
        """
        if self.problems:
            raise BadFormError(self.problems)
