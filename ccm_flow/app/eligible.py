"""Who may be offered the program: everybody judged, ranked, and kept month by month."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Protocol

from ccm_flow.app.candidates import NOTHING_KNOWN, StaffKnowledge, judge_record
from ccm_flow.app.records import PatientRecord
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.condition_groups import ConditionGroups
from ccm_flow.core.ids import ClinicId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.verdict import Eligibility, Reason

EvidenceRow = Mapping[str, str | None]
"""`kind`, `text`, `code`, `system`, `group`, `lasts`, `since`, `until`, `source`; days in ISO."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A patient and the verdict about them."""

    patient: PatientId
    record: PatientRecord
    verdict: Eligibility


@dataclass(frozen=True, slots=True)
class EligibleRow:
    """One living patient as the list shows them; a program reads these very names."""

    patient: PatientId
    mrn: str
    patient_name: str
    eligible: bool
    groups: tuple[str, ...]
    reasons: tuple[str, ...]
    """What stands against the program; empty for whoever is eligible."""
    needs: tuple[str, ...]
    """What is open before it may be billed."""
    notices: tuple[str, ...]
    last_visit: date | None
    enrollment: EnrollmentStatus | None
    new: bool
    """Eligible now, and not when last month was reviewed."""
    evidence: tuple[EvidenceRow, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict about a patient that is kept for a month."""

    patient: PatientId
    verdict: Eligibility
    evidence: tuple[EvidenceRow, ...]


class EligibilityStore(Protocol):
    """What verdicts are made of, and where they are kept."""

    def records(self, clinic: ClinicId) -> Iterator[tuple[PatientId, PatientRecord]]:
        """Give every patient of a clinic, ordered by name."""
        ...

    def some(
        self, clinic: ClinicId, patients: Collection[PatientId]
    ) -> Sequence[tuple[PatientId, PatientRecord]]:
        """Give those of some patients who are the clinic's, ordered by name."""
        ...

    def known(self, clinic: ClinicId) -> Mapping[PatientId, StaffKnowledge]:
        """Give what the staff know beside the imported records."""
        ...

    def statuses(self, clinic: ClinicId) -> Mapping[PatientId, EnrollmentStatus]:
        """Tell how far those are who were enrolled."""
        ...

    def not_reviewed(self, clinic: ClinicId, month: Month) -> Collection[PatientId]:
        """List the patients without a verdict for a month."""
        ...

    def keep(self, clinic: ClinicId, month: Month, reviews: Sequence[Review], now: datetime) -> int:
        """Keep verdicts of patients who have none for the month; returns how many were new."""
        ...

    def eligible_before(self, clinic: ClinicId, month: Month) -> Mapping[PatientId, bool]:
        """Give each patient's latest verdict of an earlier month."""
        ...


def judge_everybody(
    store: EligibilityStore, clinic: ClinicId, rules: ConditionGroups, on: date, zone: tzinfo
) -> list[Judged]:
    """Judge every patient of a clinic as of one of its days, ordered by name."""
    return _judge(store, clinic, store.records(clinic), rules, on=on, zone=zone)


def judge_some(
    store: EligibilityStore,
    clinic: ClinicId,
    patients: Collection[PatientId],
    rules: ConditionGroups,
    *,
    on: date,
    zone: tzinfo,
) -> list[Judged]:
    """Judge some of a clinic's patients; those of another clinic are left out."""
    return _judge(store, clinic, store.some(clinic, patients), rules, on=on, zone=zone)


def _judge(
    store: EligibilityStore,
    clinic: ClinicId,
    records: Iterable[tuple[PatientId, PatientRecord]],
    rules: ConditionGroups,
    *,
    on: date,
    zone: tzinfo,
) -> list[Judged]:
    known = store.known(clinic)

    def verdict(patient: PatientId, record: PatientRecord) -> Eligibility:
        return judge_record(record, rules, on, known.get(patient, NOTHING_KNOWN), zone)

    return [Judged(patient, record, verdict(patient, record)) for patient, record in records]


def eligible_rows(
    store: EligibilityStore, clinic: ClinicId, judged: Iterable[Judged], month: Month
) -> list[EligibleRow]:
    """
    Give one row for each living patient, the most pressing first.

    The eligible come first; then those with more conditions, then those who were seen last.
    """
    statuses, before = store.statuses(clinic), store.eligible_before(clinic, month)
    rows = [
        EligibleRow(
            patient=one.patient,
            mrn=one.record.mrn,
            patient_name=f"{one.record.family_name}, {one.record.given_name}",
            eligible=one.verdict.is_candidate,
            groups=one.verdict.groups,
            reasons=one.verdict.reasons,
            needs=one.verdict.needs,
            notices=one.verdict.notices,
            last_visit=one.verdict.last_visit_on,
            enrollment=statuses.get(one.patient),
            new=bool(before) and one.verdict.is_candidate and not before.get(one.patient, False),
            evidence=evidence_rows(one.verdict),
        )
        for one in judged
        if Reason.DECEASED not in one.verdict.reasons
    ]
    return sorted(rows, key=_rank)


def _rank(row: EligibleRow) -> tuple[bool, int, int, str, str]:
    seen = row.last_visit.toordinal() if row.last_visit else 0
    return not row.eligible, -len(row.groups), -seen, row.patient_name, row.patient


def review_month(
    store: EligibilityStore,
    clinic: ClinicId,
    month: Month,
    rules: ConditionGroups,
    *,
    on: date,
    zone: tzinfo,
    now: datetime,
) -> int:
    """
    Keep the month's verdict about every living patient who has none yet; returns how many.

    Done again it adds only who is new to the clinic: the verdict of the day stays, since it is
    what an auditor asks for. Nobody is enrolled by it.
    """
    missing = set(store.not_reviewed(clinic, month))
    if not missing:
        return 0
    judged = judge_everybody(store, clinic, rules, on, zone)
    reviews = [
        Review(one.patient, one.verdict, evidence_rows(one.verdict))
        for one in judged
        if one.patient in missing and Reason.DECEASED not in one.verdict.reasons
    ]
    return store.keep(clinic, month, reviews, now)


def evidence_rows(verdict: Eligibility) -> tuple[EvidenceRow, ...]:
    """Give all that a verdict rests on: the conditions that count first, then everything else."""
    conditions = [
        {
            "kind": "condition",
            "text": row.display,
            "code": row.code,
            "system": row.system.value,
            "group": row.group,
            "lasts": row.persistence.value if row.persistence else None,
            "since": _day(row.onset_on),
            "until": None,
            "source": row.source,
        }
        for row in verdict.evidence
    ]
    others = [
        {
            "kind": row.kind,
            "text": row.text,
            "code": row.code or None,
            "system": None,
            "group": None,
            "lasts": None,
            "since": _day(row.since),
            "until": _day(row.until),
            "source": row.source,
        }
        for row in verdict.findings
    ]
    return (*conditions, *others)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
