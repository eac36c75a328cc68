"""Alerts between a clinic and its vendor: raised, given on, shown, mailed, acknowledged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from ccm_flow.app.mail import Letter, MailError, Post
from ccm_flow.core.alerts import Alert, AlertAct, AlertEvent, AlertKind, Standing
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, PersonId

MOST_TRIES: Final = 5
"""How often the mail server is asked for one person."""


class NoSuchAlertError(CcmError):
    """There is no such alert here."""

    exit_code = 4
    hint = "`ccm alert list` names them."

    def __init__(self, id_: str) -> None:
        super().__init__(f"There is no alert '{id_}'.")


class NotYoursToTakeError(CcmError):
    """Somebody of the organization that sent it cannot say that it was seen."""

    exit_code = 4

    def __init__(self, organization: str, *, by_phone: bool) -> None:
        hint = (
            "If you called the number and somebody took it, say who that was."
            if by_phone
            else "Whoever has it now, or a colleague of theirs, acknowledges it."
        )
        super().__init__(f"The alert is for {organization}.", hint)


class AlertOverError(CcmError):
    """There is nothing to acknowledge any more."""

    exit_code = 4
    hint = "Nothing was recorded."

    def __init__(self, said: str) -> None:
        super().__init__(f"The alert is over: {said}.")


@dataclass(frozen=True, slots=True)
class HookTry:
    """One message to another system because of an alert, and what came of it."""

    url: str
    event: str
    state: str
    at: datetime
    answer: str
    """What the last try came to; empty before the first."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as people look at it."""

    alert: Alert
    events: tuple[AlertEvent, ...]
    stands: Standing
    names: Mapping[str, str]
    """Of people and organizations."""
    patient: PatientId
    patient_name: str
    time_zone: str
    title: str
    """Of the step it is about."""
    question: str = ""
    hooks: tuple[HookTry, ...] = ()

    def name(self, id_: str | None) -> str:
        """Give somebody's name, or an organization's."""
        return "nobody" if id_ is None else self.names.get(id_, id_)

    def is_late(self, now: datetime) -> bool:
        """Whether nobody took it by the time that is set now."""
        stands = self.stands
        return stands.is_waiting and (
            stands.gave_up or (stands.until is not None and stands.until < now)
        )

    def reply_is_late(self, now: datetime) -> bool:
        """Whether the answer came, or still has to come, after its time."""
        due, end = self.alert.reply_due_at, self.stands.ended
        return due is not None and (end.at if end is not None else now) > due


@dataclass(frozen=True, slots=True)
class Mailing:
    """An e-mail that is due for whoever has an alert."""

    alert: str
    number: int
    """Which of its tries, from 1."""
    person: PersonId
    name: str
    email: str
    clinic_name: str


class AlertStore(Protocol):
    """Where alerts are kept."""

    def raise_new(self) -> int:
        """Raise what the ledger holds since; gives how many alerts were raised."""
        ...

    def move_on_due(self, now: datetime) -> int:
        """Give on, once each, what nobody acknowledged in time; gives how many moved."""
        ...

    def take_mailings(self, now: datetime) -> Sequence[Mailing]:
        """Take e-mails that are due; each is noted as on its way before it is given."""
        ...

    def note_mailing(self, mailing: Mailing, now: datetime, refused: str) -> None:
        """Keep what came of one; an empty text says that the server took it."""
        ...


def look_after_alerts(store: AlertStore, now: datetime) -> int:
    """Raise what is new and give on what nobody took in time; returns how much was done."""
    return store.raise_new() + store.move_on_due(now)


def mail_alerts(store: AlertStore, post: Post, link: str, now: datetime) -> int:
    """
    Send the e-mails that are due; gives how many the mail server took.

    One that was taken on by a worker that died is sent again ten minutes later: an alert that
    comes twice does less harm than one that does not come.
    """
    sent = 0
    for mailing in store.take_mailings(now):
        refused = ""
        try:
            post.send(_letter(mailing, link))
        except MailError as error:
            refused = str(error)
        store.note_mailing(mailing, now, refused)
        sent += not refused
    return sent


def _letter(mailing: Mailing, link: str) -> Letter:
    """Write the e-mail: where and who, and nothing about a patient."""
    lines = [
        f"{mailing.name}, an alert at {mailing.clinic_name} waits for you.",
        "",
        f"See it and say that you take it: {link}/{mailing.alert}",
        "",
    ]
    return Letter(mailing.email, f"An alert at {mailing.clinic_name}", "\n".join(lines))


KINDS: Final[Mapping[AlertKind, str]] = {
    AlertKind.QUESTION: "Question",
    AlertKind.NOTICE: "Deadline passed",
    AlertKind.ANSWER: "Answer",
}


def event_text(view: AlertView, event: AlertEvent) -> str:  # noqa: C901 - one case for each act
    """Say one thing that happened to an alert."""
    who, why = view.name(event.person), event.because
    match event.act:
        case AlertAct.RAISED:
            return f"{who} told {view.name(view.alert.to_organization)}"
        case AlertAct.GIVEN:
            return f"Given to {who}: {why}"
        case AlertAct.CALLED_FOR:
            return f"To be called: {event.phone} ({why})"
        case AlertAct.SHOWN:
            return f"Shown to {who}"
        case AlertAct.MAILING:
            return f"E-mail to {who} on its way to the mail server"
        case AlertAct.MAILED:
            return f"The mail server took the e-mail to {who}"
        case AlertAct.MAIL_REFUSED:
            return f"The mail server refused the e-mail to {who}: {why}"
        case AlertAct.ACKNOWLEDGED:
            return f"{who} takes it" + (f": {why}" if why else "")
        case AlertAct.UNACKNOWLEDGED:
            return "Nobody acknowledged it in time, and nobody is left to give it to"
        case AlertAct.ANSWERED:
            return f"Answered by {who}"
        case AlertAct.SETTLED:
            return f"Over: {why}"


def stands_text(view: AlertView, now: datetime) -> str:
    """Say in a few words how an alert stands."""
    stands = view.stands
    if stands.ended is not None:
        return "answered" if stands.ended.act is AlertAct.ANSWERED else "over"
    if stands.acknowledged is not None:
        return "taken"
    if stands.gave_up:
        return "nobody took it"
    return "late" if view.is_late(now) else "waiting"


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Which alerts somebody wants to see."""

    clinics: tuple[ClinicId, ...]
    waiting: bool = False
    """Only those that nobody acknowledged, and that still matter."""
    late: bool = False
    """Only those that the first who had them did not acknowledge in time."""
    enrollment: EnrollmentId | None = None
    start: int = 0
    limit: int = 50
