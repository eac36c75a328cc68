"""The hand-off digest at the end of a clinic's day: a page, and an e-mail with numbers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from ccm_flow.app.mail import Letter, MailError, Post
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.digest import Digest, Task, digest_of
from ccm_flow.core.ids import ClinicId, PersonId

MOST_TRIES: Final = 5
"""How often a mail server that refuses is asked again, in one evening."""
AHEAD: Final = timedelta(days=14)
"""How far the calendar has to reach: a next working day lies within."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who works at a clinic, with what they have open."""

    person: PersonId
    name: str
    email: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class ClinicDay:
    """A clinic that is open today, and when it closes."""

    clinic: ClinicId
    name: str
    calendar: WorkCalendar


class DigestStore(Protocol):
    """What is known for digests, and which were sent."""

    def clinics(self, now: datetime) -> list[ClinicDay]:
        """List the active clinics with a calendar around now."""
        ...

    def recipients(self, clinic: ClinicId, day: date, now: datetime) -> list[Recipient]:
        """List who has an address and no digest of the day yet."""
        ...

    def claim(self, clinic: ClinicId, person: PersonId, day: date, now: datetime) -> bool:
        """Take a digest on; False when it was sent, is being sent, or failed too often."""
        ...

    def sent(self, clinic: ClinicId, person: PersonId, day: date, now: datetime) -> None:
        """Note that it went out."""
        ...

    def refused(self, clinic: ClinicId, person: PersonId, day: date, now: datetime) -> None:
        """Note that the mail server did not take it."""
        ...


def tomorrow_ends(calendar: WorkCalendar, now: datetime) -> datetime:
    """Give when the clinic closes on its next working day."""
    return calendar.closing(calendar.business_day_after(calendar.date_of(now), 1))


def send_digests(store: DigestStore, post: Post, link: str, now: datetime) -> int:
    """
    Send the digests of all clinics that have closed for today; gives how many went out.

    Called again and again: each person gets one a day. When the mail server refuses, a later
    call tries again; when the program dies between sending and noting it, the digest is not sent
    again: what counts is on the page, and two e-mails that differ would confuse.
    """
    count = 0
    for clinic in store.clinics(now):
        day = clinic.calendar.date_of(now)
        if not clinic.calendar.is_business_day(day) or now < clinic.calendar.closing(day):
            continue
        for who in store.recipients(clinic.clinic, day, now):
            count += _send_one(store, _Sending(post, link, now), clinic, who)
    return count


@dataclass(frozen=True, slots=True)
class _Sending:
    """What all digests of one round share."""

    post: Post
    link: str
    now: datetime


def _send_one(store: DigestStore, sending: _Sending, clinic: ClinicDay, who: Recipient) -> bool:
    """Tell whether the person's digest went out just now."""
    now = sending.now
    day = clinic.calendar.date_of(now)
    digest = digest_of(who.tasks, now, tomorrow_ends(clinic.calendar, now))
    if digest.is_empty or not store.claim(clinic.clinic, who.person, day, now):
        return False
    try:
        sending.post.send(_letter(clinic, who, digest, sending.link))
    except MailError:
        store.refused(clinic.clinic, who.person, day, now)
        return False
    store.sent(clinic.clinic, who.person, day, now)
    return True


def _letter(clinic: ClinicDay, who: Recipient, digest: Digest, link: str) -> Letter:
    """Write the e-mail: numbers and a link, so that nothing about a patient leaves the program."""
    lines = [
        f"{who.name}, this is open for you at {clinic.name}:",
        "",
        *(f"  {len(numbers)}  {text}" for text, numbers in shares(digest)),
        "",
        f"Who and what: {link}",
        "",
    ]
    return Letter(who.email, f"{len(digest.open)} open at {clinic.name}", "\n".join(lines))


def shares(digest: Digest) -> Sequence[tuple[str, tuple[int, ...]]]:
    """Give the digest's parts with their titles, in the order in which they matter."""
    return (
        ("late", digest.late),
        ("promised", digest.promised),
        ("callbacks due", digest.callbacks),
        ("due by the end of the next working day", digest.tomorrow),
        ("open altogether", digest.open),
    )
