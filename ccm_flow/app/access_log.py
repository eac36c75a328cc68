"""What the access log shows: who looked at whom and when, sign-ins and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ccm_flow.app.accounts import AccessEvent
from ccm_flow.core.ids import ClinicId, PatientId, PersonId


class LogKind(StrEnum):
    """What somebody wants to see of the log."""

    LOOKS = "looks"
    SIGN_INS = "sign_ins"
    REFUSALS = "refusals"
    ACCOUNTS = "accounts"


KINDS: Mapping[LogKind, frozenset[AccessEvent]] = {
    LogKind.LOOKS: frozenset({AccessEvent.PATIENT_SEEN, AccessEvent.EMERGENCY_TAKEN}),
    LogKind.SIGN_INS: frozenset(
        {AccessEvent.SIGNED_IN, AccessEvent.SIGNED_OUT, AccessEvent.SIGN_IN_FAILED}
    ),
    LogKind.REFUSALS: frozenset(
        {AccessEvent.REFUSED, AccessEvent.SIGN_IN_FAILED, AccessEvent.TOO_MANY_TRIES}
    ),
    LogKind.ACCOUNTS: frozenset(
        {
            AccessEvent.INVITED,
            AccessEvent.PASSWORD_SET,
            AccessEvent.CODE_SET_UP,
            AccessEvent.CODE_REMOVED,
            AccessEvent.ACCOUNT_DISABLED,
            AccessEvent.ACCESS_GRANTED,
            AccessEvent.ACCESS_WITHDRAWN,
            AccessEvent.SIGN_ON_BOUND,
        }
    ),
}
"""A refused sign-in is both a sign-in and a refusal."""


@dataclass(frozen=True, slots=True)
class LogWanted:
    """Which lines somebody wants to see."""

    clinics: tuple[ClinicId, ...]
    """Lines about these, and what their people did without a clinic, e.g. signing in."""
    everywhere: bool = False
    """All lines, whatever clinic; for administrators."""
    kind: LogKind | None = None
    person: PersonId | None = None
    patient: PatientId | None = None
    since: datetime | None = None
    until: datetime | None = None
    places: frozenset[str] | None = None
    """Where roles may be said to hold, as `where_text` writes it; None for anywhere."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line."""

    at: datetime
    what: str
    person: PersonId | None
    person_name: str
    clinic: ClinicId | None
    patient: PatientId | None
    patient_name: str
    """Empty where the reader sees no patients; the id stands for the patient there."""
    enrollment: str | None
    """For a link to the patient; None when there is none or the reader sees no patients."""
    detail: Mapping[str, str]


_SENTENCES = {
    AccessEvent.SIGNED_IN: "Signed in",
    AccessEvent.SIGN_IN_FAILED: "Wrong {wrong} at sign-in",
    AccessEvent.SIGNED_OUT: "Signed out",
    AccessEvent.PASSWORD_SET: "Set a password",
    AccessEvent.CODE_SET_UP: "Set up one-time codes",
    AccessEvent.CODE_REMOVED: "One-time codes were reset by {by}",
    AccessEvent.INVITED: "Invited by {by}",
    AccessEvent.ACCOUNT_DISABLED: "Account disabled by {by}",
    AccessEvent.ACCESS_GRANTED: "Made {role} {where} by {by}",
    AccessEvent.ACCESS_WITHDRAWN: "No longer {role} {where}, by {by}",
    AccessEvent.SIGN_ON_BOUND: "Single sign-on bound by {by}",
    AccessEvent.TOO_MANY_TRIES: "Too many tries at sign-in",
    AccessEvent.PATIENT_SEEN: "Looked at a patient",
    AccessEvent.EMERGENCY_TAKEN: "Took emergency access to a patient",
    AccessEvent.REFUSED: "Was refused: {permission}",
}
_IN_EMERGENCY = "Looked at a patient under emergency access"
_SET_UP = {"setup": "the command line", "e-mail": "a verified e-mail"}


ELSEWHERE = "elsewhere"


def without_names(detail: Mapping[str, str], places: frozenset[str] | None) -> Mapping[str, str]:
    """Leave out where a role holds that is not one of the places that the reader knows."""
    if places is None or "where" not in detail or detail["where"] in places:
        return detail
    return {**detail, "where": ELSEWHERE}


def line_text(what: str, detail: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Say what a line tells; `names` gives people's names by their ids."""
    try:
        event = AccessEvent(what)
        sentence = _IN_EMERGENCY if _is_in_emergency(event, detail) else _SENTENCES[event]
    except ValueError:
        return what.replace("_", " ").capitalize()
    values = {key: str(value).replace("_", " ") for key, value in detail.items()}
    by = str(detail.get("by", ""))
    values["by"] = names.get(by) or _SET_UP.get(by) or by or "somebody"
    return sentence.format_map(_Unknown(values))


def _is_in_emergency(event: AccessEvent, detail: Mapping[str, str]) -> bool:
    return event is AccessEvent.PATIENT_SEEN and "emergency" in detail


class _Unknown(dict[str, str]):
    """Lets an old line lack a word."""

    def __missing__(self, key: str) -> str:
        return "something"
