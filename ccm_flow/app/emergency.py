"""Taking emergency access to a patient, and telling those who watch over access."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.app.mail import Letter, MailError, Post
from ccm_flow.core.emergency import LASTS, reason_problem
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, PersonId

_LOG = logging.getLogger("ccm_flow.web")


class EmergencyReasonError(CcmError):
    """Without a reason there is no emergency access."""

    exit_code = 2
    hint = "Nothing was opened. The reason is kept; do not write the patient's name into it."


class NoSuchRecordError(CcmError):
    """The clinic has nobody of that record number in the program."""

    exit_code = 4
    hint = "Check the record number (MRN) and the clinic. The try is in the access log."

    def __init__(self) -> None:
        super().__init__("Nobody of that record number is in the clinic's program.")


class OutOfReachError(CcmError):
    """A clinic with which the person has nothing to do, or where they see patients anyway."""

    exit_code = 4
    hint = "Choose one of the clinics in the list."

    def __init__(self) -> None:
        super().__init__("There is no such clinic that you could ask for.")


@dataclass(frozen=True, slots=True)
class EmergencyAccess:
    """One person's look at one patient, out of turn."""

    id: str
    clinic: ClinicId
    patient: PatientId
    enrollment: EnrollmentId
    person: PersonId
    because: str
    begun_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """The same, as those who watch over access see it."""

    access: EmergencyAccess
    person_name: str
    clinic_name: str
    patient_name: str
    """Empty for readers who see no patients at the clinic."""
    looks: int
    """How often the patient was looked at under it."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody who watches over access at a clinic."""

    person: PersonId
    email: str | None


class Emergencies(Protocol):
    """Where emergency access is kept."""

    def find(self, clinic: ClinicId, mrn: str) -> tuple[PatientId, EnrollmentId] | None:
        """Find who is in a clinic's program by the whole record number."""
        ...

    def watchers(self, clinic: ClinicId) -> Sequence[Watcher]:
        """Name those who watch over access at a clinic."""
        ...

    def keep(self, access: EmergencyAccess, tell: Collection[PersonId]) -> bool:
        """Keep it with its lines and messages, once; False when it was kept before."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    id: str
    """Made when the form was shown: sent twice, it counts once."""
    clinic: ClinicId
    mrn: str
    because: str
    person: PersonId
    at: datetime


def take_access(store: Emergencies, wanted: Wanted) -> EmergencyAccess:
    """
    Open a patient's record to somebody for an hour, and tell those who watch over access.

    Raises:
        EmergencyReasonError: there is no reason.
        NoSuchRecordError: the clinic has no such patient in the program.
    """
    problem = reason_problem(wanted.because)
    if problem is not None:
        raise EmergencyReasonError(problem)
    found = store.find(wanted.clinic, wanted.mrn.strip())
    if found is None:
        raise NoSuchRecordError
    patient, enrollment = found
    access = EmergencyAccess(
        id=wanted.id,
        clinic=wanted.clinic,
        patient=patient,
        enrollment=enrollment,
        person=wanted.person,
        because=wanted.because.strip(),
        begun_at=wanted.at,
        until=wanted.at + LASTS,
    )
    watchers = store.watchers(wanted.clinic)
    store.keep(access, {one.person for one in watchers} - {wanted.person})
    return access


def write_to_watchers(
    store: Emergencies, post: Post | None, access: EmergencyAccess, link: str
) -> None:
    """Send those who watch over access an e-mail; a mail server that is away stops nobody."""
    if post is None or not link:
        return
    for watcher in store.watchers(access.clinic):
        if watcher.email and watcher.person != access.person:
            try:
                post.send(_letter(watcher.email, link))
            except MailError:
                _LOG.exception("an e-mail about emergency access was not taken")


def _letter(to: str, link: str) -> Letter:
    return Letter(
        to,
        "Emergency access to a patient",
        "Somebody who may not see a patient's record took emergency access to it.\n\n"
        f"Who, when and why: {link}/emergency-access\n",
    )
