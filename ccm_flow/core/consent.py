"""
Consent: what has to be said, who may take it by word, and from when to when it is in force.

Verbal or written, always documented: availability and cost sharing, one practitioner in a month,
the right to stop at the end of any calendar month (NGS Care Management; Noridian CCM). It binds
the billing practitioner: a change of practitioner asks for a new one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month


class ConsentKind(StrEnum):
    """What the patient said."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"


class ConsentMode(StrEnum):
    """How the patient said it; both are documented."""

    VERBAL = "verbal"
    WRITTEN = "written"


class Statement(StrEnum):
    """What a patient must have heard before agreeing; the words are in rules/consent.yaml."""

    AVAILABILITY = "availability"
    COST_SHARING = "cost_sharing"
    ONE_PRACTITIONER = "one_practitioner"
    RIGHT_TO_STOP = "right_to_stop"


EVERY_STATEMENT: Final = frozenset(Statement)
NOTE_FIELDS: Final[Mapping[Statement, str]] = MappingProxyType(
    {
        Statement.AVAILABILITY: "offer_told",
        Statement.COST_SHARING: "cost_told",
        Statement.ONE_PRACTITIONER: "one_practice_told",
        Statement.RIGHT_TO_STOP: "right_to_stop_told",
    }
)
"""The fields of the consent note that confirm each statement."""
_YES: Final = ("true", "yes", "1")


class VerbalConsent(StrEnum):
    """Where a clinic's Medicare contractor accepts consent by word."""

    ALLOWED = "allowed"
    SEEN_WITHIN_12_MONTHS = "seen_within_12_months"
    """Noridian: verbal for patients seen within 12 months; written for the others."""


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What a consent of one patient has to meet."""

    verbal: VerbalConsent = VerbalConsent.ALLOWED
    seen_within_a_year: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the patient."""

    kind: ConsentKind
    taken_at: datetime
    effective_from: date
    """The clinic's day on which it was given."""
    practitioner: PersonId | None = None
    """The billing practitioner it binds; None in old records, where it binds whoever bills."""
    last_day: date | None = None
    """Of a revocation: the last day of the calendar month."""


@dataclass(frozen=True, slots=True)
class PractitionerChange:
    """From a day on somebody else bills."""

    on: date
    practitioner: PersonId | None
    before: PersonId | None


@dataclass(frozen=True, slots=True)
class InForce:
    """A consent that covers a month."""

    since: datetime
    """When it was given; minutes before never count, not even in the same month."""
    practitioner: PersonId | None
    last_day: date | None
    """The end of the month in which a revocation takes effect; None without one."""


def confirmed(statements: Collection[Statement], note: Mapping[str, object]) -> set[Statement]:
    """Give what was said to the patient: as named, or as confirmed in the note's fields."""
    in_note = {
        statement
        for statement, field in NOTE_FIELDS.items()
        if str(note.get(field, "")).strip().lower() in _YES
    }
    return set(statements) | in_note


def consent_problem(said: Collection[Statement], mode: ConsentMode, terms: ConsentTerms) -> str:
    """Say in a sentence why a consent cannot be taken; empty when it can."""
    missing = [one.value.replace("_", " ") for one in Statement if one not in said]
    if missing:
        return (
            "Consent counts only when all four statements were read to the patient; "
            f"not confirmed: {', '.join(missing)}."
        )
    limited = terms.verbal is VerbalConsent.SEEN_WITHIN_12_MONTHS
    if mode is ConsentMode.VERBAL and limited and not terms.seen_within_a_year:
        return (
            "This clinic takes consent by word only from patients seen within 12 months; "
            "this patient was not."
        )
    return ""


def billing_in(
    month: Month, now_billing: PersonId | None, changes: Iterable[PractitionerChange]
) -> frozenset[PersonId | None]:
    """
    Give whoever bills, or billed, in a month.

    In the month of a change it is both: the consent to the former one still covers it, a new one
    is needed from the next month on.
    """
    ordered = sorted(changes, key=lambda change: change.on)
    first = ordered[0].before if ordered else now_billing
    at_start = first
    within = []
    for change in ordered:
        if change.on < month.first_day:
            at_start = change.practitioner
        elif change.on <= month.last_day:
            within.append(change.practitioner)
    return frozenset({at_start, *within})


def in_force(
    answers: Iterable[Answer], month: Month, billing: frozenset[PersonId | None]
) -> InForce | None:
    """
    Give the consent that covers a month; None when there is none.

    A revocation takes effect at the end of its calendar month, unless the patient agrees again
    before. A refusal ends a consent at once. What was said after the month does not reach back.
    """
    current: Answer | None = None
    last_day: date | None = None
    for answer in sorted(answers, key=lambda one: one.taken_at):
        if answer.effective_from > month.last_day:
            break
        match answer.kind:
            case ConsentKind.ACCEPTED if answer.practitioner in {None, *billing}:
                lapsed = last_day is not None and answer.effective_from > last_day
                current = answer if current is None or lapsed else current
                last_day = None
            case ConsentKind.REVOKED if current is not None:
                last_day = answer.last_day
            case ConsentKind.DECLINED:
                current = last_day = None
            case _:  # an acceptance for somebody who does not bill, or nothing to take back
                pass
    if current is None or (last_day is not None and last_day < month.last_day):
        return None
    return InForce(current.taken_at, current.practitioner, last_day)
