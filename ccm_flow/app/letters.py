"""The scorecard of the last month by e-mail: numbers and a link, to those who asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from ccm_flow.app.mail import Letter, MailError, Post
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.app.scorecard_text import alarm_text, share_text
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.scorecard import TITLES, Count

LATEST: Final = 10
"""The day of the next month on which the letter goes out, also when patients' months still run."""
MOST_TRIES: Final = 5
"""How often a mail server that refuses is asked again."""
_TOLD: Final = (
    Count.PATIENTS,
    Count.READY,
    Count.NOT_READY,
    Count.ON_TIME,
    Count.LATE,
    Count.MISSED,
    Count.UNANSWERED,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asked for a clinic's letters, has an address and may see its months now."""

    person: PersonId
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Due:
    """A clinic whose last month is to be told."""

    clinic: ClinicId
    month: Month
    readers: tuple[Reader, ...]
    """Who has no letter about it yet."""


class LetterStore(Protocol):
    """What is known for letters, and which were sent."""

    def due(self, now: datetime) -> list[Due]:
        """List the clinics whose last month can be told, with who has no letter yet."""
        ...

    def claim(self, clinic: ClinicId, person: PersonId, month: Month, now: datetime) -> bool:
        """Take a letter on; False when it was sent, is being sent, or failed too often."""
        ...

    def settle(
        self, clinic: ClinicId, person: PersonId, month: Month, now: datetime, *, sent: bool
    ) -> None:
        """Note that it went out, or that the mail server did not take it."""
        ...


def can_be_told(today: date, month: Month, running: int) -> bool:
    """
    Tell whether a month that is over can be told: when no patient's month of it runs any more.

    On the 10th of the next month it is told anyway.
    """
    latest = month.next.first_day.replace(day=LATEST)
    return today >= latest or (today > month.last_day and running == 0)


def send_letters(
    store: LetterStore,
    post: Post,
    link: str,
    card_of: Callable[[ClinicId, Month], Scorecard],
    now: datetime,
) -> int:
    """
    Send what is due; gives how many letters went out.

    Called again and again: each person gets one letter about a clinic's month. When the program
    dies between sending and noting it, the letter is not sent again.
    """
    count = 0
    for due in store.due(now):
        card: Scorecard | None = None
        for reader in due.readers:
            if not store.claim(due.clinic, reader.person, due.month, now):
                continue
            card = card or card_of(due.clinic, due.month)
            sent = _sent(post, _letter(card, reader, link))
            store.settle(due.clinic, reader.person, due.month, now, sent=sent)
            count += sent
    return count


def _sent(post: Post, letter: Letter) -> bool:
    try:
        post.send(letter)
    except MailError:
        return False
    return True


def _letter(card: Scorecard, reader: Reader, link: str) -> Letter:
    """Write the e-mail: numbers and a link, so that nothing about a patient leaves the program."""
    lines = [
        f"{reader.name}, this was {card.month} at {card.name}:",
        "",
        f"  Ready: {share_text(card.ready_percent)}",
        f"  On time: {share_text(card.on_time_percent)}",
        f"  Minutes: {card.minutes}",
        "",
        *(f"  {card.count(count)}  {TITLES[count].lower()}" for count in _TOLD),
        "",
        *(alarm_text(alarm) for alarm in card.alarms),
        f"What is behind each number: {link}/clinics/{card.clinic}/months/{card.month}/scorecard",
        "You get this because you asked for it; the page ends it too.",
        "",
    ]
    return Letter(reader.email, f"{card.name}: {card.month} in numbers", "\n".join(lines))
